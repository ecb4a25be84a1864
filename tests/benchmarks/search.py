"""How long a search of 1,000,000 messages takes, and a page of the sidebar among 100,000 conversations.

uv run --group dev python -m tests.benchmarks.search                 (SQLite, then a PostgreSQL of its own)
MESSAGES=100000 … for a quicker look
"""

import gc
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from random import Random
from subprocess import run

import django

MESSAGES = int(os.environ.get("MESSAGES", "1000000"))
MESSAGES_EACH = 9
QUERIES = 40
PAGES = 60
GIN = "CREATE INDEX chat_words_words ON chat_words USING gin (words) WITH (fastupdate = off)"


def main() -> None:
    if "IN_THIS_DATABASE" in os.environ:
        prepare_and_measure()
        return
    from tests.postgres import postgres

    with postgres() as url:
        for database in ("", url):
            environment = os.environ | {"IN_THIS_DATABASE": "", "DATABASE_URL": database}
            run([sys.executable, "-m", "tests.benchmarks.search"], env=environment, check=True)


def prepare_and_measure() -> None:
    os.environ |= {"DJANGO_SETTINGS_MODULE": "chatsite.settings", "ENV_FILE": os.devnull, "SECRET_KEY": "x"}
    with tempfile.TemporaryDirectory() as data:
        os.environ["DATA_DIR"] = data
        django.setup()
        prepare()
        measure()


def prepare() -> None:
    """Nine messages of ten are one person's, a thousand are another's."""
    from django.core.management import call_command
    from django.db import connection

    from chat.models import Unindexed, User
    from chat.models.word_index import TITLES
    from tests.library import fill, pour

    call_command("migrate", verbosity=0)
    print(f"\n{connection.vendor}", flush=True)
    pour()
    if connection.vendor == "postgresql":
        connection.cursor().execute("DROP INDEX chat_words_words")
    for name, share in (("most", 0.9), ("others", 0.099), ("few", 0.001)):
        owner = User.objects.create(username=name)
        conversations = int(MESSAGES * share / MESSAGES_EACH)
        took(f"write for “{name}”", lambda o=owner, c=conversations: fill(o, c, MESSAGES_EACH))
    # Of the titles a twentieth, the latest: the others would take as long as all the rest.
    Unindexed.objects.filter(document__lt=-TITLES + MESSAGES / 10).delete()
    took("index titles", lambda: all(iter(Unindexed.objects.take_up, False)))
    if connection.vendor == "postgresql":
        took("index words", lambda: connection.cursor().execute(GIN))
    connection.cursor().execute("ANALYZE")


def took(name: str, work: Callable[[], object]) -> None:
    began = time.perf_counter()
    work()
    print(f"{name:<44} {time.perf_counter() - began:8.1f} s", flush=True)


def measure() -> None:
    from django.conf import settings
    from django.test import Client

    from chat.models import User
    from tests.library import vocabulary

    settings.ALLOWED_HOSTS = ["testserver"]
    for name in ("most", "few"):
        client = Client()
        client.force_login(User.objects.get(username=name))
        be_warm(client)
        print(f"For “{name}”")
        for kind, asked in kinds(vocabulary()):
            report(kind, [timed(client, "/search", {"q": text}) for text in asked])
        report("the sidebar's first page", [timed(client, "/conversations", {}) for _ in range(PAGES)])


def be_warm(client) -> None:
    """As a site is that has been asked before: everything is loaded, and left alone by the collector of garbage."""
    for path in ("/search", "/conversations"):
        timed(client, path, {"q": "warm"})
    gc.collect()
    gc.freeze()


def kinds(words: list[str]) -> Iterator[tuple[str, list[str]]]:
    chance = Random(3)
    ranks = {"frequent": (0, 20), "usual": (200, 3000), "rare": (20_000, 50_000)}
    drawn = {name: chance.choices(words[first:last], k=QUERIES) for name, (first, last) in ranks.items()}
    for name, found in drawn.items():
        yield f"a {name} word", [f"{word} " for word in found]
    yield "two usual words", [" ".join(chance.choices(drawn["usual"], k=2)) + " " for _ in range(QUERIES)]
    yield (
        "a rare and a frequent one",
        [f"{a} {b} " for a, b in zip(drawn["rare"], drawn["frequent"], strict=True)],
    )
    for length in (2, 3, 5):
        yield f"the first {length} letters", [word[:length] for word in drawn["usual"]]
    yield "what nobody wrote", ["quetzalcoatl"] * QUERIES


def timed(client, path: str, query: dict[str, str]) -> tuple[float, float]:
    """On a busy machine the processor's clock tells more; the time of a PostgreSQL is in the other one only."""
    began, worked = time.perf_counter(), time.process_time()
    response = client.get(path, query, headers={"HX-Request": "true"})
    assert response.status_code == 200, (path, response.status_code)
    return (time.perf_counter() - began) * 1000, (time.process_time() - worked) * 1000


def report(name: str, values: list[tuple[float, float]]) -> None:
    from tests.benchmarks.measure import percentile

    whole, worked = zip(*values, strict=True)
    shares = "   ".join(f"p{share * 100:.0f} {percentile(whole, share):7.1f}" for share in (0.5, 0.95))
    print(f"  {name:<28} {shares}   of the processor p95 {percentile(worked, 0.95):7.1f} ms", flush=True)


if __name__ == "__main__":
    main()
