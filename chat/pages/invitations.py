from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from chat.models import Invitation, User

SESSION_KEY = "invitation"


class InvitationUsedUp(Exception):
    """Somebody else was faster, or it has expired since the form was opened."""


@require_safe
@never_cache
def open_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Keep the invitation for the sign-up form; looking at it does not use it up."""
    invitation = Invitation.objects.find(token)
    if invitation is None:
        return refuse(request)
    if request.user.is_authenticated:
        return render(request, "account/invitation_signed_in.html")
    request.session[SESSION_KEY] = invitation.pk
    return redirect("account_signup")


def opened(request: HttpRequest) -> int | None:
    """The primary key of the invitation that this visitor has opened."""
    pk: int | None = request.session.get(SESSION_KEY)
    return pk


def accept(request: HttpRequest, user: User) -> None:
    """Use up the opened invitation for this user. Raises InvitationUsedUp if it takes one to sign up."""
    invitation = Invitation.objects.filter(pk=request.session.pop(SESSION_KEY, None)).first()
    accepted = invitation is not None and invitation.accept(user)
    if not accepted and settings.SIGN_UP == "invite":
        raise InvitationUsedUp


def refuse(request: HttpRequest) -> HttpResponse:
    return render(request, "account/invitation_refused.html", status=404)
