"""The providers, one file a family, all of one shape."""

from collections.abc import Mapping

from .compatible import Compatible
from .demo import Demo
from .openai import OpenAI
from .transport import close_clients
from .upstream import ModelInfo, Timeouts, Upstream

FAMILIES: Mapping[str, type[Upstream]] = {"openai": OpenAI, "compatible": Compatible, "demo": Demo}


def connect(family: str, base_url: str, api_key: str, timeouts: Timeouts | None = None) -> Upstream:
    """Raises `ValueError` for a family that there is no adapter for."""
    if family not in FAMILIES:
        raise ValueError(f"There is no family of upstreams named {family!r}.")
    return FAMILIES[family](base_url, api_key, timeouts)


__all__ = ["FAMILIES", "ModelInfo", "Timeouts", "Upstream", "close_clients", "connect"]
