"""Where a person finds again what they wrote and were told."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from chat.models import Message, Search
from chat.models.public_id import is_public_id

from .access import Request, signed_in


@never_cache
@signed_in
@require_safe
def search(request: Request) -> HttpResponse:
    """The page, or to htmx the list of hits alone; `before` is the message after which it goes on."""
    found = Search(request.user, request.GET.get("q", ""))  # type: ignore[arg-type]
    found.take_up()
    before = _message(request, request.GET.get("before", ""))
    messages, last = found.messages(before)
    context = {
        "search": found,
        "titles": [] if before else found.titles(),
        "messages_found": messages,
        "last": last,
        "is_further": before is not None,
    }
    return render(request, "search/_hits.html" if request.htmx else "search/search.html", context)


def _message(request: Request, public_id: str) -> Message | None:
    if not is_public_id(public_id):
        return None
    return get_object_or_404(Message.objects.owned_by(request.user), public_id=public_id)
