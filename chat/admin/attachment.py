from django.contrib import admin
from django.http import HttpRequest

from chat.models import Attachment

from .read_only import ReadOnly


@admin.register(Attachment)
class AttachmentAdmin(ReadOnly):
    list_display = ("name", "owner", "media_type", "size", "created_at")
    list_filter = ("media_type", "created_at")
    list_select_related = ("owner",)
    search_fields = ("name", "owner__username")
    date_hierarchy = "created_at"
    fields = ("public_id", "name", "owner", "media_type", "size", "created_at")

    def has_delete_permission(self, request: HttpRequest, obj: Attachment | None = None) -> bool:  # noqa: ARG002
        return False
