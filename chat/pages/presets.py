"""A person's presets, and those that others share with a group of theirs."""

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chat.models import LanguageModel, Preset
from chat.models.offer import Offer

from .access import Request, signed_in
from .settings import chosen_model
from .settings_forms import PresetForm

SHARED_LISTED = 200


@never_cache
@signed_in
@require_safe
def index(request: Request) -> HttpResponse:
    usable = Preset.objects.usable_by(request.user).select_related("model", "owner")  # type: ignore[arg-type]
    own = usable.owned_by(request.user).prefetch_related("groups")
    shared = usable.exclude(owner=request.user.pk).prefetch_related(
        Prefetch("groups", queryset=request.user.groups.all())
    )
    return render(request, "account/presets.html", {"own": own, "shared": shared[:SHARED_LISTED]})


@never_cache
@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: Request) -> HttpResponse:
    """From its page, or with htmx from the panel of a conversation, which stays open."""
    form = _form(request, Preset())
    if form.is_valid():
        preset = form.keep()
        if request.htmx:
            return render(request, "chat/_preset_kept.html", {"preset": preset})
        messages.success(request, f"“{preset}” is kept.")
        return redirect("presets")
    if request.htmx:
        return render(request, "chat/_preset_refused.html", {"form": form}, status=422)
    return _page(request, form)


@never_cache
@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, pk: int) -> HttpResponse:
    form = _form(request, own_preset(request, pk))
    if form.is_valid():
        messages.success(
            request, f"“{form.keep()}” is changed. Conversations that began with it keep what they have."
        )
        return redirect("presets")
    return _page(request, form)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: Request, pk: int) -> HttpResponse:
    """GET asks back, and says what is lost."""
    preset = own_preset(request, pk)
    if request.method != "POST":
        return render(request, "account/presets_delete.html", {"preset": preset})
    preset.delete()
    messages.success(request, f"“{preset}” is deleted.")
    return redirect("presets")


@signed_in
@require_POST
def make_default(request: Request, pk: int) -> HttpResponse:
    """The same again takes it back."""
    preset = usable_preset(request, pk)
    is_it_already = request.user.default_preset_id == preset.pk  # type: ignore[union-attr]
    request.user.begin_chats_with(None if is_it_already else preset)  # type: ignore[union-attr]
    begin = "the usual settings" if is_it_already else f"“{preset}”"
    messages.success(request, f"New chats begin with {begin} now.")
    return redirect("presets")


def own_preset(request: Request, pk: int) -> Preset:
    """Of others it can be used, and not changed."""
    return get_object_or_404(Preset.objects.owned_by(request.user).select_related("model"), pk=pk)


def usable_preset(request: Request, pk: int) -> Preset:
    return get_object_or_404(Preset.objects.usable_by(request.user).select_related("model"), pk=pk)  # type: ignore[arg-type]


def _form(request: Request, preset: Preset) -> PresetForm:
    given = request.POST if request.method == "POST" else None
    model: LanguageModel | None = preset.model if given is None else chosen_model(request)
    return PresetForm(request.user, Offer.of(model), given, instance=preset)  # type: ignore[arg-type]


def _page(request: Request, form: PresetForm) -> HttpResponse:
    status = 422 if form.is_bound else 200
    return render(
        request, "account/presets_edit.html", {"form": form, "preset": form.instance}, status=status
    )
