from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from chat.models import ApiKey, LanguageModel


def test_it_prints_the_key_and_nothing_else(owner, capsys):
    call_command("create_key", "olga", "--name", "Script", "--expires", "30d")
    secret = capsys.readouterr().out.strip()
    key = ApiKey.objects.find(secret)
    assert (key.owner, key.name) == (owner, "Script")
    assert abs(key.expires_at - timezone.now() - timedelta(days=30)) < timedelta(minutes=1)


def test_it_can_be_kept_to_some_models(owner, capsys):
    wanted = [LanguageModel.objects.create(model_id=name) for name in ("a", "vendor/b")]
    LanguageModel.objects.create(model_id="c")
    call_command("create_key", "olga", "--models", "a, vendor/b")
    assert list(ApiKey.objects.get().allowed_models.all()) == wanted


@pytest.mark.parametrize(
    "arguments",
    [
        ["nobody"],
        ["olga", "--models", "unknown"],
        ["olga", "--expires", "soon"],
        ["olga", "--expires", "0d"],
        ["olga", "--expires", "-3d"],
    ],
)
def test_what_it_cannot_do_it_says_and_issues_nothing(owner, arguments):
    with pytest.raises(CommandError):
        call_command("create_key", *arguments)
    assert not ApiKey.objects.exists()
