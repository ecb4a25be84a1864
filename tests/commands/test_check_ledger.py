from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from chat.models import Allowance, Balance, Charge, ModelRequest


@pytest.fixture
def charge(owner) -> Charge:
    """One request of a dollar, settled."""
    now = timezone.now()
    request = ModelRequest.objects.create(
        public_id="req_1", face="api", user=owner, model_name="m", status="complete", created_at=now, cost=1
    )
    allowance = Allowance.objects.create(user=owner, monthly_budget=10)
    balances = allowance.balances(now)
    charge = Charge.objects.create(
        request=request, allowance=allowance, created_at=now, settled_at=now, amount=Decimal(1)
    )
    Balance.objects.filter(pk__in=[each.pk for each in balances]).update(opening=0, spent=Decimal(1))
    return charge


def check() -> tuple[str, str]:
    """What it says, and what it complains of."""
    out, err = StringIO(), StringIO()
    try:
        call_command("check_ledger", stdout=out, stderr=err)
    except CommandError as error:
        return str(error), err.getvalue()
    return out.getvalue(), err.getvalue()


def test_it_says_that_the_ledger_adds_up(charge):
    assert check() == ("The ledger adds up: 1 requests, 4 balances.\n", "")


def test_it_finds_a_balance_that_is_not_the_sum_of_its_requests(charge):
    Balance.objects.filter(period="month").update(spent=Decimal("0.999999999"))
    said, complaints = check()
    assert said == "The ledger does not add up in 1 places."
    assert "0.999999999 was spent; its requests cost 1.000000000" in complaints


def test_it_finds_money_that_is_set_aside_for_nothing(charge):
    Balance.objects.filter(period="day").update(reserved=Decimal("0.5"))
    assert "0.500000000 is set aside; for its running requests it is 0" in check()[1]


def test_it_finds_a_charge_that_is_not_what_the_request_cost(charge):
    ModelRequest.objects.update(cost=Decimal(2))
    assert "Request req_1 is charged 1.000000000, and cost 2.000000000." in check()[1]


def test_it_finds_a_charge_that_was_never_settled(charge):
    Charge.objects.update(settled_at=None)
    assert "Request req_1 has ended, and 1.000000000 is still set aside for it." in check()[1]
