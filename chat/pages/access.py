from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from django.contrib.auth.views import redirect_to_login
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from chat.models import ApiKey, Conversation, Folder, Tag
from chat.models.public_id import is_public_id

P = ParamSpec("P")
M = TypeVar("M", bound=Model)


class Request(HttpRequest):
    """As it comes through the middleware."""

    htmx: HtmxDetails


View = Callable[Concatenate[Request, P], HttpResponseBase]


def signed_in(view: View[P]) -> View[P]:
    """Send whoever is not signed in to the sign-in page, and back to where they were."""

    @wraps(view)
    def guarded(request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        if request.htmx:
            # The answer to htmx is put inside a page: the page itself has to go, and come back.
            sign_in = redirect_to_login(request.htmx.current_url_abs_path or "/")
            return HttpResponseClientRedirect(sign_in.url)
        return redirect_to_login(request.get_full_path())

    return guarded


def for_administrators(view: View[P]) -> View[P]:
    """To anyone else who is signed in, the page does not exist."""

    @signed_in
    @wraps(view)
    def guarded(request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_superuser:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def own_conversation(request: Request, public_id: str) -> Conversation:
    """Looked up through its owner: to anyone else it does not exist."""
    return one_of(Conversation.objects.owned_by(request.user), public_id)


def own_folder(request: Request, public_id: str) -> Folder:
    return one_of(Folder.objects.owned_by(request.user), public_id)  # type: ignore[return-value]


def own_tag(request: Request, public_id: str) -> Tag:
    return one_of(Tag.objects.owned_by(request.user), public_id)  # type: ignore[return-value]


def one_of(own: QuerySet[M], public_id: str) -> M:
    """What a form or a query names may be no id at all, and then is not asked for."""
    if not is_public_id(public_id):
        raise Http404
    return get_object_or_404(own, public_id=public_id)


def own_key(request: Request, pk: int) -> ApiKey:
    """One that still opens: what is over cannot be changed."""
    return get_object_or_404(ApiKey.objects.usable().filter(owner=request.user.pk), pk=pk)


def is_shown(request: Request, conversation: Conversation) -> bool:
    """Whether the page that sent this htmx request is the conversation's own."""
    return current_path(request) == conversation.get_absolute_url()


def current_path(request: Request) -> str:
    """The path of the page that sent this htmx request, without the branch that it shows."""
    return (request.htmx.current_url_abs_path or "").partition("?")[0]
