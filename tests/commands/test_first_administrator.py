from django.utils import timezone

from chat.management.first_administrator import first_administrator
from chat.models import User


def test_one_is_made_on_a_new_site(db):
    made = first_administrator()
    assert (made.username, made.is_superuser, made.has_usable_password()) == ("admin", True, False)
    assert first_administrator() == made


def test_somebody_of_that_name_is_not_made_one(db):
    User.objects.create_user("Admin")
    assert first_administrator().username == "admin2"
    assert not User.objects.get(username="Admin").is_superuser


def test_nobody_needs_a_link_once_one_has_signed_in(db):
    User.objects.create_superuser("ada", last_login=timezone.now())
    assert first_administrator() is None


def test_one_with_a_password_needs_no_link(administrator):
    assert first_administrator() is None
