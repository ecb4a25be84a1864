"""Documents as text: real ones, and archives that are made to do harm."""

import time
import zipfile
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from docx import Document
from openpyxl import Workbook
from pptx import Presentation
from pypdf import PdfWriter

from chat.completions import File, Text
from chat.models import Attachment, document
from chat.models.offer import ANY, Offer
from tests.files import upload

NO_FILES = Offer(settings=frozenset(), inputs=frozenset({"image"}))


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def saved(thing) -> bytes:
    out = BytesIO()
    thing.save(out)
    return out.getvalue()


def docx() -> bytes:
    written = Document()
    written.add_heading("Bread")
    written.add_paragraph("Flour and water.")
    table = written.add_table(1, 2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "Salt", "10 g"
    return saved(written)


def xlsx() -> bytes:
    book = Workbook()
    book.active.title = "Prices"
    book.active.append(["Flour", 2.5, None])
    return saved(book)


def pptx() -> bytes:
    shown = Presentation()
    slide = shown.slides.add_slide(shown.slide_layouts[0])
    slide.shapes.title.text = "Bread"
    return saved(shown)


def archive(**parts: bytes | str) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name.replace("__", "/"), content)
    return out.getvalue()


def odt(
    body: str = "<text:h>Bread</text:h><text:p>Flour <text:span>and</text:span> water.</text:p>",
    head: str = "",
) -> bytes:
    of = "urn:oasis:names:tc:opendocument:xmlns"
    names = f'xmlns:office="{of}:office:1.0" xmlns:text="{of}:text:1.0"'
    xml = (
        f"{head}<office:document-content {names}><office:body>{body}</office:body></office:document-content>"
    )
    return archive(**{"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": xml})


def pdf(*pages: str) -> bytes:
    """As the simplest writer makes one: a page is one line in Helvetica."""
    objects = ["<</Type/Catalog/Pages 2 0 R>>", ""]
    kids = []
    for text in pages:
        stream = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET"
        objects.append(f"<</Length {len(stream)}>>stream\n{stream}\nendstream")
        font = "<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>"
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents {len(objects)} 0 R/Resources{font}>>"
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<</Type/Pages/Count {len(pages)}/Kids[{' '.join(kids)}]>>"
    out, places = b"%PDF-1.7\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj{each}endobj\n".encode()
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    count = len(objects) + 1
    end = f"xref\n0 {count}\n0000000000 65535 f \n{table}trailer<</Size {count}/Root 1 0 R>>\n"
    end += f"startxref\n{len(out)}\n%%EOF"
    return out + end.encode()


def take(owner, name: str, content: bytes) -> Attachment:
    return Attachment.take(owner, upload(name, content))


@pytest.mark.parametrize(
    ("name", "content", "media_type", "said"),
    [
        ("a.docx", docx(), document.DOCX, "Bread\nFlour and water.\nSalt\t10 g"),
        ("a.xlsx", xlsx(), document.XLSX, "[Sheet Prices]\nFlour\t2.5\t"),
        ("a.pptx", pptx(), document.PPTX, "[Slide 1]\nBread"),
        ("a.odt", odt(), document.ODF + "text", "Bread\nFlour and water."),
        ("a.png", docx(), document.DOCX, "Bread\nFlour and water.\nSalt\t10 g"),
    ],
)
def test_an_office_document_is_known_by_its_content_and_goes_as_its_text(
    owner, name, content, media_type, said
):
    attachment = take(owner, name, content)
    assert attachment.media_type == media_type
    assert attachment.text.startswith(said.strip())
    part = attachment.as_part(ANY)
    assert isinstance(part, Text)
    assert said.split("\n")[0] in part.text


def test_a_pdf_goes_as_it_is_to_a_model_that_reads_it_and_as_text_with_pages_to_others(owner):
    attachment = take(owner, "a.pdf", pdf("Flour and water", "Salt"))
    assert isinstance(attachment.as_part(ANY), File)
    part = attachment.as_part(NO_FILES)
    assert isinstance(part, Text)
    assert "[Page 1]\nFlour and water\n\n[Page 2]\nSalt" in part.text


def test_a_pdf_without_text_cannot_be_given_to_a_model_that_reads_none(owner):
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    out = BytesIO()
    writer.write(out)
    attachment = take(owner, "scan.pdf", out.getvalue())
    assert attachment.can_be_given_to(ANY)
    assert not attachment.can_be_given_to(NO_FILES)


def test_a_pdf_with_a_password_or_damaged_is_kept_for_models_that_read_it(owner):
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    writer.encrypt("secret")
    out = BytesIO()
    writer.write(out)
    assert take(owner, "locked.pdf", out.getvalue()).text == ""
    assert take(owner, "broken.pdf", b"%PDF-1.7\nnothing").text == ""


def test_a_zip_bomb_in_a_document_is_refused_at_once(owner):
    content = archive(**{"word__document.xml": b"0" * 150_000_000})
    assert len(content) < 1_000_000
    began = time.monotonic()
    with pytest.raises(ValidationError, match="unpacks to more than a document can be"):
        take(owner, "bomb.docx", content)
    assert time.monotonic() - began < 2
    assert not owner.attachments.exists()


def test_one_of_thousands_of_parts_is_refused(owner):
    content = archive(**{f"part{number}": b"" for number in range(5_001)}, **{"word__document.xml": b""})
    with pytest.raises(ValidationError, match="unpacks to more"):
        take(owner, "bomb.docx", content)


def test_a_document_that_lies_about_the_size_of_a_part_is_refused(owner):
    content = bytearray(archive(**{"word__document.xml": b"0" * 50_000_000}))
    place = content.rindex(b"PK\x01\x02")
    content[place + 24 : place + 28] = (100).to_bytes(4, "little")
    with pytest.raises(ValidationError, match="damaged"):
        take(owner, "bomb.docx", bytes(content))


@pytest.mark.parametrize(
    "content",
    [
        odt(head='<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>', body="<text:p>Flour &e;</text:p>"),
        odt(
            head="<!DOCTYPE x [<!ENTITY a 'ha'>"
            + "".join(f"<!ENTITY {b} '{f'&{a};' * 10}'>" for a, b in zip("abcdefgh", "bcdefghi", strict=True))
            + "]>",
            body="<text:p>Flour &i;</text:p>",
        ),
    ],
)
def test_entities_of_a_document_are_not_filled_in(owner, content):
    try:
        text = take(owner, "a.odt", content).text
    except ValidationError:
        text = ""
    assert "root:" not in text
    assert len(text) < 100


@pytest.mark.parametrize(
    "content",
    [
        archive(**{"word__document.xml": b"<not"}),
        archive(**{"xl__workbook.xml": b""}),
        docx()[:-200] + bytes(200),
    ],
)
def test_a_damaged_document_is_refused_by_name(owner, content):
    with pytest.raises(ValidationError, match=r"a\.docx (cannot be read|is of a type)"):
        take(owner, "a.docx", content)
    assert not owner.attachments.exists()


def test_an_archive_of_anything_else_is_refused(owner):
    for content in (archive(readme=b"Hello"), archive(mimetype=b"application/epub+zip")):
        with pytest.raises(ValidationError, match="cannot be sent"):
            take(owner, "a.docx", content)


def test_a_document_without_text_is_refused(owner):
    with pytest.raises(ValidationError, match=r"no text in a\.docx"):
        take(owner, "a.docx", saved(Document()))


def test_of_a_very_long_one_the_beginning_goes_and_says_so(owner, monkeypatch):
    monkeypatch.setattr(document, "LONGEST_TEXT", 20)
    text = take(owner, "a.docx", docx()).text
    assert text.startswith("Bread\nFlour and")
    assert text.endswith(document.CUT_OFF)


def test_what_waits_to_be_sent_has_an_end(owner, monkeypatch):
    monkeypatch.setattr("chat.models.attachment.MOST_DRAFTS", 2)
    take(owner, "a.txt", b"A")
    take(owner, "b.txt", b"B")
    with pytest.raises(ValidationError, match="more than can wait to be sent"):
        take(owner, "c.txt", b"C")
    monkeypatch.setattr("chat.models.attachment.MOST_DRAFTS", 5)
    monkeypatch.setattr("chat.models.attachment.MOST_DRAFTS_SIZE", 3)
    with pytest.raises(ValidationError, match="more than can wait to be sent"):
        take(owner, "c.txt", b"CC")
