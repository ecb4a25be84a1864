"""A person's own API keys."""

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from chat.models import ApiKey

from .access import Request, own_key, signed_in
from .key_forms import AllowanceForm, KeyForm, NameForm, RotationForm


@never_cache
@signed_in
@require_safe
def index(request: Request) -> HttpResponse:
    return _list(request)


@never_cache
@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: Request) -> HttpResponse:
    if not settings.USER_KEYS:
        return redirect("keys")
    given = request.POST if request.method == "POST" else None
    form, limits = KeyForm(request.user, given), AllowanceForm(given)  # type: ignore[arg-type]
    if given is not None and all([form.is_valid(), limits.is_valid()]):
        with transaction.atomic():
            secret = form.issue()
            limits.limit(form.instance)
        return _list(request, secret)
    context = {"form": form, "limits": limits}
    return render(request, "account/keys_create.html", context, status=422 if given is not None else 200)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def rename(request: Request, pk: int) -> HttpResponse:
    key = own_key(request, pk)
    form = NameForm(request.POST if request.method == "POST" else None, instance=key)
    if form.is_valid():
        key.save(update_fields=["name"])
        messages.success(request, f"It is called “{key.name}” now.")
        return redirect("keys")
    return _form(request, "account/keys_rename.html", key, form)


@never_cache
@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def rotate(request: Request, pk: int) -> HttpResponse:
    key = own_key(request, pk)
    form = RotationForm(request.POST if request.method == "POST" else None, initial={"overlap": "24"})
    if form.is_valid():
        return _list(request, key.rotate(form.span))
    return _form(request, "account/keys_rotate.html", key, form)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def revoke(request: Request, pk: int) -> HttpResponse:
    """GET asks back, and says what is lost."""
    key = own_key(request, pk)
    if request.method != "POST":
        return render(request, "account/keys_revoke.html", {"key": key})
    key.revoke()
    messages.success(request, f"“{key.name or 'API key'}” is revoked. It opens nothing any more.")
    return redirect("keys")


def _list(request: Request, secret: str = "") -> HttpResponse:
    """With the secret of a key that was made just now: on its way to another page a cookie would carry it."""
    own = ApiKey.objects.filter(owner=request.user.pk).select_related("allowance")
    keys = list(own.with_use().prefetch_related("allowed_models"))
    context = {
        "keys": [key for key in keys if key.is_active],
        "over": [key for key in keys if not key.is_active],
        "may_issue": settings.USER_KEYS,
        "secret": secret,
    }
    return render(request, "account/keys.html", context)


def _form(request: Request, template: str, key: ApiKey, form: NameForm | RotationForm) -> HttpResponse:
    return render(request, template, {"key": key, "form": form}, status=422 if form.is_bound else 200)
