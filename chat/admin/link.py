from django.contrib import messages
from django.http import HttpRequest
from django.utils.html import format_html


def show_once(request: HttpRequest, words: str, url: str) -> None:
    """Show a link that is nowhere kept, on the next page and with a button that copies it."""
    line = format_html(
        '{}<br><input class="one-time-link" value="{}" readonly aria-label="Link"> '
        '<button type="button" class="button" data-copy>Copy</button>',
        words,
        url,
    )
    messages.success(request, line)
