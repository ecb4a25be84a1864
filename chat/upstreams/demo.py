"""Built-in sample models, which answer what they are asked about the site itself, without any network.

The texts are in `demo_answers`, one file a topic. They never pretend to be a language model.
"""

import asyncio
import re
from collections.abc import AsyncGenerator
from functools import cache
from pathlib import Path

from chat.completions import ChatRequest, Chunk, ModelNotFound, Usage

from .upstream import ModelInfo, Timeouts, Upstream

_ANSWERS = Path(__file__).with_name("demo_answers")
_WORD = re.compile(r"\s*\S+")
_MODELS = {
    "demo": ModelInfo("demo", "Demo", "A built-in sample that answers questions about this site."),
    "demo-reasoning": ModelInfo(
        "demo-reasoning", "Demo with reasoning", "The built-in sample, showing how thoughts appear first."
    ),
}
# The topic with the most of its words in the question is the one that is answered.
_TOPICS = {
    "keys": r"keys?|upstreams?|providers?|connect|openai|claude|gemini|ollama|vllm|real models?|add",
    "serve": r"serve|server|start|run|install|settings?|configur\w+|port|database|postgres\w*|redis|env",
    "users": r"users?|accounts?|invit\w+|sign[- ]?(?:in|up)|password|people|family|team|administrators?",
    "keyboard": r"keyboard|shortcuts?|enter|stop|hotkeys?",
    "markdown": r"markdown|format\w*|tables?|lists?|code|math\w*|formulas?|equations?|latex|show|page",
    "api": r"api|/v1\S*|curl|sdk|program\w*|clients?|scripts?|call",
    "share": r"shar(?:e|es|ing)|links?|export",
}


class Demo(Upstream):
    family = "demo"

    def __init__(
        self,
        base_url: str = "",
        api_key: str = "",
        timeouts: Timeouts | None = None,
        words_per_second: float = 60,
    ) -> None:
        """At 0 words per second the answer comes without a pause."""
        super().__init__(base_url, api_key, timeouts)
        self._pause = 1 / words_per_second if words_per_second else 0

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        if request.model not in _MODELS:
            raise ModelNotFound(f"There is no built-in model named {request.model}. Choose another model.")
        topic = _topic(_question(request))
        thoughts = _words(_text("reasoning").format(topic=topic)) if request.model == "demo-reasoning" else []
        answer = _words(_text(topic) + _text("closing"))
        for word in thoughts:
            yield Chunk(reasoning=word)
            await asyncio.sleep(self._pause)
        for word in answer:
            yield Chunk(content=word)
            await asyncio.sleep(self._pause)
        yield Chunk(finish_reason="stop", usage=_usage(request, answer, thoughts))

    async def models(self) -> list[ModelInfo]:
        return list(_MODELS.values())


def _question(request: ChatRequest) -> str:
    return next((message.text for message in reversed(request.messages) if message.role == "user"), "")


def _topic(question: str) -> str:
    scores = {
        topic: len(re.findall(rf"(?<!\w)(?:{words})(?!\w)", question, re.IGNORECASE))
        for topic, words in _TOPICS.items()
    }
    best = max(scores, key=lambda topic: scores[topic])
    return best if scores[best] else "welcome"


@cache
def _text(name: str) -> str:
    return (_ANSWERS / f"{name}.md").read_text("utf-8")


def _words(text: str) -> list[str]:
    """The text in pieces of a word and the space before it."""
    return _WORD.findall(text)


def _usage(request: ChatRequest, answer: list[str], thoughts: list[str]) -> Usage:
    """In words, which is as near to tokens as a sample needs to be."""
    asked = sum(len(_words(message.text)) for message in request.messages)
    said = len(answer) + len(thoughts)
    return Usage(asked, said, asked + said, reasoning_tokens=len(thoughts) or None)
