from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from chat.models import Invitation

from .shown_once import shown_once


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, *_: Any) -> list[tuple[str, str]]:
        return [("open", "Open"), ("accepted", "Accepted"), ("expired", "Expired")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Invitation]) -> QuerySet[Invitation]:  # noqa: ARG002
        used = Q(accepted_at__isnull=False)
        late = Q(expires_at__lte=timezone.now())
        states = {"accepted": used, "expired": ~used & late, "open": ~used & ~late}
        return queryset.filter(states.get(self.value() or "", Q()))


@admin.register(Invitation)
class InvitationAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Deleting one revokes its link."""

    list_display = ("__str__", "state", "expires_at", "accepted_by", "invited_by", "created_at")
    list_filter = (StateFilter,)
    list_select_related = ("accepted_by", "invited_by")
    search_fields = ("note", "accepted_by__username", "invited_by__username")
    readonly_fields = ("state", "invited_by", "created_at", "accepted_at", "accepted_by")

    def get_fieldsets(self, request: HttpRequest, obj: Invitation | None = None) -> list[Any]:  # noqa: ARG002
        words = "After saving, its link is shown once. Whoever opens the link can sign up, one person only."
        if settings.SIGN_UP == "closed":
            words += " At present nobody can, because sign-up is closed (the setting SIGN_UP)."
        fields = ("note", "expires_at") + (self.readonly_fields if obj else ())
        return [(None, {"fields": fields, "description": words})]

    def save_model(self, request: HttpRequest, obj: Invitation, form: Any, change: bool) -> None:
        if change:
            obj.save(update_fields=form.changed_data)
            return
        obj.invited_by = request.user  # type: ignore[assignment]
        obj.token = obj.issue()  # type: ignore[attr-defined]

    def response_add(self, request: HttpRequest, obj: Invitation, post_url_continue: Any = None) -> Any:  # noqa: ARG002
        link = request.build_absolute_uri(reverse("invitation", args=[obj.token]))  # type: ignore[attr-defined]
        words = "The link of this invitation, for the one whom it lets in"
        return shown_once(request, [(words, link)], self.response_post_save_add(request, obj).url)

    def state(self, invitation: Invitation) -> str:
        if invitation.accepted_at:
            return "Accepted"
        return "Open" if invitation.expires_at > timezone.now() else "Expired"
