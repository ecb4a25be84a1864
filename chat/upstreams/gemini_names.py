"""Names of tools as Gemini takes them, and back.

Source: https://ai.google.dev/api/caching#FunctionDeclaration
"""

import re
from collections.abc import Iterable, Mapping

_LONGEST = 128
_FOREIGN = re.compile(r"[^A-Za-z0-9_.:-]")


class ToolNames:
    """One name for each tool of a request; two tools never share one."""

    def __init__(self, names: Iterable[str]) -> None:
        self._sent: dict[str, str] = {}
        for name in dict.fromkeys(names):
            self._sent[name] = self._free(_fit(name))

    def __getitem__(self, name: str) -> str:
        return self._sent[name]

    @property
    def originals(self) -> Mapping[str, str]:
        return {sent: name for name, sent in self._sent.items() if sent != name}

    def _free(self, name: str) -> str:
        taken = set(self._sent.values())
        numbered = (f"{name[: _LONGEST - 4]}_{number}" for number in range(2, 1000))
        return name if name not in taken else next(each for each in numbered if each not in taken)


def _fit(name: str) -> str:
    fit = _FOREIGN.sub("_", name)
    return (fit if re.match("[A-Za-z_]", fit) else f"_{fit}")[:_LONGEST]
