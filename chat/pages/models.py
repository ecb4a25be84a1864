from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.db.models import Case, Prefetch, Q, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from chat.models import Conversation, LanguageModel, Route, User

from .access import signed_in

LONGEST_LIST = 100


@dataclass(frozen=True, slots=True)
class Choice:
    """The model that the composer starts with; `has_real` is False while only built-in samples answer.

    `instead_of` names the conversation's own model when that cannot be asked any more.
    """

    model: LanguageModel | None
    has_real: bool
    instead_of: str = ""


@signed_in
@require_safe
def options(request: HttpRequest) -> HttpResponse:
    words = request.GET.get("q", "").replace("\0", "")
    routes = Prefetch("routes", Route.objects.usable().select_related("upstream"), to_attr="usable_routes")
    found = LanguageModel.objects.usable_by(request.user).listed().matching(words).prefetch_related(routes)
    models = list(found[: LONGEST_LIST + 1])
    return render(
        request,
        "chat/_models.html",
        {
            "real": [model for model in models[:LONGEST_LIST] if not model.is_sample],
            "samples": [model for model in models[:LONGEST_LIST] if model.is_sample],
            "words": words,
            "has_more": len(models) > LONGEST_LIST,
        },
    )


@signed_in
@require_safe
def to_retry_with(request: HttpRequest) -> HttpResponse:
    models = list(LanguageModel.objects.usable_by(request.user)[: LONGEST_LIST + 1])
    context = {"models": models[:LONGEST_LIST], "has_more": len(models) > LONGEST_LIST}
    return render(request, "chat/_retry_models.html", context)


def choice_for(
    user: User | AnonymousUser, conversation: Conversation | None = None, asked_for: str = ""
) -> Choice:
    """The conversation's model; for a new one that asked for, that of the latest, or the default.

    Else a real one, else a sample.

    Nobody begins with a sample once a real model is connected.
    """
    usable = LanguageModel.objects.usable_by(user)
    real = usable.listed().filter(is_sample=False)
    has_real = real.exists()
    wanted = conversation.model_id if conversation else _latest_model_of(user)
    first = Case(When(model_id=asked_for, then=0), When(pk=wanted, then=1), default=2)
    listed = real if has_real else usable.listed()
    offered = usable.filter(Q(is_hidden=False) | Q(pk=wanted)) if conversation else listed
    model = offered.order_by(first, "-is_default", "is_sample", "position", "model_id").first()
    return Choice(model, has_real, _gone(conversation, model) if conversation else "")


def _gone(conversation: Conversation, model: LanguageModel | None) -> str:
    if model and model.pk == conversation.model_id:
        return ""
    if conversation.model:
        return conversation.model.name
    return conversation.head.model_name if conversation.head else ""


def _latest_model_of(user: User | AnonymousUser) -> int | None:
    conversations = Conversation.objects.owned_by(user).latest_first()
    return conversations.values_list("model_id", flat=True).first()
