from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from chat.models import Message

from .read_only import ReadOnly


@admin.register(Message)
class MessageAdmin(ReadOnly):
    list_display = (
        "public_id",
        "owner",
        "role",
        "status",
        "model_name",
        "prompt_tokens",
        "completion_tokens",
        "created_at",
        "what_went_wrong",
    )
    list_filter = ("role", "status", "created_at", "model_name")
    list_select_related = ("conversation__owner",)
    search_fields = ("public_id", "conversation__public_id", "conversation__owner__username", "model_name")
    search_help_text = "By id, owner or model. The text of messages is neither shown nor searched here."
    date_hierarchy = "created_at"
    ordering = ("-id",)
    fieldsets = (
        (
            None,
            {
                "fields": ("public_id", "owner", "role", "status", "model_name", "what_went_wrong"),
                "description": "The text is between its owner and the model, and not shown here.",
            },
        ),
        ("Times", {"fields": ("created_at", "first_token_at", "finished_at", "reasoning_seconds")}),
        ("Tokens", {"fields": ("prompt_tokens", "cached_tokens", "completion_tokens", "reasoning_tokens")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        """Without what is not shown, which may be megabytes each."""
        return super().get_queryset(request).defer("content", "reasoning", "refusal", "tool_calls")

    def has_delete_permission(self, request: HttpRequest, obj: Message | None = None) -> bool:  # noqa: ARG002
        """Only with its conversation: the messages are a tree, and a hole in it would lose what follows."""
        return False

    @admin.display(ordering="conversation__owner__username")
    def owner(self, message: Message) -> str:
        return message.conversation.owner.username

    @admin.display(description="error")
    def what_went_wrong(self, message: Message) -> str:
        return str(message.error.get("message", "")) if message.error else ""
