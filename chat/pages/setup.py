"""From nothing to a first answer: a provider, its key, its models, a chat."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from asgiref.sync import async_to_sync
from django import forms
from django.db.models import Count, QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from chat.models import LanguageModel, Upstream
from chat.models.upstream import local_port, servers_here

from .access import Request, for_administrators
from .families import FAMILIES, Family
from .preselection import FEW, first_choice, preselected

LATER = "setup_later"
LONGEST_KEY = 1000
CHANGED = "The list of models has changed. Choose again."


class Connection(forms.ModelForm):  # type: ignore[type-arg]
    """How to reach a provider. The key goes in and never comes out again."""

    family = forms.ChoiceField(
        choices=[(family.name, family.title) for family in FAMILIES.values()],
        error_messages={
            "required": "Choose a provider first.",
            "invalid_choice": "There is no such provider. Choose one of those above.",
        },
    )
    api_key = forms.CharField(
        required=False,
        max_length=LONGEST_KEY,
        error_messages={"max_length": "This is too long for a key. Copy the key alone."},
    )

    class Meta:
        model = Upstream
        fields = ("family", "base_url", "api_key")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("family") == "compatible":
            if given.get("base_url") == "":
                self.add_error("base_url", "Enter the address of the server.")
        elif given.get("api_key") == "" and given.get("base_url") == "":
            self.add_error("api_key", "Paste the key first.")
        return given


class Selection(forms.Form):
    """The models of an upstream to offer; the default is offered with them."""

    models = forms.MultipleChoiceField(required=False, error_messages={"invalid_choice": CHANGED})
    default = forms.ChoiceField(required=False, error_messages={"invalid_choice": CHANGED})

    def __init__(self, offered: Iterable[LanguageModel], *args: Any) -> None:
        super().__init__(*args)
        self._offered = {str(model.pk): model for model in offered}
        for name in ("models", "default"):
            self.fields[name].choices = [(pk, pk) for pk in self._offered]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        default = given.get("default")
        chosen = {*given.get("models", ()), *([default] if default else ())}
        if not chosen and not self.errors:
            raise forms.ValidationError("Choose at least one model.")
        return {
            "models": [model for pk, model in self._offered.items() if pk in chosen],
            "default": self._offered.get(default or ""),
        }


@sensitive_post_parameters("api_key")
@never_cache
@for_administrators
@require_http_methods(["GET", "HEAD", "POST"])
def setup(request: Request) -> HttpResponseBase:
    if request.method == "POST":
        return _connect(request)
    return _page(request, FAMILIES.get(request.GET.get("family", "")))


@never_cache
@for_administrators
@require_http_methods(["GET", "HEAD", "POST"])
def models(request: Request, pk: int) -> HttpResponseBase:
    """Choose among the models of an upstream, then chat with one."""
    upstream = get_object_or_404(Upstream.objects.connected(), pk=pk)
    if request.method == "POST":
        return _choose(request, upstream)
    return _models_page(request, upstream, _suggested(upstream))


@for_administrators
@require_POST
def later(request: Request) -> HttpResponse:
    """Chat with the samples; the page stays in the menu."""
    request.session[LATER] = True
    return redirect("new_chat")


def is_to_begin(request: Request) -> bool:
    """Whether the first page is to lead to a first model."""
    return bool(
        request.user.is_superuser
        and LATER not in request.session
        and not Upstream.objects.connected().exists()
    )


def _connect(request: Request) -> HttpResponseBase:
    form = Connection(request.POST)
    if not form.is_valid():
        return _refused(request, _problems(form))
    upstream: Upstream = form.instance
    finding = async_to_sync(upstream.add)(anyway="keep" in request.POST)
    if upstream.pk is None:
        return _refused(request, [finding.problem], can_keep=True)
    # What does not work yet has no models to choose from; the chat says what is wrong with it.
    path = reverse("new_chat") if finding.error else reverse("setup_models", args=[upstream.pk])
    return HttpResponseClientRedirect(path) if request.htmx else redirect(path)


def _problems(form: forms.Form | Connection) -> list[str]:
    return [str(error) for errors in form.errors.values() for error in errors]


def _refused(request: Request, problems: list[str], can_keep: bool = False) -> HttpResponse:
    """To htmx only what is wrong, so that the key stays in its field."""
    context = {"problems": problems, "can_keep": can_keep}
    if request.htmx:
        return render(request, "setup/_refused.html", context, status=422)
    family = FAMILIES.get(request.POST.get("family", ""))
    given = {"base_url": request.POST.get("base_url", ""), "is_key_gone": request.POST.get("api_key")}
    return _page(request, family, context | given, status=422)


def _page(
    request: Request, family: Family | None, context: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    connected = list(Upstream.objects.connected().annotate(model_count=Count("routes")))
    around = {"families": FAMILIES.values(), "family": family, "connected": connected}
    found = {"found": _found_here(request, connected)}
    return render(request, "setup/setup.html", around | found | (context or {}), status=status)


def _found_here(request: Request, connected: list[Upstream]) -> dict[str, str]:
    """The model servers on this machine that are not connected yet, as {base URL: name}."""
    known = {local_port(upstream.base_url) for upstream in connected}
    here = async_to_sync(servers_here)([int(request.get_port())])
    return {url: name for url, name in here.items() if local_port(url) not in known}


def _choose(request: Request, upstream: Upstream) -> HttpResponse:
    offered = list(_offered(upstream))
    form = Selection(offered, request.POST)
    if not form.is_valid():
        sent = set(request.POST.getlist("models"))
        ticked = {model.pk for model in offered if str(model.pk) in sent}
        return _models_page(request, upstream, ticked, _problems(form), status=422)
    chosen, default = form.cleaned_data["models"], form.cleaned_data["default"]
    upstream.choose_models(chosen, default)
    return redirect(f"{reverse('new_chat')}?{urlencode({'model': (default or chosen[0]).model_id})}")


def _models_page(
    request: Request,
    upstream: Upstream,
    ticked: set[int],
    problems: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    offered = sorted(_offered(upstream), key=lambda model: model.pk not in ticked)
    default = LanguageModel.objects.usable_by(request.user).filter(is_default=True).first()
    kept = default if default and default not in offered else None
    context = {
        "upstream": upstream,
        "offered": offered,
        "ticked": ticked,
        "kept": kept,
        "default": None if kept else default or _first(offered, ticked),
        "is_long": len(offered) > FEW,
        "problems": problems,
    }
    return render(request, "setup/models.html", context, status=status)


def _offered(upstream: Upstream) -> QuerySet[LanguageModel]:
    return LanguageModel.objects.filter(routes__upstream=upstream)


def _first(offered: list[LanguageModel], ticked: set[int]) -> LanguageModel | None:
    by_id = {model.model_id: model for model in offered if model.pk in ticked}
    return by_id.get(first_choice(list(by_id)))


def _suggested(upstream: Upstream) -> set[int]:
    """What was chosen before; the first time, what a newcomer is likely to want."""
    offered = _offered(upstream).annotate(route_count=Count("routes", distinct=True))
    if any(not model.enabled for model in offered):
        return {model.pk for model in offered if model.enabled}
    likely = preselected([model.model_id for model in offered])
    return {model.pk for model in offered if model.model_id in likely or model.route_count > 1}
