"""Markdown as people and models write it, as HTML that is safe on a page: whole, or as it grows."""

from .memory import remembered
from .page import Patch
from .rendering import render
from .streaming import StreamedMarkup

__all__ = ["Patch", "StreamedMarkup", "remembered", "render"]
