import asyncio
from collections.abc import Iterable
from typing import Any

from asgiref.sync import async_to_sync
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST

from chat.gateway.health import health
from chat.models import Upstream
from chat.models.address import AddressField
from chat.models.encrypted import UnreadableSecret
from chat.models.upstream import Finding

Origin = Upstream.Origin
CONNECTION = ("family", "base_url", "api_key")


class UpstreamForm(forms.ModelForm):  # type: ignore[type-arg]
    """The key goes in and never comes out again."""

    api_key = forms.CharField(
        label="API key",
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "class": "vTextField"}),
        help_text="Stored encrypted and never shown again. Empty for a server that needs none.",
    )
    remove_api_key = forms.BooleanField(label="Remove the API key", required=False)

    class Meta:
        model = Upstream
        fields = ("name", "family", "api_key", "enabled")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial.pop("api_key", None)
        if "api_key" in self.fields:
            self._tell_about_the_key(self.fields["api_key"])

    def _tell_about_the_key(self, field: forms.Field) -> None:
        if self.instance.api_key:
            field.widget.attrs["placeholder"] = "•••• set"
            field.help_text = "A key is set. Leave this empty to keep it."
        elif isinstance(self.instance.api_key, UnreadableSecret):
            field.help_text = (
                "The stored key cannot be read: the site's secret key has changed. Enter it again."
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        self._ask_for_the_address(cleaned)
        self._keep_the_key_from_a_new_address(cleaned)
        if not cleaned.get("api_key") and not cleaned.get("remove_api_key"):
            cleaned["api_key"] = self.instance.api_key
        return cleaned

    def _ask_for_the_address(self, cleaned: dict[str, Any]) -> None:
        """Only the other families have one of their own."""
        if cleaned.get("family") == "compatible" and cleaned.get("base_url") == "":
            self.add_error("base_url", "A compatible server has no address of its own: enter its base URL.")

    def _keep_the_key_from_a_new_address(self, cleaned: dict[str, Any]) -> None:
        """Or whoever may change the address could have the key sent to a server of their own."""
        moved = {"base_url", "family"} & set(self.changed_data)
        if moved and self.instance.api_key and not (cleaned.get("api_key") or cleaned.get("remove_api_key")):
            self.add_error("api_key", "The address has changed: enter the key for it, or remove the key.")

    def changed_fields(self) -> list[str]:
        """Of the model; a stored key that cannot be read is not written over with nothing."""
        changed = {"api_key" if name == "remove_api_key" else name for name in self.changed_data}
        return sorted(changed)


@admin.register(Upstream)
class UpstreamAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    form = UpstreamForm
    list_display = ("name", "family", "enabled", "origin", "models", "checked_at", "problem")
    list_filter = ("enabled", "family", "origin")
    search_fields = ("name", "base_url")
    actions = ("test_connections",)
    formfield_overrides = {  # noqa: RUF012
        AddressField: {"widget": forms.TextInput(attrs={"class": "vURLField", "inputmode": "url"})}
    }
    change_form_template = "admin/chat/upstream/change_form.html"

    class Media:
        css = {"all": ["admin/css/chat.css"]}  # noqa: RUF012

    # What may be edited

    def get_fieldsets(self, request: HttpRequest, obj: Upstream | None = None) -> list[Any]:
        fixed = self.get_readonly_fields(request, obj)
        key = [] if "family" in fixed else ["api_key"]
        remove = ["remove_api_key"] if key and obj and obj.api_key else []
        fields = ["name", "family", "base_url", *key, *remove, "enabled"]
        found = (None, {"fields": ("origin", "models", "checked_at", "problem")})
        return [(None, {"fields": fields, "description": self._words(obj)}), *([found] if obj else [])]

    def get_readonly_fields(self, request: HttpRequest, obj: Upstream | None = None) -> tuple[str, ...]:  # noqa: ARG002
        """Whatever the next start would set again is not edited here."""
        always = ("origin", "models", "checked_at", "problem")
        return always if obj is None or obj.origin == Origin.ADMIN else (*always, "family", "base_url")

    def has_delete_permission(self, request: HttpRequest, obj: Upstream | None = None) -> bool:
        made_here = obj is None or obj.origin == Origin.ADMIN
        return made_here and super().has_delete_permission(request, obj)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Deleting goes one by one, because some come back by themselves."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def save_model(self, request: HttpRequest, obj: Upstream, form: UpstreamForm, change: bool) -> None:
        changed = form.changed_fields()
        if "api_key" in changed:
            obj.key_refused_at = None
            changed.append("key_refused_at")
        obj.save(update_fields=changed if change else None)
        if not change or {*CONNECTION, "enabled"} & set(changed):
            # A transaction must not wait for somebody else's server.
            transaction.on_commit(lambda: self._test_saved(request, obj))

    # Whether it works

    def get_urls(self) -> list[URLPattern]:
        test = self.admin_site.admin_view(self.test_connection)
        return [path("<path:pk>/test/", test, name="chat_upstream_test"), *super().get_urls()]

    @method_decorator(require_POST)
    def test_connection(self, request: HttpRequest, pk: str) -> HttpResponse:
        upstream = get_object_or_404(Upstream, pk=unquote(pk))
        if not self.has_change_permission(request, upstream):
            raise PermissionDenied
        self._test(request, [upstream])
        return redirect("admin:chat_upstream_change", upstream.pk)

    @admin.action(description="Test connection and refresh models", permissions=["change"])
    def test_connections(self, request: HttpRequest, upstreams: QuerySet[Upstream]) -> None:
        self._test(request, upstreams)

    def _test_saved(self, request: HttpRequest, upstream: Upstream) -> None:
        [finding] = async_to_sync(test_all)([upstream])
        if not finding.error:
            self.message_user(request, str(finding), messages.SUCCESS)
            return
        # Reading Django's congratulations takes them away.
        list(messages.get_messages(request))
        words = f"{upstream} is saved, but does not work yet. {finding.problem}"
        self.message_user(request, words, messages.ERROR)

    def _test(self, request: HttpRequest, upstreams: Iterable[Upstream]) -> None:
        for finding in async_to_sync(test_all)(list(upstreams)):
            level = messages.ERROR if finding.error else messages.SUCCESS
            self.message_user(request, str(finding), level)

    # What is shown

    def get_queryset(self, request: HttpRequest) -> QuerySet[Upstream]:
        return super().get_queryset(request).annotate(model_count=Count("routes"))

    @admin.display(ordering="model_count")
    def models(self, upstream: Upstream) -> int:
        return upstream.model_count  # type: ignore[attr-defined]

    @admin.display(description="last error")
    def problem(self, upstream: Upstream) -> str:
        return upstream.problem

    def _words(self, upstream: Upstream | None) -> str:
        return {
            Origin.ENVIRONMENT: "The environment variables of the site set its address and its key.",
            Origin.DETECTED: "It was found on this machine when the site started.",
            Origin.BUILT_IN: "It is built in, to try the site without any provider.",
        }.get(Origin(upstream.origin) if upstream else Origin.ADMIN, "")


async def test_all(upstreams: list[Upstream]) -> list[Finding]:
    findings = await asyncio.gather(*(upstream.test() for upstream in upstreams))
    for upstream, finding in zip(upstreams, findings, strict=True):
        if not finding.error:
            health.forget(upstream.pk)
    return findings
