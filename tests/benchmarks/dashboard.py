"""What the pages about requests cost the server with a month of 100,000 requests in the log.

uv run --group dev python -m tests.benchmarks.dashboard                    (SQLite, in a folder of its own)
DATABASE_URL=postgres://… uv run --group dev python -m tests.benchmarks.dashboard    (an empty database)
"""

import os
import tempfile
import time

import django

REQUESTS = int(os.environ.get("REQUESTS", "100000"))
RUNS = 7
USAGE = ("usage/?days=7", "usage/?days=30", "usage/?days=90", "routes/")
LOG = (
    *("", "?p=500", "?status__exact=failed", "?status__exact=interrupted", "?face__exact=api"),
    *("?model=model-3", "?upstream=Upstream+2", "?day=7", "?q=person-3", "?q=req-77", "?o=-9", "?q=sk-000"),
)


def main() -> None:
    os.environ |= {"DJANGO_SETTINGS_MODULE": "chatsite.settings", "ENV_FILE": os.devnull, "SECRET_KEY": "x"}
    with tempfile.TemporaryDirectory() as data:
        os.environ["DATA_DIR"] = data
        django.setup()
        prepare()
        measure()


def prepare() -> None:
    from django.core.management import call_command
    from django.db import connection

    from chat.models import UsageDay
    from tests.traffic import month

    call_command("migrate", verbosity=0)
    took(f"write {REQUESTS:,} requests", lambda: month(REQUESTS))
    # As a database does by itself that has held them for more than a minute.
    connection.cursor().execute("ANALYZE")
    took("the report without the days being added up", whole_report)
    took("add up the days (in the background, once a day)", UsageDay.objects.close_past)


def took(name: str, work) -> None:
    began = time.perf_counter()
    work()
    print(f"{name:<60} {time.perf_counter() - began:8.2f} s", flush=True)


def whole_report() -> None:
    from chat.models import UsageReport

    report = UsageReport(30)
    _ = report.total, report.by_user, report.by_key, report.routes


def measure() -> None:
    from django.conf import settings
    from django.test import Client

    from chat.models import ModelRequest, User
    from tests.benchmarks.measure import show

    settings.ALLOWED_HOSTS = ["testserver"]
    admin, person = Client(), Client()
    admin.force_login(User.objects.create_superuser("measuring"))
    person.force_login(User.objects.get(username="person-0"))
    latest = ModelRequest.objects.first()
    assert latest
    pages = [(admin, f"/admin/{page}") for page in USAGE]
    pages += [(admin, f"/admin/chat/modelrequest/{page}") for page in (*LOG, f"{latest.pk}/change/")]
    pages += [(person, "/usage"), (person, "/usage?days=90")]
    for client, page in pages:
        client.get(page)
        show(page, [timed(client, page, time.perf_counter) for _ in range(RUNS)], "ms")
        show("  of the processor", [timed(client, page, time.process_time) for _ in range(RUNS)], "ms")


def timed(client, page: str, clock) -> float:
    """On a busy machine the processor's clock tells more; the time of a PostgreSQL is in the other one only."""
    began = clock()
    response = client.get(page)
    assert response.status_code == 200, (page, response.status_code)
    return (clock() - began) * 1000


if __name__ == "__main__":
    main()
