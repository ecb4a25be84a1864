import pytest
from django.core.cache import cache

from chat.models import User

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _no_attempts_yet():
    cache.clear()


def sign_in(client, login, password=PASSWORD, **fields):
    return client.post("/accounts/login/", {"login": login, "password": password, **fields})


def test_the_page_is_there_for_everybody(client, db):
    assert "Sign in" in client.get("/accounts/login/").content.decode()


@pytest.mark.parametrize("login", ["olga", "OLGA", "olga@example.org", "Olga@Example.org"])
def test_name_or_address_and_password_sign_in(client, owner, login):
    assert sign_in(client, login).url == "/"
    assert client.session["_auth_user_id"] == str(owner.pk)


def test_a_wrong_password_and_an_unknown_name_get_the_same_words(client, owner):
    wrong = sign_in(client, "olga", "wrong").context["form"].errors
    unknown = sign_in(client, "nobody", "wrong").context["form"].errors
    assert wrong == unknown
    assert "_auth_user_id" not in client.session


def test_somebody_switched_off_is_told_so(client, owner):
    User.objects.update(is_active=False)
    response = sign_in(client, "olga")
    assert response.url == "/accounts/inactive/"
    assert "switched off" in client.get(response.url).content.decode()
    assert "_auth_user_id" not in client.session


def test_guessing_ends_after_a_few_attempts(client, owner):
    for _ in range(10):
        sign_in(client, "olga", "wrong")
    assert "Too many" in sign_in(client, "olga").content.decode()
    assert "_auth_user_id" not in client.session


def test_it_leads_back_to_the_page_that_was_asked_for(client, owner):
    assert sign_in(client, "olga", next="/c/abc").url == "/c/abc"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)", r"/\evil"]
)
def test_it_leads_nowhere_else(client, owner, elsewhere):
    assert sign_in(client, "olga", next=elsewhere).url == "/"


def test_pages_for_addresses_are_not_open(client, owner):
    client.force_login(owner)
    assert client.get("/accounts/email/").status_code == 404
