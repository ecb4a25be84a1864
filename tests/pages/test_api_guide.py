from datetime import timedelta

from django.utils import timezone

from chat.models import ApiKey


def test_it_shows_how_to_call_with_a_model_that_is_there(owners, model):
    page = owners.get("/api").content.decode()
    assert "http://testserver/v1" in page
    for words in ("curl", "from openai import OpenAI", "import OpenAI from", "replayed"):
        assert words in page.replace("</span>", "").replace('<span class="k">', "").replace(
            '<span class="n">', ""
        )


def test_it_lists_the_keys_of_its_reader_and_no_secret(owner, owners, stranger, model):
    secret = ApiKey(owner=owner, name="My script").issue()
    ApiKey(owner=owner, name="Old", expires_at=timezone.now() - timedelta(days=1)).issue()
    ApiKey(owner=stranger, name="Not yours").issue()
    page = owners.get("/api").content.decode()
    assert "My script" in page
    assert "Expired" in page
    assert secret[:12] in page
    assert secret not in page
    assert "Not yours" not in page


def test_without_a_key_it_leads_to_creating_one(owners, model):
    html = owners.get("/api").content.decode()
    assert "You have no key yet" in html
    assert "Create a key" in html


def test_where_administrators_issue_keys_it_says_whom_to_ask(owners, client, administrator, model, settings):
    settings.USER_KEYS = False
    assert "An administrator can issue one" in owners.get("/api").content.decode()
    client.force_login(administrator)
    assert "/admin/chat/apikey/add/" in client.get("/api").content.decode()


def test_markup_in_the_name_of_a_key_is_shown(owner, owners, model):
    ApiKey(owner=owner, name="<script>alert(1)</script>").issue()
    assert "<script>alert(1)</script>" not in owners.get("/api").content.decode()


def test_who_is_signed_out_signs_in_first(client, db):
    assert client.get("/api").url.startswith("/accounts/login/")
