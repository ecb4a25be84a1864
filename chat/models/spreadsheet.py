"""Rows as CSV that a spreadsheet can open without running any of it.

Source: https://owasp.org/www-community/attacks/CSV_Injection
"""

import csv
from collections.abc import AsyncIterator, Iterable, Iterator
from itertools import islice
from typing import Any

from asgiref.sync import sync_to_async

PIECE = 500


class Echo:
    """What csv writes is what its caller gets back."""

    def write(self, line: str) -> str:
        return line


def lines(header: Iterable[str], rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    writer: Any = csv.writer(Echo())
    yield writer.writerow(header)
    for row in rows:
        yield writer.writerow([harmless(cell) for cell in row])


def harmless(cell: Any) -> Any:
    """A text that a spreadsheet would take for a formula is marked as a text."""
    if isinstance(cell, str) and cell.lstrip().startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{cell}"
    return cell


async def pieces(lines: Iterator[str]) -> AsyncIterator[str]:
    """A few hundred lines at a time: the database is asked in the thread of the request."""
    while piece := await sync_to_async(lambda: "".join(islice(lines, PIECE)))():
        yield piece
