from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from chat.models import Allowance, ApiKey, LanguageModel


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


def test_it_can_have_a_budget_and_a_rate(owner, capsys):
    call_command("create_key", "olga", "--budget", "0.50", "--rpm", "60")
    secret = capsys.readouterr().out
    assert secret.startswith("sk-")
    assert secret.count("\n") == 1
    limits = ApiKey.objects.get().allowance
    assert (limits.total_budget, limits.requests_per_minute) == (Decimal("0.5"), 60)


def test_without_a_limit_it_has_no_allowance(owner, capsys):
    call_command("create_key", "olga")
    assert not Allowance.objects.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["nobody"],
        ["olga", "--models", "unknown"],
        ["olga", "--expires", "soon"],
        ["olga", "--expires", "0d"],
        ["olga", "--expires", "-3d"],
        ["olga", "--name", "x" * 101],
        ["olga", "--budget=-1"],
        ["olga", "--budget", "much"],
        ["olga", "--budget", "NaN"],
        ["olga", "--budget", "Infinity"],
        ["olga", "--budget", "1e9"],
        ["olga", "--budget", "1e-12"],
        ["olga", "--rpm", "0"],
        ["olga", "--rpm=-5"],
        ["olga", "--rpm", "fast"],
        ["olga", "--rpm", "1.5"],
        ["olga", "--rpm", "9" * 30],
    ],
)
def test_what_it_cannot_do_it_says_and_issues_nothing(owner, arguments):
    with pytest.raises(CommandError):
        call_command("create_key", *arguments)
    assert not ApiKey.objects.exists()
