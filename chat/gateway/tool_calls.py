import orjson

from chat.completions import BadUpstreamResponse, Chunk

_MALFORMED = "The model wrote a tool call that is not valid. Try again."


class ToolCalls:
    """The calls of an answer while they come: at its end each has a name, and arguments that are whole JSON."""

    def __init__(self) -> None:
        self._names: dict[tuple[int, int], str] = {}
        self._arguments: dict[tuple[int, int], list[str]] = {}
        self._cut_off: set[int] = set()

    def add(self, chunk: Chunk) -> None:
        if chunk.finish_reason in ("length", "content_filter"):
            self._cut_off.add(chunk.choice)
        for delta in chunk.tool_calls:
            key = chunk.choice, delta.index
            self._names[key] = self._names.get(key) or delta.name or ""
            self._arguments.setdefault(key, []).append(delta.arguments)

    def check(self) -> None:
        """Raises BadUpstreamResponse for one that no program can carry out."""
        for key, pieces in self._arguments.items():
            if key[0] in self._cut_off:
                continue
            if not self._names[key]:
                raise BadUpstreamResponse(_MALFORMED)
            try:
                orjson.loads("".join(pieces) or "{}")
            except orjson.JSONDecodeError as exc:
                raise BadUpstreamResponse(_MALFORMED) from exc
