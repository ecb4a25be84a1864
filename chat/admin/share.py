from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from chat.models import Audience, Share

from .read_only import ReadOnly


@admin.register(Share)
class ShareAdmin(ReadOnly):
    """That there is a link, whose and for whom; neither where it leads to nor what it shows."""

    list_display = (
        "public_id",
        "owner",
        "open_to",
        "state",
        "views",
        "last_viewed_at",
        "ends_at",
        "created_at",
    )
    list_filter = ("audience", "created_at", "revoked_at")
    list_select_related = ("owner",)
    search_fields = ("public_id", "owner__username", "owner__email")
    search_help_text = "By id or owner. What is shared is not shown here."
    date_hierarchy = "created_at"
    actions = ("revoke",)
    fieldsets = (
        (
            None,
            {
                "fields": ("public_id", "owner", "open_to", "state", "has_passphrase", "is_listed"),
                "description": "What it shows is for those it was sent to, and not shown here. It can be revoked.",
            },
        ),
        ("Views", {"fields": ("views", "max_views", "last_viewed_at")}),
        ("Times", {"fields": ("created_at", "published_at", "ends_at", "revoked_at", "revision")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Share]:
        """Without what is not shown, which may be megabytes each."""
        return super().get_queryset(request).defer("title", "token", "snapshot", "markup")

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("chat.change_share"))

    @admin.action(description="Revoke", permissions=["revoke"])
    def revoke(self, request: HttpRequest, shares: QuerySet[Share]) -> None:
        for share in shares:
            share.revoke()
            self.log_change(request, share, "Revoked.")
        self.message_user(request, f"Revoked: {', '.join(map(str, shares))}. They open nothing any more.")

    @admin.display(description="audience", ordering="audience")
    def open_to(self, share: Share) -> str:
        """As it is now, which the site may have narrowed since."""
        is_narrowed = share.audience == Audience.LINK and not share.is_public
        return str(Audience(Audience.SIGNED_IN if is_narrowed else share.audience).label)

    def state(self, share: Share) -> str:
        return share.state

    @admin.display(description="expires")
    def ends_at(self, share: Share) -> Any:
        return share.ends_at

    @admin.display(description="passphrase", boolean=True)
    def has_passphrase(self, share: Share) -> bool:
        return bool(share.passphrase)
