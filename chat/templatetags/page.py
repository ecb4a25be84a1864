from datetime import datetime

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from chat.pages import assets

register = template.Library()

register.simple_tag(assets.stylesheet_url)
register.simple_tag(assets.script_url)


@register.simple_tag
def icon(name: str) -> SafeString:
    """A picture that says nothing by itself: the button around it carries the words."""
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}"></use></svg>', assets.icon_url(name)
    )


@register.filter
def duration(seconds: float) -> str:
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


@register.filter
def until(start: datetime, end: datetime) -> str:
    return duration((end - start).total_seconds())
