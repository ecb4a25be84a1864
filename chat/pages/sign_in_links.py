from allauth.account.utils import perform_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from chat.models import sign_in_link


@require_GET
@never_cache
def sign_in(request: HttpRequest, uid: str, token: str) -> HttpResponse:
    """Sign in by a link that was printed in a terminal or handed over by an administrator.

    It signs in on GET, because a terminal can only open it. It works once; HEAD is refused, so that a program
    that only asks whether the address exists does not use it up.
    """
    user = sign_in_link.redeem(uid, token)
    if user is None:
        return render(request, "account/sign_in_link_refused.html", status=404)
    response: HttpResponse = perform_login(request, user, redirect_url="/")
    return response
