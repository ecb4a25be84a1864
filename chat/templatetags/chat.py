from typing import Any

from django import template

from chat.live.frames import message_context
from chat.models import Message

register = template.Library()


@register.inclusion_tag("chat/_message.html", name="message")
def message_tag(message: Message) -> dict[str, Any]:
    return message_context(message)
