from django.test import Client


def test_looking_at_the_page_changes_nothing(client, owner):
    client.force_login(owner)
    assert "Sign out?" in client.get("/accounts/logout/").content.decode()
    assert "_auth_user_id" in client.session


def test_sending_the_form_signs_out(client, owner):
    client.force_login(owner)
    assert client.post("/accounts/logout/").url == "/"
    assert "_auth_user_id" not in client.session


def test_another_site_cannot_sign_people_out(owner):
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)
    assert client.post("/accounts/logout/").status_code == 403
    assert "_auth_user_id" in client.session
