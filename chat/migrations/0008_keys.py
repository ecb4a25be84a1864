from django.db import migrations, models
from django.db.models import Exists, OuterRef

import chat.models.language_model


def restrict_what_was_chosen(apps, _schema_editor):
    key, model = apps.get_model("chat", "ApiKey"), apps.get_model("chat", "LanguageModel")
    models_of_keys = key.allowed_models.through.objects.filter(apikey=OuterRef("pk"))
    key.objects.filter(Exists(models_of_keys)).update(is_restricted=True)
    groups_of_models = model.groups.through.objects.filter(languagemodel=OuterRef("pk"))
    model.objects.filter(Exists(groups_of_models)).update(is_restricted=True)


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("chat", "0007_routes"),
    ]

    operations = [
        migrations.AddField(
            model_name="apikey",
            name="is_restricted",
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.AddField(
            model_name="languagemodel",
            name="is_restricted",
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.AlterField(
            model_name="languagemodel",
            name="capabilities",
            field=models.JSONField(
                blank=True,
                default=dict,
                help_text='What it takes where the site does not know better: {"inputs": ["image"], "max_output": 8192}.',
                validators=[chat.models.language_model.validate_capabilities],
            ),
        ),
        migrations.AddConstraint(
            model_name="languagemodel",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_default", True)), fields=("is_default",), name="one_default_model"
            ),
        ),
        migrations.RunPython(restrict_what_was_chosen, migrations.RunPython.noop),
    ]
