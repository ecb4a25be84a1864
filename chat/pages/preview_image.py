"""The picture that programs show with a link: drawn here, so that nobody else learns of what is shared."""

from functools import lru_cache
from io import BytesIO
from textwrap import wrap

WIDTH, HEIGHT = 1200, 630
MARGIN = 96
LINE, LONGEST_LINE, MOST_LINES = 84, 26, 4
GROUND, INK, FAINT, ACCENT = "#fbfaf8", "#2a2724", "#6b665f", "#1f7286"
# The letters that the font which comes with Pillow has.
LAST_LETTER = 0x024F


@lru_cache(maxsize=128)
def preview_image(title: str, site_name: str) -> bytes:
    """A PNG of 1200 by 630 pixels."""
    # Loaded with the first picture: otherwise it would take a part of the site's start.
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("RGB", (WIDTH, HEIGHT), GROUND)
    drawing = ImageDraw.Draw(image)
    drawing.rectangle((0, 0, 16, HEIGHT), fill=ACCENT)
    for number, line in enumerate(lines_of(title)):
        font = ImageFont.load_default(68)
        drawing.text((MARGIN, MARGIN + LINE * number), line, font=font, fill=INK)
    drawing.text(
        (MARGIN, HEIGHT - MARGIN - 32), _legible(site_name), font=ImageFont.load_default(32), fill=FAINT
    )
    return _png(image.quantize(64))


def lines_of(title: str) -> list[str]:
    words = _legible(title) or "A shared conversation"
    return wrap(words, LONGEST_LINE, max_lines=MOST_LINES, placeholder=" …")


def _legible(text: str) -> str:
    """The text, or nothing if the font has not all of its letters: boxes in their place say less."""
    known = all(ord(sign) <= LAST_LETTER or sign in "–—‘’“”…€" for sign in text)
    return text if known else ""


def _png(image: object) -> bytes:
    file = BytesIO()
    image.save(file, "PNG", optimize=True)  # type: ignore[attr-defined]
    return file.getvalue()
