from datetime import datetime

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from chat.models.duration import in_seconds
from chat.models.money import spent_in_words
from chat.pages import assets

LONG = 2000
LONG_LINES = 24

register = template.Library()

register.simple_tag(assets.stylesheet_url)
register.simple_tag(assets.shared_stylesheet_url)
register.simple_tag(assets.script_url)
register.filter("spent", spent_in_words)


@register.simple_tag
def icon(name: str) -> SafeString:
    """A picture that says nothing by itself: the button around it carries the words."""
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}"></use></svg>', assets.icon_url(name)
    )


@register.filter
def is_long(text: str) -> bool:
    """Whether a question would push the answer out of sight, so that it scrolls in a box of its own."""
    return len(text) > LONG or text.count("\n") > LONG_LINES


@register.filter
def duration(seconds: float) -> str:
    if seconds < 10:
        return f"{seconds:.1f} s".replace(".0 ", " ")
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


@register.filter
def number(value: int) -> str:
    return f"{value:,}"


register.filter(in_seconds)


@register.filter
def percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"


@register.filter
def until(start: datetime, end: datetime) -> str:
    return duration((end - start).total_seconds())
