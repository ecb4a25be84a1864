"""Many threads that reserve and settle on the same allowances, and two that forget the same requests: PostgreSQL."""

import pytest

from tests.site import Site

pytestmark = [pytest.mark.postgres, pytest.mark.redis, pytest.mark.slow]

AT_ONCE = """
from concurrent.futures import ThreadPoolExecutor
from django.contrib.auth.models import Group
from django.db import close_old_connections, connection
from chat.completions import ChatRequest, Message, Text
from chat.gateway import Payer, Source, ledger
from chat.gateway.call import Call
from chat.models import Allowance, ApiKey, User

user = User.objects.create_user("busy")
groups = [Group.objects.create(name=f"Busy {number}") for number in range(4)]
user.groups.set(groups)
key = ApiKey(owner=user)
key.issue()
for holder in [{"user": user}, {"key": key}, *({"group": group} for group in groups)]:
    Allowance.objects.create(**holder, requests_per_minute=1_000_000)

def ask(_):
    call = Call(ChatRequest("any", (Message("user", (Text("Hello"),)),)), Source())
    call.payer = Payer(user, key)
    try:
        ledger.reserve(call, ())
        call.complete()
        ledger.settle(call)
    except Exception as error:
        return repr(error)
    finally:
        connection.close()

with ThreadPoolExecutor(12) as threads:
    failed = [error for error in threads.map(ask, range(200)) if error]
print(len(failed), failed[:2])
"""
FORGOTTEN_TWICE = """
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from django.db import connection, transaction
from chat.models import Balance, Charge, ModelRequest

# Of what other tests have left in this database.
Charge.objects.exclude(request__user__username="busy").delete()
Balance.objects.exclude(allowance__in=Charge.objects.values("allowance")).delete()
charges = list(Charge.objects.values_list("request", flat=True))
Charge.objects.update(amount=1)
both = Barrier(2)

def forget(_):
    with transaction.atomic():
        Charge.objects.count()
        both.wait()
        ModelRequest.objects.all()._forget(charges)
    connection.close()

with ThreadPoolExecutor(2) as threads:
    list(threads.map(forget, range(2)))
print({balance.opening == len(set(charges)) for balance in Balance.objects.all()})
"""


def test_the_ledger_keeps_up_with_many_at_once(sites: list[Site]):
    site = sites[0]
    assert said(site.manage("shell", "--no-imports", "-c", AT_ONCE)) == "0 []"
    assert "adds up" in site.manage("check_ledger")
    assert said(site.manage("shell", "--no-imports", "-c", FORGOTTEN_TWICE)) == "{True}"


def said(output: str) -> str:
    return output.strip().splitlines()[-1]
