from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.http import HttpRequest

from chat.models import Invitation

from . import invitations


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Who may sign up: nobody, everybody, or whoever has opened an invitation that is still open."""

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:  # noqa: ARG002
        """Back to the chat, which shows that it is done."""
        return "/"

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        if settings.SIGN_UP != "invite":
            return bool(settings.SIGN_UP == "open")
        opened = invitations.opened(request)
        if opened is None:
            return False
        if not Invitation.objects.open().filter(pk=opened).exists():
            raise ImmediateHttpResponse(invitations.refuse(request))
        return True
