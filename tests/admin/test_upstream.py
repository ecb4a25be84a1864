import pytest
from django.db.models import CharField, Value
from django.db.models.functions import Cast

from chat.completions import UpstreamUnreachable
from chat.gateway.health import health
from chat.models import Route, Upstream
from tests.replay import ReplayServer
from tests.unclosed import forget_clients

KEY = "sk-secret-of-the-operator"
LIST = "/admin/chat/upstream/"


@pytest.fixture(autouse=True)
def _commits(transactional_db):
    """A new upstream is tested after its transaction."""


@pytest.fixture
def admin(client, administrator):
    client.force_login(administrator)
    return client


@pytest.fixture
def server():
    with ReplayServer() as server:
        server.models = ["small", "large"]
        yield server
    forget_clients()


@pytest.fixture
def upstream(server) -> Upstream:
    return Upstream.objects.create(name="Mine", family="compatible", base_url=server.base_url, api_key=KEY)


def fields(upstream: Upstream, **changes: str) -> dict[str, str]:
    kept = {"name": upstream.name, "family": upstream.family, "base_url": upstream.base_url, "enabled": "on"}
    return kept | {"api_key": ""} | changes


def change(admin, upstream: Upstream, **changes: str):
    return admin.post(f"{LIST}{upstream.pk}/change/", fields(upstream, **changes), follow=True)


def test_a_new_one_is_tested_at_once(admin, server):
    new = Upstream(name="New", family="compatible", base_url=server.base_url)
    page = admin.post(f"{LIST}add/", fields(new, api_key=KEY), follow=True)
    assert "New: 2 models" in page.content.decode()
    assert Upstream.objects.get().routes.count() == 2
    assert server.requests[-1].headers["authorization"] == f"Bearer {KEY}"


def test_the_key_is_on_no_page(admin, upstream):
    for path in (LIST, f"{LIST}{upstream.pk}/change/", f"{LIST}{upstream.pk}/history/"):
        assert KEY not in admin.get(path).content.decode()
    assert KEY not in change(admin, upstream, api_key=KEY, base_url="nonsense").content.decode()
    assert "•••• set" in admin.get(f"{LIST}{upstream.pk}/change/").content.decode()


def test_leaving_the_key_empty_keeps_it(admin, upstream):
    change(admin, upstream, name="Renamed")
    upstream.refresh_from_db()
    assert (upstream.name, upstream.api_key) == ("Renamed", KEY)


@pytest.mark.parametrize("changes", [{"base_url": "http://127.0.0.1:9/v1"}, {"family": "openai"}])
def test_the_key_is_not_sent_to_another_address_unless_it_is_entered_again(admin, upstream, changes):
    page = change(admin, upstream, **changes).content.decode()
    assert "The address has changed" in page
    upstream.refresh_from_db()
    assert (upstream.family, upstream.api_key) == ("compatible", KEY)
    change(admin, upstream, **changes, api_key="another")
    upstream.refresh_from_db()
    assert upstream.api_key == "another"


def test_a_new_key_replaces_the_old_one_and_is_tested(admin, upstream, server):
    assert "Mine: 2 models" in change(admin, upstream, api_key="another").content.decode()
    upstream.refresh_from_db()
    assert upstream.api_key == "another"
    assert server.requests[-1].headers["authorization"] == "Bearer another"


def test_the_key_can_be_removed(admin, upstream):
    change(admin, upstream, remove_api_key="on")
    upstream.refresh_from_db()
    assert upstream.api_key == ""


def test_a_key_that_cannot_be_read_is_not_lost_by_saving(admin, upstream):
    # What another secret key has encrypted.
    Upstream.objects.filter(pk=upstream.pk).update(api_key=Value(foreign := "gAAAAAB-of-another-site"))
    assert "cannot be read" in admin.get(f"{LIST}{upstream.pk}/change/").content.decode()
    change(admin, upstream, name="Renamed")
    stored = Upstream.objects.annotate(token=Cast("api_key", CharField())).values_list("token", flat=True)
    assert list(stored) == [foreign]


def test_the_test_says_how_many_models_there_are(admin, upstream):
    page = admin.post(f"{LIST}{upstream.pk}/test/", follow=True)
    assert "Mine: 2 models" in page.content.decode()


def test_the_test_says_what_went_wrong(admin, upstream, server):
    upstream.base_url = "http://127.0.0.1:9/v1"
    upstream.save(update_fields=["base_url"])
    page = admin.post(f"{LIST}{upstream.pk}/test/", follow=True).content.decode()
    assert "Mine: Nothing answers at 127.0.0.1:9." in page
    upstream.refresh_from_db()
    assert upstream.last_error.startswith("Nothing answers")
    assert upstream.checked_at


def add(admin, **changes: str):
    new = {"name": "New", "family": "compatible", "base_url": "", "api_key": "", "enabled": "on"}
    return admin.post(f"{LIST}add/", new | changes, follow=True).content.decode()


def test_one_that_does_not_work_is_not_congratulated_on(admin):
    page = add(admin, base_url="http://127.0.0.1:9/v1")
    assert "New is saved, but does not work yet. Nothing answers at 127.0.0.1:9." in page
    assert "successfully" not in page


def test_whoever_is_in_the_admin_is_not_sent_there(admin, upstream):
    words = (
        "The provider refused the site's key. An administrator can correct it in the admin, under Upstreams."
    )
    Upstream.objects.update(last_error=words)
    for path in (LIST, f"{LIST}{upstream.pk}/change/"):
        html = admin.get(path).content.decode()
        assert "refused the site&#x27;s key." in html
        assert "An administrator can" not in html


def test_a_refused_key_is_shown_as_such_until_another_is_entered(admin, upstream):
    upstream.refuse_key("The provider refused the site's key.")
    for path in (LIST, f"{LIST}{upstream.pk}/change/"):
        assert "Key refused on " in admin.get(path).content.decode()
    change(admin, upstream, name="Renamed")
    assert Upstream.objects.get().key_refused_at
    change(admin, upstream, api_key="another")
    assert Upstream.objects.get().key_refused_at is None


def test_a_new_key_is_used_even_if_the_server_does_not_list_its_models(admin, upstream):
    upstream.refuse_key("The provider refused the site's key.")
    change(admin, upstream, base_url="http://127.0.0.1:9/v1", api_key="another")
    assert Upstream.objects.get().key_refused_at is None


def test_a_connection_that_works_ends_its_cooldown_and_its_refusal(admin, upstream):
    route = Route(model_id=1, upstream_id=upstream.pk)
    health.fail(route, UpstreamUnreachable("Gone."), health.ask(route))
    upstream.refuse_key("The provider refused the site's key.")
    admin.post(f"{LIST}{upstream.pk}/test/")
    assert health.cooldown(route) == 0
    assert Upstream.objects.get().key_refused_at is None


def test_many_are_tested_from_the_list(admin, upstream):
    Upstream.objects.create(name="Gone", family="compatible", base_url="http://127.0.0.1:9/v1")
    chosen = {"action": "test_connections", "_selected_action": Upstream.objects.values_list("pk", flat=True)}
    page = admin.post(LIST, chosen, follow=True).content.decode()
    assert "Mine: 2 models" in page
    assert "Gone: Nothing answers" in page


def test_looking_does_not_test(admin, upstream, server):
    assert admin.get(f"{LIST}{upstream.pk}/test/").status_code == 405
    assert not server.requests


def test_a_stranger_cannot_test(client, owner, upstream, server):
    client.force_login(owner)
    client.post(f"{LIST}{upstream.pk}/test/")
    assert not server.requests


def test_what_the_environment_sets_is_not_edited(admin, upstream, server):
    Upstream.objects.update(origin="environment")
    assert KEY not in admin.get(f"{LIST}{upstream.pk}/change/").content.decode()
    change(admin, upstream, base_url="http://127.0.0.1:9/v1", api_key="another", name="Ours")
    upstream.refresh_from_db()
    assert (upstream.name, upstream.base_url, upstream.api_key) == ("Ours", server.base_url, KEY)
    assert admin.post(f"{LIST}{upstream.pk}/delete/").status_code == 403


def test_the_list_asks_as_often_for_many_as_for_one(admin, upstream, django_assert_max_num_queries):
    Upstream.objects.bulk_create(Upstream(name=f"U{n}", family="compatible") for n in range(30))
    with django_assert_max_num_queries(10):
        admin.get(LIST)
