from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0002_worker_identity"),
    ]

    operations = [
        migrations.AddField(
            model_name="message",
            name="idle_seconds",
            field=models.FloatField(default=0, help_text="Between the runs of an answer that was continued."),
        ),
    ]
