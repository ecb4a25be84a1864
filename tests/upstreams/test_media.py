import base64
from urllib.parse import quote

import pytest

from chat.completions import InvalidRequest
from chat.upstreams.media import Media, media_of, media_type_of, read_base64, read_data_url

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xdb"
GIF = b"GIF89a\x01\x00\x01\x00\x00\x00\x00;"
WEBP = b"RIFF\x24\x00\x00\x00WEBPVP8 "
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
WAV = b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00"
MP3 = b"ID3\x03\x00\x00\x00\x00\x00\x00"
PNG64 = base64.b64encode(PNG).decode()


@pytest.mark.parametrize(
    ("raw", "media_type"),
    [
        (PNG, "image/png"),
        (JPEG, "image/jpeg"),
        (GIF, "image/gif"),
        (WEBP, "image/webp"),
        (PDF, "application/pdf"),
        (WAV, "audio/wav"),
        (MP3, "audio/mpeg"),
        (b"ID3\x04" + bytes(20), "audio/mpeg"),
        (b"\xff\xfb\x90\x64" + bytes(20), "audio/mpeg"),
        (b"plain words", None),
        (b"", None),
    ],
)
def test_a_file_shows_its_type_by_its_first_bytes(raw: bytes, media_type: str | None) -> None:
    assert media_type_of(raw) == media_type


@pytest.mark.parametrize(
    ("raw", "stated", "better"),
    [
        (JPEG, "image/png", "image/jpeg"),
        (JPEG, "image/jpg", "image/jpeg"),
        (PNG, "application/octet-stream", "image/png"),
        (PDF, "text/plain", "application/pdf"),
        (PNG, "", "image/png"),
        (WAV, "", "audio/wav"),
        (WAV, "application/octet-stream", "audio/wav"),
        (WAV, "audio/x-custom", "audio/x-custom"),
        (b"BMW is a make of cars.", "text/plain", "text/plain"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml", "image/svg+xml"),
        (b"a,b\n1,2\n", "TEXT/CSV ", "text/csv"),
        (b"\x00\x01\x02", "", "application/octet-stream"),
    ],
)
def test_a_type_that_the_content_shows_to_be_wrong_is_corrected(raw: bytes, stated: str, better: str) -> None:
    media = media_of(raw, stated)
    assert (media.media_type, media.raw) == (better, raw)


@pytest.mark.parametrize(
    "url",
    [
        f"data:image/png;base64,{PNG64}",
        f"data:image/jpeg;base64,{PNG64}",
        f"data:;base64,{PNG64}",
        f"DATA:image/png;BASE64,{PNG64}",
        f"data:image/png;name=a.png;base64,{PNG64}",
        f"data:image/png;base64,{PNG64[:20]}\r\n {PNG64[20:]}\n",
        f"data:image/png;base64,{PNG64.rstrip('=')}",
        f"data:image/png;base64,{base64.urlsafe_b64encode(PNG).decode()}",
        f"data:image/png;base64,{quote(PNG64, safe='')}",
        f"data:image/png,{quote(PNG)}",
    ],
)
def test_a_data_url_is_taken_apart_however_it_is_written(url: str) -> None:
    media = read_data_url(url, "here")
    assert media == Media("image/png", PNG64)
    assert media.url == f"data:image/png;base64,{PNG64}"


def test_plain_text_needs_no_base64() -> None:
    assert read_data_url("data:text/plain;charset=utf-8,Gr%C3%BC%C3%9Fe", "here").raw == "Grüße".encode()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("https://a.example/b.png", "not a data: URL"),
        ("data:image/png;base64", "not a data: URL"),
        ("data:image/png;base64,%%%", "not valid base64"),
        ("data:image/png;base64,A", "not valid base64"),
        ("data:image/png;base64,ä", "not valid base64"),
        ("data:image/png;base64,", "is empty"),
        ("data:image/png,", "is empty"),
    ],
)
def test_a_data_url_that_holds_no_file_is_refused_by_its_place(url: str, message: str) -> None:
    with pytest.raises(InvalidRequest, match=message) as refused:
        read_data_url(url, "messages[0].content[1].image_url.url")
    assert refused.value.param == "messages[0].content[1].image_url.url"
    assert refused.value.code == "invalid_value"


def test_base64_in_the_usual_alphabet_is_not_written_again() -> None:
    assert read_base64(PNG64, "image/jpeg", "here") == Media("image/png", PNG64)
    assert read_base64(PNG64, "image/jpeg", "here").data is PNG64


def test_base64_in_the_alphabet_of_urls_becomes_the_usual_one() -> None:
    raw = bytes(range(248, 256)) * 3
    assert "_" in base64.urlsafe_b64encode(raw).decode()
    assert (
        read_base64(base64.urlsafe_b64encode(raw).decode(), "", "here").data == base64.b64encode(raw).decode()
    )
