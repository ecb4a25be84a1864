"""What is done with conversations that were chosen, one or several: each of them has to be one's own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from asgiref.sync import async_to_sync
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from chat.live.actions import stop_answers
from chat.models import Conversation, Message, Tag
from chat.models.public_id import is_public_id
from chat.models.shelf import ConversationQuerySet

from . import sidebar
from .access import Request, current_path, signed_in
from .labels import chosen_folder

MOST_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Done:
    """In words, and the verb that undoes it."""

    text: str
    undo: str = ""


Act = Callable[[Request, ConversationQuerySet], Done]


@signed_in
@require_POST
def act(request: Request, verb: str) -> HttpResponse:
    if verb not in ACTS:
        raise Http404
    try:
        public_ids = _chosen(request)
        own = Conversation.objects.trashed_by if verb in OF_TRASH else Conversation.objects.owned_by
        conversations = own(request.user).filter(public_id__in=public_ids)
        if conversations.count() < len(public_ids):
            raise Http404
        if verb == "erase" and "sure" not in request.POST:
            return render(request, "library/erase.html", {"public_ids": public_ids})
        done = ACTS[verb](request, conversations)
    except ValidationError as error:
        return _refused(request, " ".join(error.messages))
    return _answer(request, done, public_ids)


def pin(_request: Request, conversations: ConversationQuerySet) -> Done:
    conversations.pin()
    return Done("Pinned.")


def unpin(_request: Request, conversations: ConversationQuerySet) -> Done:
    conversations.unpin()
    return Done("No longer pinned.")


def archive(_request: Request, conversations: ConversationQuerySet) -> Done:
    conversations.archive()
    return Done("Moved to the archive.", undo="unarchive")


def unarchive(_request: Request, conversations: ConversationQuerySet) -> Done:
    conversations.unarchive()
    return Done("Back from the archive.")


def move(request: Request, conversations: ConversationQuerySet) -> Done:
    folder = chosen_folder(request)
    conversations.move_to(folder)
    return Done(f"Moved to “{folder}”." if folder else "In no folder any more.")


def tag(request: Request, conversations: ConversationQuerySet) -> Done:
    tag = Tag.named(request.user, request.POST.get("tag", ""))  # type: ignore[arg-type]
    conversations.tag(tag)
    return Done(f"Tagged “{tag}”.")


def untag(request: Request, conversations: ConversationQuerySet) -> Done:
    name = request.POST.get("tag", "").replace("\0", "").strip()
    tag = Tag.objects.owned_by(request.user).filter(name=name).first()
    if tag is None:
        raise ValidationError("You have no tag of this name.", code="unknown")
    conversations.untag(tag)  # type: ignore[arg-type]
    return Done(f"The tag “{tag}” is removed.")


def trash(_request: Request, conversations: ConversationQuerySet) -> Done:
    """What is being written for them is not written on."""
    answers = Message.objects.streaming().filter(conversation__in=conversations)
    streaming = list(answers.values_list("public_id", flat=True))
    conversations.trash()
    async_to_sync(stop_answers)(streaming)
    return Done("Moved to the trash.", undo="restore")


def restore(_request: Request, conversations: ConversationQuerySet) -> Done:
    conversations.restore()
    return Done("Back from the trash.")


def erase(_request: Request, conversations: ConversationQuerySet) -> Done:
    conversations.delete()
    return Done("Deleted for ever.")


ACTS: Mapping[str, Act] = {
    each.__name__: each for each in (pin, unpin, archive, unarchive, move, tag, untag, trash, restore, erase)
}
OF_TRASH = {"restore", "erase"}


@signed_in
@require_POST
def empty_trash(request: Request) -> HttpResponse:
    """Asks back first."""
    trashed = Conversation.objects.trashed_by(request.user)
    if "sure" not in request.POST:
        return render(request, "library/empty.html", {"count": trashed.count()})
    trashed.delete()
    messages.success(request, "The trash is empty.")
    return redirect("trash")


def _chosen(request: Request) -> Sequence[str]:
    public_ids = list(dict.fromkeys(request.POST.getlist("conversations")))
    if not public_ids:
        raise ValidationError("Choose a conversation first.", code="none")
    if len(public_ids) > MOST_AT_ONCE:
        raise ValidationError(f"{MOST_AT_ONCE} conversations at once are possible.", code="too_many")
    if not all(map(is_public_id, public_ids)):
        raise Http404
    return public_ids


def _refused(request: Request, text: str) -> HttpResponse:
    if request.htmx:
        return render(request, "chat/_refused.html", {"text": text}, status=422)
    messages.error(request, text)
    return redirect(_back(request))


def _answer(request: Request, done: Done, public_ids: Sequence[str]) -> HttpResponse:
    here = current_path(request)
    is_gone = done.undo == "restore" and any(here == f"/c/{each}" for each in public_ids)
    if request.htmx and not is_gone:
        context = {"text": done.text, "undo": done.undo, "public_ids": public_ids}
        return render(request, "library/_done.html", context | {"sidebar": sidebar.whole(request, here)})
    undoing = " ".join([done.undo, *public_ids]) if done.undo else ""
    messages.success(request, done.text, extra_tags=undoing)
    return HttpResponseClientRedirect("/") if request.htmx else redirect(_back(request))


def _back(request: Request) -> str:
    back = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    return back if is_ours else "library"
