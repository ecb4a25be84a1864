"""What is counted by the site itself, where no upstream says it."""

import io
import wave
from base64 import b64encode
from decimal import Decimal

import pytest

from chat.completions import Audio, ChatRequest, Image, Message, Part, Text, Video
from chat.gateway import estimate
from chat.models.price import Media


def asked(*parts: Part) -> ChatRequest:
    return ChatRequest("any", (Message("user", parts),))


def base64(raw: bytes) -> str:
    return b64encode(raw).decode()


def wav(seconds: float, rate: int = 16_000) -> str:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(b"\0\0" * int(rate * seconds))
    return base64(file.getvalue())


@pytest.mark.parametrize("rate", [8_000, 48_000])
def test_the_seconds_of_a_wav_are_those_of_its_own_rate(rate):
    assert float(estimate.media_of(asked(Audio(wav(3, rate), "wav"))).seconds) == pytest.approx(3, rel=0.01)


@pytest.mark.parametrize("data", ["", "AAAA", "not base64 at all \0"])
def test_a_wav_without_a_header_is_taken_for_speech(data):
    assert 0 <= estimate.media_of(asked(Audio(data, "wav"))).seconds < 1


def test_an_mp3_and_a_film_are_taken_to_be_as_usual():
    sound = Audio(base64(bytes(160_000)), "mp3")
    film = Video(f"data:video/mp4;base64,{base64(bytes(2_500_000))}")
    assert float(estimate.media_of(asked(sound)).seconds) == pytest.approx(10, rel=0.01)
    assert float(estimate.media_of(asked(film)).seconds) == pytest.approx(10, rel=0.01)


def test_of_a_film_elsewhere_nothing_is_known_and_text_is_no_media():
    found = estimate.media_of(asked(Text("Look"), Image("data:,"), Image("https://x"), Video("https://y")))
    assert found == Media(2, Decimal(0))


def test_a_sound_elsewhere_is_taken_for_a_file_elsewhere():
    sound, film = asked(Audio("https://a.example/b.wav", "wav")), asked(Video("https://a.example/b.mp4"))
    assert estimate.tokens_of_request(sound) == estimate.tokens_of_request(film)


def test_four_bytes_are_taken_for_a_token():
    few, many = (estimate.tokens_of_request(asked(Text("word" * count))) for count in (1, 101))
    assert many - few == 100
