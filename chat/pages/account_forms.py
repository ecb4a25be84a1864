from typing import Any

from allauth.account.forms import LoginForm, SignupForm
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from chat.models import User

from . import invitations


class SignInForm(LoginForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["login"].label = "Username or e-mail"
        self.fields["login"].widget.attrs |= {"autocomplete": "username", "autocapitalize": "none"}


class SignUpForm(SignupForm):  # type: ignore[misc]
    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        """Make the user and use up the invitation, or neither: of two people with one link, one gets in."""
        try:
            with transaction.atomic():
                user, response = super().try_save(request)
                invitations.accept(request, user)
        except invitations.InvitationUsedUp:
            return None, invitations.refuse(request)
        return user, response
