import re
import uuid
from typing import Any

from asgiref.sync import async_to_sync
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from chat.live.frames import PAGE_LENGTH
from chat.live.keeper import keeper
from chat.models import (
    Attachment,
    Branch,
    Conversation,
    LanguageModel,
    Message,
    OtherTextSent,
    Preset,
    TemporaryConversation,
    Upstream,
)
from chat.models.upstream import UpstreamQuerySet

from . import setup, sidebar
from .access import Request, current_path, is_shown, own_conversation, own_folder, signed_in
from .models import Choice, choice_for
from .settings import as_fields, stated

PRESETS_LISTED = 12
# What a newcomer can try: the samples answer questions about the site and show what the page can do.
TO_ASK_A_SAMPLE = (
    "How do I connect a model?",
    "Show me what this page can do",
    "How do I call the API from a program?",
)
TO_ASK_A_MODEL = (
    "Explain how a suspension bridge carries its load",
    "Write a Python script that finds duplicate files",
    "Compare three ways to keep a habit, in a table",
)


class FirstTurn(forms.Form):
    """What begins a conversation. A suggestion is sent in place of a text that is empty."""

    text = forms.CharField(required=False, strip=False)
    suggestion = forms.CharField(required=False)
    turn_id = forms.UUIDField(error_messages={"required": "This page is out of date. Reload it."})
    model = forms.ModelChoiceField(
        LanguageModel.objects.none(),
        to_field_name="model_id",
        error_messages={
            "required": "Choose a model first.",
            "invalid_choice": "This model is not available any more. Choose another one.",
        },
    )

    @property
    def problem(self) -> str:
        """The first thing that is wrong, in words for who wrote it."""
        return next((str(error) for errors in self.errors.values() for error in errors), "")


@never_cache
@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request) -> HttpResponseBase:
    if request.method == "POST":
        return _begin(request)
    return _new_page(request, {"turn_id": uuid.uuid4(), "preset": _preset(request)})


@never_cache
@signed_in
@require_safe
def temporary(request: Request) -> HttpResponse:
    """A chat under an id that only this page has, and that nothing knows yet: its socket begins it."""
    around = _surroundings(request, preset=_preset(request))
    chat = TemporaryConversation(owner=request.user, model=around["choice"].model)  # type: ignore[misc]
    context = {"conversation": chat, "is_temporary": True, "turn_id": uuid.uuid4()}
    return render(request, "chat/temporary.html", around | context)


@never_cache
@signed_in
@require_safe
def show(request: Request, public_id: str) -> HttpResponse:
    conversation = own_conversation(request, public_id)
    at = request.GET.get("at", "")
    branch = conversation.branch(at)
    messages = branch.around(at, PAGE_LENGTH)
    landing = next((each for each in messages[:-1] if each.public_id == at), None)
    context = _surroundings(request, conversation) | _piece(branch, messages)
    own = {"settings": conversation.set_settings, "landing": landing, "turn_id": uuid.uuid4()}
    return render(request, "chat/conversation.html", context | own)


@signed_in
@require_GET
def earlier(request: Request, public_id: str) -> HttpResponse:
    """The messages before one that is on the page."""
    conversation = own_conversation(request, public_id)
    before = request.GET.get("before", "")
    branch = conversation.branch(before)
    first = branch.find(before)
    messages = branch.before(first, PAGE_LENGTH) if first else []
    return render(request, "chat/_messages.html", _piece(branch, messages) | {"has_later": False})


@signed_in
@require_GET
def later(request: Request, public_id: str) -> HttpResponse:
    """The messages after one that is on the page, up to `at`: what came since then is there already."""
    branch = Branch.ending_with(own_conversation(request, public_id), request.GET.get("at", ""))
    last = branch.find(request.GET.get("after", ""))
    messages = branch.after(last, PAGE_LENGTH) if last else []
    return render(request, "chat/_messages.html", _piece(branch, messages) | {"has_earlier": False})


@signed_in
@require_GET
def page(request: Request) -> HttpResponse:
    """The conversations after one that is in the sidebar, or those of a folder that is opened there."""
    current = current_path(request)
    place = request.GET.get("after", "")
    after = own_conversation(request, place) if place else None
    if public_id := request.GET.get("folder"):
        listed = sidebar.in_folder(request, own_folder(request, public_id), current, after)
    else:
        listed = sidebar.latest(request, current, after)
    return render(request, "chat/_conversations.html", {"page": listed})


@signed_in
@require_safe
def menu(request: Request, public_id: str) -> HttpResponse:
    """What can be done with a conversation of the sidebar: there are too many of them to send it with each."""
    return render(request, "chat/_menu.html", {"conversation": own_conversation(request, public_id)})


@signed_in
@require_http_methods(["GET", "POST"])
def rename(request: Request, public_id: str) -> HttpResponse:
    conversation = own_conversation(request, public_id)
    context = {"conversation": conversation, "is_shown": is_shown(request, conversation)}
    if request.method == "GET":
        return render(request, "chat/_rename.html", context)
    try:
        conversation.rename(request.POST.get("title", ""))
    except ValidationError as error:
        return render(request, "chat/_refused.html", {"text": " ".join(error.messages)}, status=422)
    return render(request, "chat/_renamed.html", context)


@signed_in
@require_safe
def message_text(request: Request, public_id: str) -> HttpResponse:
    """A message as it was written, markdown and all, to be copied."""
    message = get_object_or_404(Message.objects.owned_by(request.user), public_id=public_id)
    return HttpResponse(message.said, content_type="text/plain; charset=utf-8")


@signed_in
@require_safe
def revision(request: Request, public_id: str) -> HttpResponse:
    """Where a person edits an answer."""
    own = Message.objects.owned_by(request.user)
    message = get_object_or_404(own, public_id=public_id, role=Message.Role.ASSISTANT)
    return render(request, "chat/_revision.html", {"message": message, "turn_id": uuid.uuid4()})


def _piece(branch: Branch, messages: list[Message]) -> dict[str, Any]:
    return {
        "conversation": branch.conversation,
        "messages": messages,
        "has_earlier": branch.is_longer_than(messages),
        "has_later": branch.goes_on_after(messages),
        "tip": branch.tip,
    }


def _begin(request: Request) -> HttpResponseBase:
    form = FirstTurn(request.POST)
    given = {name: request.POST.get(name, "") for name in ("text", "model", "turn_id")}
    form.fields["model"].queryset = LanguageModel.objects.usable_by(request.user)  # type: ignore[attr-defined]
    if form.is_valid():
        sent = form.cleaned_data
        text = sent["text"] if sent["text"].strip() else sent["suggestion"]
        try:
            turn = Conversation.begin(
                request.user,  # type: ignore[arg-type]
                text,
                sent["model"],
                sent["turn_id"],
                request.POST.getlist("attachments"),
                stated(request.POST),
            )
        except OtherTextSent as error:
            form.add_error("text", error)
            given["turn_id"] = str(uuid.uuid4())
        except ValidationError as error:
            form.add_error("text", error)
        else:
            async_to_sync(keeper.begin)(turn)
            return redirect(turn.answer.conversation)
    drafts = Attachment.objects.owned_by(request.user).drafts()
    attachments = drafts.in_order(request.POST.getlist("attachments"))
    sent = given | {"attachments": attachments, "notice": form.problem, "settings": stated(request.POST)}
    return _new_page(request, sent, status=422)


def _new_page(request: Request, context: dict[str, Any], status: int = 200) -> HttpResponse:
    around = _surroundings(request, preset=context.get("preset"))
    choice = around["choice"]
    beginning = {
        "suggestions": TO_ASK_A_SAMPLE if choice.model and choice.model.is_sample else TO_ASK_A_MODEL,
        "is_first_run": not choice.has_real and setup.is_to_begin(request),
        "presets": Preset.objects.usable_by(request.user)[:PRESETS_LISTED],  # type: ignore[arg-type]
    }
    return render(request, "chat/new.html", around | beginning | context, status=status)


def _preset(request: Request) -> Preset | None:
    """The one that is asked for, or else the one that new chats begin with."""
    wanted = request.GET.get("preset", "")
    if wanted == "none":
        return None
    usable = Preset.objects.usable_by(request.user).select_related("model")  # type: ignore[arg-type]
    found = usable.filter(pk=int(wanted)).first() if re.fullmatch("[0-9]{1,15}", wanted) else None
    return found or request.user.preset_of_new_chats()  # type: ignore[union-attr]


def _surroundings(
    request: Request, conversation: Conversation | None = None, preset: Preset | None = None
) -> dict[str, Any]:
    of_preset = preset.model.model_id if preset and preset.model else ""
    asked_for = request.GET.get("model", "").replace("\0", "") or of_preset
    choice = choice_for(request.user, conversation, asked_for)
    return {
        "choice": choice,
        "settings": as_fields(preset) if preset else {},
        "failing": _failing(choice) if request.user.is_staff else (),
        "sidebar": sidebar.whole(request, request.path),
        "longest_message": settings.MESSAGE_MAX_LENGTH,
        "largest_attachment": settings.ATTACHMENT_MAX_SIZE,
    }


def _failing(choice: Choice) -> UpstreamQuerySet:
    """One that fails is no matter while another answers, unless it needs another key."""
    return Upstream.objects.refused() if choice.has_real else Upstream.objects.failing()
