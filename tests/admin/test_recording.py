"""What is asked is written down only for a time, by whoever has the right to have that done."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from chat.models import ApiKey, LanguageModel, ModelRequest, Recording, RequestBody
from chat.models import recording as recordings
from tests.traffic import asked

PAGE = "/admin/chat/recording/"


@pytest.fixture(autouse=True)
def _nothing_is_known_of_earlier_tests():
    recordings.known.forget()


@pytest.fixture
def admin(client, administrator):
    client.force_login(administrator)
    return client


def form(until, **fields) -> dict[str, object]:
    local = timezone.localtime(until)
    return {"until_0": f"{local:%Y-%m-%d}", "until_1": f"{local:%H:%M:%S}", **fields}


def after(**time):
    return timezone.now() + timedelta(**time)


def test_it_warns_before_and_after_it_is_begun(admin, administrator):
    assert "can read it" in admin.get(f"{PAGE}add/").content.decode()
    page = admin.post(f"{PAGE}add/", form(after(hours=1)), follow=True).content.decode()
    assert "Bodies are being recorded" in page
    assert Recording.objects.get().started_by == administrator


@pytest.mark.parametrize("until", [timedelta(minutes=-5), timedelta(days=8), timedelta(days=4000)])
def test_it_ends_soon(admin, until):
    admin.post(f"{PAGE}add/", form(timezone.now() + until))
    assert not Recording.objects.exists()


@pytest.mark.parametrize(
    "until", [{}, {"until_0": "x", "until_1": "y"}, {"until_0": "2026-13-45", "until_1": "1"}]
)
def test_a_time_that_is_none_is_refused(admin, until):
    assert admin.post(f"{PAGE}add/", until).status_code == 200
    assert not Recording.objects.exists()


def test_it_is_ended_before_its_time(admin, administrator):
    recording = Recording.objects.create(until=after(hours=1), started_by=administrator)
    admin.post(PAGE, {"action": "end", "_selected_action": [recording.pk]})
    assert not Recording.objects.active().exists()


def test_staff_need_the_right(client, owner):
    owner.is_staff = True
    owner.save(update_fields=["is_staff"])
    owner.user_permissions.set(
        Permission.objects.filter(codename__in=["view_modelrequest", "view_requestbody"])
    )
    client.force_login(owner)
    assert client.post(f"{PAGE}add/", form(after(hours=1))).status_code == 403
    assert not Recording.objects.exists()


def test_it_is_neither_changed_nor_deleted(admin):
    recording = Recording.objects.create(until=after(hours=1))
    assert admin.post(f"{PAGE}{recording.pk}/change/", form(after(days=6))).status_code == 403
    assert admin.post(f"{PAGE}{recording.pk}/delete/", {"post": "yes"}).status_code == 403


def test_without_one_nothing_is_wanted(owner):
    assert not recordings.wanted(owner.pk, None, None)


def test_one_of_everybody_wants_everything(owner):
    Recording.objects.create(until=after(hours=1))
    assert recordings.wanted(owner.pk, None, 3)


def test_one_that_is_limited_wants_what_it_is_for(owner, stranger):
    key = ApiKey.objects.create(owner=owner, digest="0")
    model = LanguageModel.objects.create(model_id="m")
    Recording.objects.create(until=after(hours=1), user=owner, key=key, model=model)
    assert recordings.wanted(owner.pk, key.pk, model.pk)
    assert not recordings.wanted(stranger.pk, key.pk, model.pk)
    assert not recordings.wanted(owner.pk, None, model.pk)
    assert not recordings.wanted(owner.pk, key.pk, model.pk + 1)


def test_a_recording_of_somebody_who_goes_does_not_become_one_of_everybody(owner, stranger):
    Recording.objects.create(until=after(hours=1), user=owner)
    owner.delete()
    assert not recordings.wanted(stranger.pk, None, None)


def test_it_is_known_without_asking_the_database_each_time(owner, django_assert_num_queries):
    Recording.objects.create(until=after(hours=1))
    with django_assert_num_queries(1):
        assert all(recordings.wanted(owner.pk, None, None) for _ in range(100))


def test_one_that_ends_is_over_at_once(owner, monkeypatch):
    recording = Recording.objects.create(until=after(hours=1))
    assert recordings.wanted(owner.pk, None, None)
    monkeypatch.setattr(recordings.timezone, "now", lambda: recording.until)
    assert not recordings.wanted(owner.pk, None, None)


def test_one_that_began_elsewhere_is_known_soon(owner, monkeypatch):
    assert not recordings.wanted(owner.pk, None, None)
    Recording.objects.create(until=after(hours=1))
    monkeypatch.setattr(recordings, "REFRESHED_EVERY", 0)
    assert recordings.wanted(owner.pk, None, None)


def kept(received, sent=None):
    request = asked(None)
    RequestBody.keep(request, received, sent)
    return RequestBody.objects.get(request=request).received


@pytest.mark.parametrize(
    "body",
    [
        {"headers": {"Authorization": "Bearer abc-secret-value"}},
        {"api_key": "abc-secret-value"},
        {"X-Api-Key": "abc-secret-value"},
        {"x-goog-api-key": ["abc-secret-value"]},
        {"messages": [{"content": "my key is sk-secret-value-1234567890"}]},
        {"messages": [{"content": "Authorization: Bearer secret-value-1234"}]},
        {"tools": [{"deep": [{"password": "secret-value"}]}]},
        [{"token": "secret-value"}],
    ],
)
def test_secrets_are_left_out(db, body):
    assert "secret-value" not in str(kept(body))


def test_what_is_no_secret_is_kept(db):
    body = {"max_tokens": 5, "stream": True, "messages": [{"role": "user", "content": "Is desk-top a word?"}]}
    assert kept(body) == body


def test_files_are_shortened(db):
    body = kept({"url": "data:image/png;base64," + "A" * 5000, "data": "QUJD" * 1000})
    assert body["url"].startswith("data:image/png;base64,[5,000")
    assert body["data"] == "[4,000 characters of encoded data]"


@pytest.mark.parametrize(
    "body",
    [
        {"messages": ["word " * 1_000_000]},
        {"messages": ["word " * 100] * 5000},
        [1] * 500_000,
        {"a": "\0 \ud800", "b": float("nan"), "\0": 1},
        None,
        "words",
    ],
)
def test_any_body_is_kept_within_bounds(db, body):
    assert len(str(kept(body))) < 250_000


def test_a_body_that_is_deep_does_no_harm(db):
    body: object = "x"
    for _ in range(5000):
        body = [body]
    assert kept(body)


def test_what_went_upstream_last_is_kept(db):
    request = asked(None)
    RequestBody.keep(request, {"a": 1}, {"b": 1})
    RequestBody.keep(request, {"a": 1}, {"b": 2})
    assert RequestBody.objects.get().sent == {"b": 2}
    assert ModelRequest.objects.count() == 1
