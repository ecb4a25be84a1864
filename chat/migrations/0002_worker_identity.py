from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models.functions import Now

import chat.models.worker


def forget_whose_they_are(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    """The defaults are of the process that migrates, and those that run beside it would look like its dead."""
    apps.get_model("chat", "Worker").objects.update(kernel="", started="")


class Migration(migrations.Migration):
    dependencies = [("chat", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="worker",
            name="kernel",
            field=models.CharField(default=chat.models.worker.this_kernel, max_length=100),
        ),
        migrations.AddField(
            model_name="worker",
            name="started",
            field=models.CharField(default=chat.models.worker.this_start, max_length=30),
        ),
        migrations.AlterField(
            model_name="worker",
            name="seen_at",
            field=models.DateTimeField(db_default=Now()),
        ),
        migrations.RunPython(forget_whose_they_are, migrations.RunPython.noop),
    ]
