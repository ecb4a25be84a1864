"""JSON that a model was only told to write, freed of the code fence that models like to put around it."""

import re

_OPENING = re.compile(r"\s*```[\w-]*[ \t]*\r?\n")
_MAY_OPEN = re.compile(r"\s*(?:`{0,3}|```[\w-]*[ \t]*\r?)")
_MAY_CLOSE = re.compile(r"\s*(?:`{1,3}\s*)?\Z")


class Unfenced:
    """Feed it the text in pieces; what may still turn out to be a fence is held back."""

    def __init__(self) -> None:
        self._held = ""
        self._begun = False
        self._fenced = False

    def feed(self, text: str) -> str:
        self._held += text
        if not self._begun:
            self._begin()
        if not self._begun:
            return ""
        if not self._fenced:
            said, self._held = self._held, ""
            return said
        closing = _MAY_CLOSE.search(self._held)
        at = closing.start() if closing else len(self._held)
        said, self._held = self._held[:at], self._held[at:]
        return said

    def rest(self) -> str:
        """What was held back and is no fence after all."""
        said, self._held = self._held, ""
        return "" if self._fenced and said.strip() == "```" else said

    def _begin(self) -> None:
        if opening := _OPENING.match(self._held):
            self._begun = self._fenced = True
            self._held = self._held[opening.end() :]
        elif not _MAY_OPEN.fullmatch(self._held):
            self._begun = True
