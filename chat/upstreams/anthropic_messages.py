"""A conversation as Anthropic's Messages API has it: instructions apart, and turns of user and assistant.

Source: https://platform.claude.com/docs/en/build-with-claude/working-with-messages
"""

from collections.abc import Mapping, Sequence
from typing import Any

from chat.completions import File, Image, InvalidRequest, Message, Part, Text, ToolCall

from .alphabet import within_alphabet
from .anthropic_tools import tool_input, tool_name
from .media import Media, read_data_url

Block = Mapping[str, Any]

_PICTURES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
_CONTINUE = "Continue."
_INSTRUCTING = ("system", "developer")


def reasoning_blocks(message: Message, model: str) -> tuple[Block, ...]:
    """The reasoning of this message that this model has signed; that of any other is of no use to it."""
    state = message.reasoning_state
    return state.blocks if state and state.is_of("anthropic", model) else ()


def lacks_reasoning(messages: Sequence[Message], model: str) -> bool:
    """Whether an answer with tool calls is to be gone on with, whose own reasoning is not at hand."""
    last = next((message for message in reversed(messages) if message.role == "assistant"), None)
    return last is not None and bool(last.tool_calls) and not reasoning_blocks(last, model)


class Conversation:
    """Add the messages in their order. `system` and `turns` are what is sent of them."""

    def __init__(self, model: str, *, late_instructions: bool, with_reasoning: bool) -> None:
        self.system: list[Block] = []
        self.turns: list[dict[str, Any]] = []
        self.uses_stored_files = False
        self._model = model
        self._late_instructions = late_instructions
        self._with_reasoning = with_reasoning
        self._ids: dict[str, str] = {}
        self._ids_sent: set[str] = set()

    def add(self, message: Message, where: str) -> None:
        """Raises `InvalidRequest` for a part that the API has no word for; `where` names the message."""
        if message.role in _INSTRUCTING:
            self._instruct(_texts(message))
        elif message.role == "assistant":
            self._say("assistant", self._answer(message, where))
        elif message.role == "tool":
            self._say("user", [self._result(message, where)])
        else:
            self._say("user", self._blocks(message, where))

    def begin(self) -> None:
        """The first turn must be the user's."""
        if not self.turns or self.turns[0]["role"] != "user":
            self.turns.insert(0, {"role": "user", "content": [_text(".")]})

    def end(self, *, prefill: bool) -> bool:
        """See to the last turn; False if it began an answer, which is now asked to be gone on with."""
        if self.turns[-1]["role"] != "assistant":
            return True
        if prefill:
            self._strip_last()
            return True
        self._say("user", [_text(_CONTINUE)])
        return False

    def _instruct(self, blocks: list[Block]) -> None:
        if not self.turns:
            self.system += blocks
        elif self._late_instructions and self.turns[-1]["role"] in ("user", "system"):
            self._say("system", blocks)
        else:
            self._say("user", _wrapped(blocks))

    def _say(self, role: str, blocks: list[Block]) -> None:
        if not blocks:
            return
        if role == "user":
            self._settle_instructions()
        if self.turns and self.turns[-1]["role"] == role:
            self.turns[-1]["content"] = _results_first(self.turns[-1]["content"] + blocks)
        else:
            self.turns.append({"role": role, "content": blocks})

    def _settle_instructions(self) -> None:
        """Instructions of their own role may stand only before an answer or at the end."""
        if self.turns and self.turns[-1]["role"] == "system":
            instructions = self.turns.pop()["content"]
            self.turns[-1]["content"] += _wrapped(instructions)

    def _answer(self, message: Message, where: str) -> list[Block]:
        blocks = self._blocks(message, where)
        if not blocks and message.refusal.strip():
            blocks = [_text(message.refusal)]
        calls = [self._call(call) for call in message.tool_calls]
        if not blocks and not calls:
            return []
        return [*(reasoning_blocks(message, self._model) if self._with_reasoning else ()), *blocks, *calls]

    def _call(self, call: ToolCall) -> Block:
        sent = within_alphabet(call.id)
        while sent in self._ids_sent:
            sent = within_alphabet(f"{sent}+")
        self._ids_sent.add(sent)
        self._ids[call.id] = sent
        return {
            "type": "tool_use",
            "id": sent,
            "name": tool_name(call.name),
            "input": tool_input(call.arguments),
        }

    def _result(self, message: Message, where: str) -> Block:
        asked = message.tool_call_id or ""
        result = {"type": "tool_result", "tool_use_id": self._ids.get(asked) or within_alphabet(asked)}
        return {**result, **_within_result(self._blocks(message, where))}

    def _blocks(self, message: Message, where: str) -> list[Block]:
        parts = enumerate(message.parts)
        return [
            _marked(block, part)
            for n, part in parts
            if (block := self._block(part, message, f"{where}.content[{n}]"))
        ]

    def _block(self, part: Part, message: Message, where: str) -> Block | None:
        if isinstance(part, Text):
            return _text(part.text) if part.text.strip() else None
        if message.role != "assistant":
            if isinstance(part, Image):
                return _image(part.url, where)
            if isinstance(part, File):
                self.uses_stored_files = self.uses_stored_files or part.file_id is not None
                return _file(part, where)
        raise _refusal(f"does not take {type(part).__name__.lower()} here", f"{where}.type")

    def _strip_last(self) -> None:
        """The last text may not end with white space."""
        content = self.turns[-1]["content"]
        if content[-1]["type"] == "text":
            content[-1] = {**content[-1], "text": content[-1]["text"].rstrip()}


def _texts(message: Message) -> list[Block]:
    texts = (part for part in message.parts if isinstance(part, Text) and part.text.strip())
    return [_marked(_text(part.text), part) for part in texts]


def _marked(block: Block, part: Part) -> Block:
    mark = getattr(part, "cache_control", None)
    return {**block, "cache_control": mark} if mark else block


def _text(text: str) -> Block:
    return {"type": "text", "text": text}


def _within_result(blocks: Sequence[Block]) -> Block:
    """What is inside a result cannot be marked for the cache, but the result itself can."""
    marks = [block["cache_control"] for block in blocks if "cache_control" in block]
    plain = [{name: value for name, value in block.items() if name != "cache_control"} for block in blocks]
    return {**({"content": plain} if plain else {}), **({"cache_control": marks[-1]} if marks else {})}


def _wrapped(blocks: Sequence[Block]) -> list[Block]:
    return [{**block, "text": f"<system>{block['text']}</system>"} for block in blocks]


def _results_first(blocks: list[Block]) -> list[Block]:
    return sorted(blocks, key=lambda block: block["type"] != "tool_result")


def _image(url: str, where: str) -> Block:
    if not url.startswith("data:"):
        return {"type": "image", "source": {"type": "url", "url": url}}
    return _picture(read_data_url(url, where), where)


def _picture(media: Media, where: str) -> Block:
    if media.media_type not in _PICTURES:
        raise _refusal("reads pictures as JPEG, PNG, GIF or WebP", where)
    return {"type": "image", "source": _base64(media)}


def _file(file: File, where: str) -> Block:
    if file.file_id is not None:
        return _document(file, {"type": "file", "file_id": file.file_id})
    if file.url is None:
        raise _refusal("needs the content of a file, or its id", where)
    media = read_data_url(file.url, where)
    if media.media_type.startswith("image/") and media.media_type != "image/svg+xml":
        return _picture(media, where)
    if media.media_type == "application/pdf":
        return _document(file, _base64(media))
    return _document(file, {"type": "text", "media_type": "text/plain", "data": _plain(media, where)})


def _document(file: File, source: Block) -> Block:
    title = {"title": file.filename} if file.filename else {}
    return {"type": "document", "source": source, **title}


def _base64(media: Media) -> Block:
    return {"type": "base64", "media_type": media.media_type, "data": media.data}


def _plain(media: Media, where: str) -> str:
    try:
        text = media.raw.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise _refusal("reads files that are pictures, PDF or text", where) from exc
    if "\0" in text or not text.strip():
        raise _refusal("reads files that are pictures, PDF or text", where)
    return text


def _refusal(what: str, where: str) -> InvalidRequest:
    return InvalidRequest(f"This model's provider {what}.", param=where, code="unsupported_value")
