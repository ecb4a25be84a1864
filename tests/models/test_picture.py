"""Photographs as cameras write them, and pictures that are made to do harm."""

import struct
import zlib
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from chat.models import Attachment
from chat.models.picture import LONGEST_EDGE, THUMBNAIL_EDGE
from tests import files
from tests.files import upload

SECRET = b"Olga's garden"


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def photograph(width: int = 3000, height: int = 2000, orientation: int = 1, **options) -> bytes:
    """Its left half is red, its right half blue, and it says where and with what it was taken."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Camera"
    exif[0x9286] = SECRET.decode()
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 18.0)})
    image = Image.new("RGB", (width, height), "red")
    image.paste("blue", (width // 2, 0, width, height))
    out = BytesIO()
    image.save(out, "JPEG", exif=exif, comment=SECRET, **options)
    return out.getvalue()


def taken(owner, content: bytes, name: str = "a.jpg") -> Image.Image:
    return Image.open(BytesIO(Attachment.take(owner, upload(name, content)).read()))


def test_a_photograph_is_as_large_as_models_look_at_and_says_nothing_of_its_place(owner):
    raw = photograph()
    assert SECRET in raw
    attachment = Attachment.take(owner, upload("a.jpg", raw))
    kept = attachment.read()
    image = Image.open(BytesIO(kept))
    assert image.size == (LONGEST_EDGE, round(LONGEST_EDGE * 2 / 3))
    assert image.format == "JPEG"
    assert not image.getexif()
    assert SECRET not in kept
    assert b"Camera" not in kept
    assert attachment.size == len(kept)


def test_a_small_one_loses_what_the_camera_added_too(owner):
    kept = Attachment.take(owner, upload("a.jpg", photograph(300, 200))).read()
    assert SECRET not in kept
    assert Image.open(BytesIO(kept)).size == (300, 200)


def test_one_that_was_held_upright_stands_upright(owner):
    image = taken(owner, photograph(400, 200, orientation=6))
    assert image.size == (200, 400)
    red, blue = image.getpixel((100, 50)), image.getpixel((100, 350))
    assert red[0] > 200 > red[2]
    assert blue[2] > 200 > blue[0]


def test_the_original_is_kept_if_there_is_nothing_to_change(owner):
    for content in (files.PNG, files.JPEG, files.GIF, files.WEBP):
        assert Attachment.take(owner, upload("a", content)).read() == content


def test_words_in_a_picture_are_taken_out(owner):
    about = PngInfo()
    about.add_text("Author", SECRET.decode())
    raw = files.picture("PNG", pnginfo=about)
    assert SECRET in raw
    assert SECRET not in Attachment.take(owner, upload("a.png", raw)).read()


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("PNG", "P"), ("PNG", "LA"), ("PNG", "RGBA"), ("JPEG", "CMYK"), ("GIF", "P"), ("WEBP", "RGBA")],
)
def test_every_kind_of_colour_is_made_smaller(owner, kind, mode):
    out = BytesIO()
    Image.new(mode, (LONGEST_EDGE + 100, 50)).save(out, kind)
    image = taken(owner, out.getvalue())
    assert (image.format, image.width) == (kind, LONGEST_EDGE)


def test_it_has_a_small_picture_of_itself_unless_it_is_small(owner):
    large = Attachment.take(owner, upload("a.jpg", photograph()))
    with large.thumbnail.open("rb") as file:
        small = file.read()
    assert len(small) < 10_000
    assert max(Image.open(BytesIO(small)).size) == THUMBNAIL_EDGE
    assert not Attachment.take(owner, upload("a.png", files.PNG)).thumbnail


def test_both_files_go_with_it(owner, tmp_path, django_capture_on_commit_callbacks):
    attachment = Attachment.take(owner, upload("a.jpg", photograph()))
    assert len([each for each in tmp_path.rglob("*") if each.is_file()]) == 2
    with django_capture_on_commit_callbacks(execute=True):
        attachment.delete()
    assert not [each for each in tmp_path.rglob("*") if each.is_file()]


def bomb(width: int, height: int) -> bytes:
    """A PNG of some hundred bytes that asks for gigabytes."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    rows = chunk(b"IDAT", zlib.compress(bytes(1_000_000)))
    return b"\x89PNG\r\n\x1a\n" + header + rows + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(50_000, 50_000), (9_000, 9_000), (2**31 - 1, 1)])
def test_a_decompression_bomb_is_refused_before_it_is_unpacked(owner, size):
    with pytest.raises(ValidationError, match=r"too many pixels|damaged"):
        Attachment.take(owner, upload("bomb.png", bomb(*size)))
    assert not owner.attachments.exists()


@pytest.mark.parametrize(
    "content", [photograph()[:2000], files.PNG[:40], files.GIF[:10], b"\xff\xd8\xff\xe0" + bytes(99)]
)
def test_a_damaged_one_is_refused_by_name(owner, content):
    with pytest.raises(ValidationError, match=r"a\.jpg is a damaged picture|cannot be sent"):
        Attachment.take(owner, upload("a.jpg", content))
    assert not owner.attachments.exists()
