"""The cells of the matrix, and what of them cannot work."""

from dataclasses import dataclass
from typing import Literal

from .providers import PROVIDERS

CLIENTS = (
    "openai-python",
    "openai-node",
    "langchain-openai",
    "ai-sdk",
    "pydantic-ai",
    "litellm",
    "llm",
    "instructor",
)
FAMILIES = tuple(provider.family for provider in PROVIDERS)
CAPABILITIES = (
    "text",
    "stream",
    "tools",
    "parallel_tools",
    "round_trip",
    "image",
    "pdf",
    "json_schema",
    "reasoning",
    "error",
    "cancel",
)


@dataclass(frozen=True, slots=True)
class Cell:
    client: str
    family: str
    capability: str

    def __str__(self) -> str:
        return f"{self.client}/{self.family}/{self.capability}"


@dataclass(frozen=True, slots=True)
class Limit:
    """Why a cell cannot work, and what happens instead.

    missing    the client has no way to ask for it
    refused    the site answers with a clear 400
    unread     the client does not read what the site sends
    elsewhere  the client asks another API than this one, and is told so by a 404
    """

    why: str
    instead: Literal["missing", "refused", "unread", "elsewhere"]


# By capability, and by the client or the family that does not have it, or by both.
_LIMITS = {
    ("image", "deepseek"): Limit("deepseek-v4-pro reads no images", "refused"),
    ("pdf", "deepseek"): Limit("deepseek-v4-pro reads no files", "refused"),
    ("pdf", "qwen"): Limit("Qwen's compatible mode takes no files", "refused"),
    ("reasoning", "langchain-openai"): Limit("langchain-openai does not read reasoning_content", "unread"),
    ("reasoning", "llm"): Limit("llm does not read reasoning_content", "unread"),
    ("reasoning", "litellm/openai"): Limit(
        "litellm asks /v1/responses for gpt-5.5-pro at any address", "elsewhere"
    ),
    ("round_trip", "instructor"): Limit("instructor reads one answer, and runs no tools", "missing"),
}


def limit(cell: Cell) -> Limit | None:
    """That of the client goes first: what it cannot ask for is not refused."""
    whose = (f"{cell.client}/{cell.family}", cell.client, cell.family)
    return next((found for each in whose if (found := _LIMITS.get((cell.capability, each)))), None)


CELLS = [
    Cell(client, family, capability)
    for client in CLIENTS
    for family in FAMILIES
    for capability in CAPABILITIES
]
