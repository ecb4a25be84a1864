"""A request that Gemini has refused, made so that it may take it; there is a way for these refusals only.

Corrupted thought signature. · Function call is missing a thought_signature in functionCall parts.
Thinking level MINIMAL is not supported for this model. · Budget 0 is invalid. This model only works in thinking mode.
Developer instruction is not enabled for models/gemma-3-27b-it
"""

import re
from collections.abc import Callable

from chat.completions import Adjustment, InvalidRequest

from .gemini_parts import Wire

_SIGNATURE = re.compile(r"thought[ _]?signature", re.IGNORECASE)
_THINKING = re.compile(r"thinking[ _](level|budget|config|mode)|thinking is not", re.IGNORECASE)
_INSTRUCTION = re.compile(r"(developer|system) instruction", re.IGNORECASE)


def mended(
    refused: InvalidRequest, body: Wire, unsigned: Callable[[], list[Wire]]
) -> tuple[Wire, tuple[Adjustment, ...]] | None:
    """The body, and what of it is not as it was asked. `unsigned` makes its contents without signatures."""
    said = refused.upstream.message if refused.upstream else ""
    if _SIGNATURE.search(said):
        return {**body, "contents": unsigned()}, ()
    if _THINKING.search(said) and "thinkingConfig" in body.get("generationConfig", {}):
        rest = {name: value for name, value in body["generationConfig"].items() if name != "thinkingConfig"}
        return {**body, "generationConfig": rest}, (Adjustment("reasoning_effort"),)
    if _INSTRUCTION.search(said) and "systemInstruction" in body:
        rest = dict(body)
        first = {"role": "user", **rest.pop("systemInstruction")}
        return {**rest, "contents": [first, *body["contents"]]}, ()
    return None
