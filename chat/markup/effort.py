"""How much of one text is worth its time: a text of a megabyte of marks or formulas may not stop a server.

The environment of a rendering keeps what is left.
"""

from markdown_it.utils import EnvType

MOST = 200_000
"""Marks of running text and characters of TeX in one text; each takes 5 to 20 microseconds."""


def spend(env: EnvType, units: int) -> None:
    env["effort"] = env.get("effort", 0) + units


def exhausted(env: EnvType) -> bool:
    return bool(env.get("effort", 0) > MOST)
