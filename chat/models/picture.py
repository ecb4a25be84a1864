"""Pictures made ready to be sent: upright, no larger than models look at, and without what a camera adds."""

from __future__ import annotations

import warnings
from io import BytesIO
from typing import Any

from django.core.exceptions import ValidationError
from PIL import Image, ImageOps, UnidentifiedImageError

LONGEST_EDGE = 2048
THUMBNAIL_EDGE = 320
# A header of some bytes can ask for gigabytes of memory.
MOST_PIXELS = 60_000_000
FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/gif": "GIF"}
# What does not say how the picture looks, but where, when, with what or by whom it was made.
HARMLESS = frozenset(
    "jfif jfif_version jfif_unit jfif_density dpi gamma srgb transparency interlace progressive progression "
    "background version duration loop extension icc_profile aspect adobe adobe_transform chromaticity "
    "timestamp default_image bbox".split()
)
QUALITY = 90


def clean(raw: bytes, media_type: str, name: str) -> bytes:
    """The picture as it is kept: the very bytes if nothing about them has to change."""
    picture = _opened(raw, media_type, name)
    if max(picture.size) <= LONGEST_EDGE and _is_bare(picture):
        return raw
    return _written(_within(_upright(picture), LONGEST_EDGE), FORMATS[media_type])


def thumbnail(raw: bytes, media_type: str, name: str) -> bytes | None:
    """A small WebP; None for a picture that is small already."""
    picture = _opened(raw, media_type, name)
    if max(picture.size) <= THUMBNAIL_EDGE:
        return None
    picture.draft("RGB", (2 * THUMBNAIL_EDGE, 2 * THUMBNAIL_EDGE))
    small = _within(_upright(picture), THUMBNAIL_EDGE)
    return _written(small if small.mode in {"RGB", "RGBA"} else small.convert("RGBA"), "WEBP")


def _opened(raw: bytes, media_type: str, name: str) -> Image.Image:
    """Decoded here, so that what is broken is refused, and nothing else than it was taken for is tried."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(BytesIO(raw), formats=[FORMATS[media_type]])
            _refuse_bomb(picture, name)
            picture.load()
    except Image.DecompressionBombError as error:
        raise _too_many_pixels(name) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise ValidationError(
            f"{name} is a damaged picture. Save it anew, and attach that.", code="damaged"
        ) from error
    return picture


def _refuse_bomb(picture: Image.Image, name: str) -> None:
    width, height = picture.size
    frames = getattr(picture, "n_frames", 1) if picture.format != "MPO" else 1
    if width * height > MOST_PIXELS or width * height * frames > 4 * MOST_PIXELS:
        raise _too_many_pixels(name)


def _too_many_pixels(name: str) -> ValidationError:
    return ValidationError(
        f"{name} has too many pixels: {MOST_PIXELS // 1_000_000} million are possible. Make it smaller first.",
        code="pixels",
    )


def _is_bare(picture: Image.Image) -> bool:
    return not picture.getexif() and picture.format != "MPO" and HARMLESS.issuperset(picture.info)


def _upright(picture: Image.Image) -> Image.Image:
    return ImageOps.exif_transpose(picture)


def _within(picture: Image.Image, edge: int) -> Image.Image:
    if max(picture.size) > edge:
        picture = picture.convert("RGBA") if picture.mode in {"P", "PA"} else picture
        picture.thumbnail((edge, edge), Image.Resampling.LANCZOS, reducing_gap=3)
    return picture


def _written(picture: Image.Image, kind: str) -> bytes:
    """With its colours, and without the rest: what is not named here is written by Pillow all the same."""
    options: dict[str, Any] = {"exif": b"", "icc_profile": picture.info.get("icc_profile")}
    picture.info = {key: picture.info[key] for key in ("transparency",) if key in picture.info}
    if kind == "JPEG":
        picture = picture if picture.mode in {"RGB", "L"} else picture.convert("RGB")
    if kind in {"JPEG", "WEBP"}:
        options["quality"] = QUALITY
    if kind == "GIF":
        options = {}
    out = BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()
