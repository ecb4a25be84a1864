"""A person's shared links: made in a dialog, after a preview, and listed on a page of their own."""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from chat.models import Attachment, Conversation, Message, Share
from chat.models.snapshot import Snapshot, paths_of, system_prompt, take_snapshot

from . import sensitive
from .access import Request, one_of, own_conversation, signed_in
from .share_form import ShareForm
from .shared_page import branches_of, draw

PAGE_LENGTH = 50
MOST_WARNINGS = 12


@sensitive_post_parameters("passphrase")
@signed_in
@require_http_methods(["GET", "POST"])
def share(request: Request, public_id: str) -> HttpResponse:
    """GET shows the links that there are, or what a first one would show; POST makes one."""
    conversation = own_conversation(request, public_id)
    open_links = conversation.shares.published().unspent()
    if request.method == "GET" and open_links.exists() and "another" not in request.GET:
        return _links_dialog(request, conversation, list(open_links))
    form = ShareForm(request.user, request.POST or None)  # type: ignore[arg-type]
    leaf = _leaf(request, conversation)
    if request.method == "GET" or not form.is_valid():
        return _form_dialog(request, conversation, leaf, form)
    try:
        made = conversation.share(draw, leaf=leaf, shown=form.shown, terms=form.terms)
    except ValidationError as error:
        form.add_error(None, error)
        return _form_dialog(request, conversation, leaf, form)
    return _links_dialog(request, conversation, [made])


@signed_in
@require_GET
def preview(request: Request, public_id: str) -> HttpResponse:
    """What the page would show by what is ticked, and what in it looks as if it were not for everybody."""
    conversation = own_conversation(request, public_id)
    form = ShareForm(request.user, request.GET)  # type: ignore[arg-type]
    context = _preview(conversation, _leaf(request, conversation), form)
    return render(request, "share/_preview.html", context)


@never_cache
@signed_in
@require_safe
def links(request: Request) -> HttpResponse:
    """Those that are revoked are over, and not listed."""
    own = Share.objects.owned_by(request.user).unrevoked().defer("snapshot", "markup")
    own = own.select_related("conversation").prefetch_related("people", "groups")
    page = Paginator(own, PAGE_LENGTH).get_page(request.GET.get("page"))
    return render(request, "share/links.html", {"page": page, "shares": _with_addresses(request, page)})


@sensitive_post_parameters("passphrase")
@signed_in
@require_http_methods(["GET", "POST"])
def update(request: Request, public_id: str) -> HttpResponse:
    """What a link shows becomes what the conversation is now; the link stays the same."""
    own = own_share(request, public_id)
    form = ShareForm(request.user, request.POST or None, own)  # type: ignore[arg-type]
    leaf = _leaf(request, own.conversation)
    if request.method == "GET" or not form.is_valid():
        return _form_dialog(request, own.conversation, leaf, form)
    try:
        own.update(leaf, form.shown, form.terms, draw)
    except ValidationError as error:
        form.add_error(None, error)
        return _form_dialog(request, own.conversation, leaf, form)
    if _is_listed_on(request):
        return HttpResponseClientRefresh()
    return _links_dialog(request, own.conversation, [own])


@signed_in
@require_POST
def revoke(request: Request, public_id: str) -> HttpResponse:
    own_share(request, public_id).revoke()
    if not request.htmx:
        return redirect("links")
    return render(request, "share/_revoked.html", {"public_id": public_id})


def own_share(request: Request, public_id: str) -> Share:
    """Looked up through its owner: to anyone else, and once it is revoked, it does not exist."""
    own = Share.objects.owned_by(request.user).unrevoked().select_related("conversation", "owner")
    return get_object_or_404(own, public_id=public_id)


def _leaf(request: Request, conversation: Conversation) -> Message | None:
    """The last message of the branch that the page shows; None where no page shows one."""
    given = (request.POST if request.method == "POST" else request.GET).get("leaf", "")
    return one_of(conversation.messages, given) if given else None


def _is_listed_on(request: Request) -> bool:
    return (request.htmx.current_url_abs_path or "").startswith(reverse("links"))


def _links_dialog(request: Request, conversation: Conversation, shares: list[Share]) -> HttpResponse:
    context = {"conversation": conversation, "shares": _with_addresses(request, shares)}
    return render(request, "share/_links.html", context)


def _with_addresses(request: Request, shares: Any) -> list[tuple[Share, str]]:
    return [(each, request.build_absolute_uri(each.get_absolute_url())) for each in shares]


def _form_dialog(
    request: Request, conversation: Conversation, leaf: Message | None, form: ShareForm
) -> HttpResponse:
    path = paths_of(conversation, leaf.pk if leaf else conversation.head_id, every=False)[0]
    context = _preview(conversation, leaf, form) | {
        "form": form,
        "share": form.share,
        "leaf": leaf,
        "has_branches": conversation.messages.exclude(pk__in=[message.pk for message in path]).exists(),
        "has_reasoning": any(message.reasoning for message in path),
        "has_system_prompt": bool(system_prompt(conversation, path)),
        "has_attachments": any(message.attached for message in path),
    }
    return render(request, "share/_form.html", context, status=422 if form.errors else 200)


def _preview(conversation: Conversation, leaf: Message | None, form: ShareForm) -> dict[str, Any]:
    context: dict[str, Any] = {"conversation": conversation}
    try:
        snapshot = take_snapshot(conversation, leaf.pk if leaf else conversation.head_id, form.shown)
    except ValidationError as error:
        return context | {"impossible": " ".join(error.messages)}
    ids = [attachment.public_id for attachment in snapshot.attachments]
    first, *others = branches_of(
        snapshot.content, draw(snapshot.content), lambda number: reverse("attachment", args=[ids[number - 1]])
    )
    warnings = list(_warnings(snapshot))
    return context | {
        "title": snapshot.title,
        "branch": first,
        "others": others,
        "system_prompt": snapshot.content.get("system_prompt"),
        "warnings": warnings[:MOST_WARNINGS],
        "warnings_left": max(0, len(warnings) - MOST_WARNINGS),
    }


def _warnings(snapshot: Snapshot) -> Iterator[tuple[str, sensitive.Finding]]:
    """With the place where it is: the number of a message, or words for another."""
    for place, text in _texts(snapshot):
        for finding in sensitive.find(text):
            yield place, finding


def _texts(snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    yield "the title", snapshot.title
    yield "the system prompt", snapshot.content.get("system_prompt", "")
    for branch in snapshot.content["branches"]:
        for message in branch["messages"]:
            names = (file["name"] for file in message.get("files", ()))
            yield str(message["n"]), "\n".join((message["text"], message.get("reasoning", ""), *names))
    yield from ((file.name, _text_in(file)) for file in snapshot.attachments if file.kind == file.Kind.TEXT)


def _text_in(file: Attachment) -> str:
    """Nothing, if the file is gone: whoever publishes it is told."""
    try:
        return file.read().decode("utf-8", "replace")
    except FileNotFoundError:
        return ""
