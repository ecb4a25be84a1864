"""Text as people and models write it, markdown, as HTML that is safe to put on a page: whole or as it grows."""

from .page import Patch
from .rendering import render
from .streaming import StreamedMarkup

__all__ = ["Patch", "StreamedMarkup", "render"]
