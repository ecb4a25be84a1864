"""Office documents and PDFs as text: by libraries that know the formats, from archives that are looked at first."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from io import BytesIO
from typing import Any

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
ODF = "application/vnd.oasis.opendocument."
ODF_TYPES = frozenset(ODF + kind for kind in ("text", "spreadsheet", "presentation"))
OFFICE_TYPES = frozenset({DOCX, XLSX, PPTX}) | ODF_TYPES
_PARTS = {"word/document.xml": DOCX, "xl/workbook.xml": XLSX, "ppt/presentation.xml": PPTX}

# An archive of some kilobytes can hold gigabytes; nobody writes that much.
MOST_UNPACKED = 100 * 1024 * 1024
MOST_PARTS = 5_000
LONGEST_TEXT = 400_000
LONGEST_SECONDS = 20.0
CUT_OFF = "[The rest is left out: it is too long.]"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"


class Unreadable(Exception):
    """Damaged, encrypted, or packed to do harm; in words that go behind the name of the file."""


def office_type(raw: bytes) -> str | None:
    """The type of an office document, by what its archive holds. Raises Unreadable for one that is too large."""
    if not raw.startswith(b"PK\x03\x04"):
        return None
    try:
        with zipfile.ZipFile(BytesIO(raw)) as archive:
            found = next((_PARTS[name] for name in archive.namelist() if name in _PARTS), None)
            found = found or _stated(archive)
            if found:
                _refuse_bomb(archive)
            return found
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError):
        return None


def text_of(raw: bytes, media_type: str) -> str:
    """Raises Unreadable."""
    read = pdf_pages if media_type == "application/pdf" else _READERS.get(media_type, _odf)
    try:
        return _joined(read(raw))
    except Unreadable:
        raise
    except Exception as error:
        # The libraries raise whatever comes up in what they did not expect.
        raise Unreadable("cannot be read: it is damaged or has a password") from error


def pdf_pages(raw: bytes) -> Iterator[str]:
    from pypdf import PdfReader

    reader = PdfReader(BytesIO(raw))
    if reader.is_encrypted and not reader.decrypt(""):
        raise Unreadable("has a password. Remove it first")
    for number, page in enumerate(reader.pages, 1):
        if text := page.extract_text().strip():
            yield f"[Page {number}]\n{text}\n"


def _stated(archive: zipfile.ZipFile) -> str | None:
    """As OpenDocument says it, in its first part."""
    if "mimetype" not in archive.namelist():
        return None
    with archive.open("mimetype") as part:
        stated = part.read(100).decode("ascii", "replace").strip()
    return stated if stated in ODF_TYPES else None


def _refuse_bomb(archive: zipfile.ZipFile) -> None:
    """By the sizes that it states: `zipfile` reads no more than these of any part."""
    parts = archive.infolist()
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise Unreadable("unpacks to more than a document can be")


def _joined(pieces: Iterable[str]) -> str:
    taken: list[str] = []
    length, began = 0, time.monotonic()
    for piece in pieces:
        length += len(piece) + 1
        if length > LONGEST_TEXT or time.monotonic() - began > LONGEST_SECONDS:
            return "\n".join([*taken, piece[: max(0, LONGEST_TEXT - length + len(piece))], CUT_OFF])
        taken.append(piece)
    return "\n".join(taken).strip()


def _docx(raw: bytes) -> Iterator[str]:
    from docx import Document
    from docx.table import Table

    for block in Document(BytesIO(raw)).iter_inner_content():
        if isinstance(block, Table):
            yield from (_row(cell.text for cell in row.cells) for row in block.rows)
        else:
            yield block.text


def _xlsx(raw: bytes) -> Iterator[str]:
    from openpyxl import load_workbook

    book = load_workbook(BytesIO(raw), read_only=True, data_only=True)
    for sheet in book.worksheets:
        yield f"[Sheet {sheet.title}]"
        for row in sheet.iter_rows(values_only=True):
            if any(value is not None for value in row):
                yield _row("" if value is None else str(value) for value in row)


def _pptx(raw: bytes) -> Iterator[str]:
    from pptx import Presentation

    for number, slide in enumerate(Presentation(BytesIO(raw)).slides, 1):
        yield f"[Slide {number}]"
        for shape in slide.shapes:
            yield from _of_shape(shape)
        if slide.has_notes_slide and (notes := slide.notes_slide.notes_text_frame):
            yield notes.text


def _of_shape(shape: Any) -> Iterator[str]:
    if shape.has_text_frame:
        yield shape.text_frame.text
    elif getattr(shape, "has_table", False):
        yield from (_row(cell.text for cell in row.cells) for row in shape.table.rows)


def _odf(raw: bytes) -> Iterator[str]:
    from lxml import etree

    # Nothing is fetched and no entity is filled in: a document has no need of either.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    with zipfile.ZipFile(BytesIO(raw)) as archive:
        tree = etree.fromstring(archive.read("content.xml"), parser)
    for paragraph in tree.iter(f"{_TEXT}p", f"{_TEXT}h"):
        yield "".join(paragraph.itertext())


def _row(cells: Iterable[str]) -> str:
    return "\t".join(" ".join(cell.split()) for cell in cells)


_READERS: Mapping[str, Callable[[bytes], Iterator[str]]] = {DOCX: _docx, XLSX: _xlsx, PPTX: _pptx}
