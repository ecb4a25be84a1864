from argparse import ArgumentParser
from typing import Any

from allauth.account.adapter import get_adapter
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from chat.management.address import public_address
from chat.management.database import alone, migrate
from chat.models import User
from chat.models.sign_in_link import sign_in_path


class Command(BaseCommand):
    help = "Make an account. Without a password, print a link that signs its owner in once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--password", help="Seen by whoever can list processes; leave it out for a link.")
        parser.add_argument("--admin", action="store_true", help="May administer the site.")

    def handle(self, *, username: str, password: str | None, admin: bool, **_: Any) -> None:
        with alone():
            migrate()
        if User.objects.filter(username__iexact=username).exists():
            raise CommandError(
                f"The name {username} is taken. Choose another, or give that account a new password with "
                f"`manage.py changepassword {username}`."
            )
        user = User(username=username, is_staff=admin, is_superuser=admin)
        try:
            get_adapter().clean_username(username)
            user.clean_fields(exclude=["password"])
            if password is not None:
                validate_password(password, user)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        user.set_password(password)
        user.save()
        self._tell(user)

    def _tell(self, user: User) -> None:
        if user.has_usable_password():
            self.stdout.write(f"{user.username} can sign in with the password.")
        else:
            self.stderr.write(
                "This link works once and for a day. Put the site's own address in front if it differs."
            )
            self.stdout.write(public_address("localhost", 8000) + sign_in_path(user))
