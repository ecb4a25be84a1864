from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from chat.models import Conversation
from chat.pages.days import day_label

TODAY = date(2026, 3, 20)


@pytest.mark.parametrize(
    ("day", "label"),
    [
        (date(2026, 3, 21), "Today"),
        (date(2026, 3, 20), "Today"),
        (date(2026, 3, 19), "Yesterday"),
        (date(2026, 3, 18), "Previous 7 days"),
        (date(2026, 3, 13), "Previous 7 days"),
        (date(2026, 3, 12), "Previous 30 days"),
        (date(2026, 2, 18), "Previous 30 days"),
        (date(2026, 2, 17), "February"),
        (date(2025, 12, 31), "December 2025"),
    ],
)
def test_a_day_is_called_by_how_long_ago_it_was(day, label):
    assert day_label(day, TODAY) == label


def titled(owner, *titles, age=timedelta(0)):
    for place, title in enumerate(titles):
        Conversation.objects.create(
            owner=owner, title=title, updated_at=timezone.now() - age - timedelta(seconds=place)
        )


def test_conversations_stand_under_their_days_the_latest_first(owners, owner):
    titled(owner, "Older one", age=timedelta(days=5))
    titled(owner, "First", "Second")
    html = owners.get("/").content.decode()
    places = [html.index(each) for each in ("Today", "First", "Second", "Previous 7 days", "Older one")]
    assert places == sorted(places)
    assert html.count('class="sidebar__day"') == 2


def test_a_day_is_the_readers(owners, owner, monkeypatch):
    noon = datetime(2026, 3, 20, 12, tzinfo=UTC)
    monkeypatch.setattr(timezone, "now", lambda: noon)
    Conversation.objects.create(owner=owner, title="Late", updated_at=noon - timedelta(hours=11, minutes=30))
    assert "Today" in owners.get("/").content.decode()
    owners.cookies["time_zone"] = "America/Los_Angeles"
    assert "Yesterday" in owners.get("/").content.decode()


@pytest.mark.parametrize("zone", ["Nowhere/Atall", "../../etc/passwd", "", "America"])
def test_a_zone_that_does_not_exist_is_passed_over(owners, owner, zone):
    titled(owner, "First")
    owners.cookies["time_zone"] = zone
    assert "Today" in owners.get("/").content.decode()


def test_only_the_current_conversation_is_marked(owners, owner, conversation):
    titled(owner, "Another")
    html = owners.get(f"/c/{conversation.public_id}").content.decode()
    assert html.count('aria-current="page"') == 1


def test_others_do_not_see_it(strangers, owner):
    titled(owner, "Private")
    assert "Private" not in strangers.get("/").content.decode()


def test_the_next_page_goes_on_where_the_first_ended(owners, owner):
    titled(owner, *(f"Title {number}." for number in range(50)))
    first = owners.get("/").content.decode()
    last = Conversation.objects.get(title="Title 39.")
    assert "Title 39." in first
    assert "Title 40." not in first
    assert f"/conversations?after={last.public_id}" in first
    second = owners.get("/conversations", {"after": last.public_id}).content.decode()
    assert "Title 40." in second
    assert "Title 49." in second
    assert "Title 39." not in second
    assert "Today" not in second
    assert "sidebar__more" not in second


def test_conversations_of_the_same_moment_are_neither_lost_nor_doubled(owners, owner):
    Conversation.objects.bulk_create(
        Conversation(owner=owner, title=f"Title {number}.", updated_at=timezone.now()) for number in range(50)
    )
    Conversation.objects.update(updated_at=timezone.now())
    first = owners.get("/").content.decode()
    after = first.split("/conversations?after=")[1][:22]
    second = owners.get("/conversations", {"after": after}).content.decode()
    assert (first + second).count(">Title ") == 50


def test_a_strangers_conversation_is_no_place_to_begin(strangers, conversation):
    assert strangers.get("/conversations", {"after": conversation.public_id}).status_code == 404


def test_the_list_costs_the_same_queries_however_long(
    owners, owner, django_assert_max_num_queries, django_assert_num_queries
):
    titled(owner, "First")
    with django_assert_max_num_queries(8) as short:
        owners.get("/")
    titled(owner, *map(str, range(60)))
    with django_assert_num_queries(len(short)):
        owners.get("/")
