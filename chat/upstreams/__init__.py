"""The providers, one file a family, all of one shape.

An adapter is loaded when it is first needed: the HTTP client alone would take a fifth of the site's start.
"""

import sys
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any

from .upstream import ModelInfo, Timeouts, Upstream

FAMILIES: Mapping[str, str] = {
    "openai": "OpenAI",
    "anthropic": "Anthropic",
    "gemini": "Gemini",
    "deepseek": "DeepSeek",
    "qwen": "Qwen",
    "compatible": "Compatible",
    "demo": "Demo",
}


def connect(
    family: str,
    base_url: str,
    api_key: str,
    timeouts: Timeouts | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> Upstream:
    """`overrides` are capabilities of the model that it is connected for.

    Raises `ValueError` for a family that there is no adapter for.
    """
    return _adapter(family)(base_url, api_key, timeouts, overrides)


@cache
def _adapter(family: str) -> type[Upstream]:
    if family not in FAMILIES:
        raise ValueError(f"There is no family of upstreams named {family!r}.")
    adapter: type[Upstream] = getattr(import_module(f".{family}", __name__), FAMILIES[family])
    return adapter


async def close_clients() -> None:
    """Close the connections that the running loop keeps open, if any were ever made."""
    if transport := sys.modules.get(f"{__name__}.transport"):
        await transport.close_clients()


__all__ = ["FAMILIES", "ModelInfo", "Timeouts", "Upstream", "close_clients", "connect"]
