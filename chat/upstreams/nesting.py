"""Whether JSON that comes in pieces is whole, in time linear in its length."""

import re

_MARKS = re.compile(r'\\.?|["{}\[\]]', re.DOTALL)


class Nesting:
    def __init__(self) -> None:
        self._depth = 0
        self._within_string = False
        self._escapes_next = False

    @property
    def is_closed(self) -> bool:
        return not (self._depth or self._within_string)

    def feed(self, text: str) -> None:
        if self._escapes_next and text:
            text, self._escapes_next = text[1:], False
        for mark in _MARKS.findall(text):
            if mark == "\\":
                self._escapes_next = True
            elif mark == '"':
                self._within_string = not self._within_string
            elif len(mark) == 1 and not self._within_string:
                self._depth += 1 if mark in "{[" else -1
