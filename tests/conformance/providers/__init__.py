"""Fake providers, one a family: each reads its own wire format, and answers in it by what it is asked.

The user's text begins with the name of a cell in brackets, by which a test finds the requests again. What else it
says decides: "Refuse" is refused, "Break off" ends in the middle, "Wait" stalls, a city is a call of the tool for
each city, until its results have come. Like the real ones, Claude, Gemini and DeepSeek refuse to go on after a call
without the reasoning that led to it.

Sources: the API references that the adapters in `chat/upstreams` name.
"""

from .anthropic import Anthropic
from .deepseek import DeepSeek
from .gemini import Gemini
from .openai import OpenAI
from .provider import Exchange, Provider
from .qwen import Qwen

PROVIDERS: tuple[type[Provider], ...] = (OpenAI, Anthropic, Gemini, DeepSeek, Qwen)

__all__ = ["PROVIDERS", "Exchange", "Provider"]
