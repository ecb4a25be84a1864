"""The settings of a conversation. Those of one that has not begun are fields of its first message."""

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from chat.models import LanguageModel
from chat.models.chat_settings import SETTINGS, ChatSettings
from chat.models.offer import Offer

from .access import Request, own_conversation, signed_in
from .settings_forms import PresetForm, SettingsForm


@never_cache
@signed_in
@require_http_methods(["GET", "POST"])
def of_conversation(request: Request, public_id: str) -> HttpResponse:
    """GET opens the panel for the model that the message box names, which may not have been asked yet."""
    conversation = own_conversation(request, public_id)
    model = chosen_model(request) or conversation.model
    given = request.POST if request.method == "POST" else None
    form = SettingsForm(Offer.of(model), given, instance=conversation)
    context = {"form": form, "model": model, "conversation": conversation}
    if given is None or not form.is_valid():
        return render(request, "chat/_settings.html", context, status=422 if given else 200)
    conversation.save(update_fields=list(form.fields))
    return render(request, "chat/_settings_done.html", context)


@never_cache
@signed_in
@require_POST
def of_new_chat(request: Request) -> HttpResponse:
    """Opens the panel with what the page has; `done` gives the page what came of it."""
    model, is_done = chosen_model(request), "done" in request.POST
    given = request.POST if is_done else None
    form = SettingsForm(Offer.of(model), given, initial=stated(request.POST))
    context = {"form": form, "model": model}
    if not is_done or not form.is_valid():
        return render(request, "chat/_settings.html", context, status=422 if is_done else 200)
    return render(request, "chat/_settings_done.html", context | {"settings": as_fields(form.instance)})


@signed_in
@require_POST
def of_preset(request: Request) -> HttpResponse:
    """The fields of a preset, when another model is chosen for it."""
    form = PresetForm(request.user, Offer.of(chosen_model(request)), initial=stated(request.POST))  # type: ignore[arg-type]
    return render(request, "chat/_settings_fields.html", {"form": form})


def chosen_model(request: HttpRequest) -> LanguageModel | None:
    given = request.POST if request.method == "POST" else request.GET
    wanted = given.get("model", "").replace("\0", "")
    return LanguageModel.objects.usable_by(request.user).filter(model_id=wanted).first()


def stated(given: QueryDict) -> dict[str, str]:
    return {name: value for name in SETTINGS if (value := str(given.get(name, "")))}


def as_fields(settings: ChatSettings) -> dict[str, str]:
    """As a form sends them."""
    return {name: "1" if value is True else str(value) for name, value in settings.set_settings.items()}
