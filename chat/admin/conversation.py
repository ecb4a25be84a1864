from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from chat.models import Conversation

from .read_only import ReadOnly


@admin.register(Conversation)
class ConversationAdmin(ReadOnly):
    list_display = ("title", "owner", "messages", "model", "created_at", "updated_at")
    list_filter = ("updated_at", "model")
    list_select_related = ("owner", "model")
    search_fields = ("title", "public_id", "owner__username", "owner__email")
    search_help_text = (
        "By title, id, or owner. What people write to each other and to a model is not shown here."
    )
    date_hierarchy = "created_at"
    ordering = ("-updated_at",)
    fieldsets = (
        (
            None,
            {
                "fields": ("title", "owner", "public_id", "model", "messages", "created_at", "updated_at"),
                "description": "What was written is between its owner and the model. It can be deleted here.",
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conversation]:
        return super().get_queryset(request).annotate(message_count=Count("messages"))

    @admin.display(ordering="message_count")
    def messages(self, conversation: Conversation) -> int:
        return conversation.message_count  # type: ignore[attr-defined]
