"""What a message is made of, as it comes over the wire."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field

from chat.completions import Audio, File, Image, Part, Text, Video


class Wire(BaseModel):
    """Types are not guessed: `"5"` is not a number. Fields that nobody knows are passed over."""

    model_config = ConfigDict(strict=True, extra="ignore")


class Cached(Wire):
    """What may be marked as the end of what is to be cached."""

    cache_control: dict[str, Any] | None = None


class TextPart(Cached):
    type: Literal["text"]
    text: str

    def part(self) -> Part:
        return Text(self.text, self.cache_control)


class RefusalPart(Wire):
    type: Literal["refusal"]
    refusal: str


class ImageUrl(Wire):
    url: str = Field(min_length=1)
    detail: str | None = None


def in_object(value: Any) -> Any:
    """Some clients send the address itself instead of an object with it."""
    return {"url": value} if isinstance(value, str) else value


class ImagePart(Cached):
    type: Literal["image_url"]
    image_url: Annotated[ImageUrl, BeforeValidator(in_object)]

    def part(self) -> Part:
        return Image(self.image_url.url, self.image_url.detail, self.cache_control)


class InputAudio(Wire):
    data: str = Field(min_length=1)
    format: str = "wav"


class AudioPart(Wire):
    type: Literal["input_audio"]
    input_audio: InputAudio

    def part(self) -> Part:
        return Audio(self._base64(), self.input_audio.format)

    def _base64(self) -> str:
        """Qwen's clients send a `data:` URL."""
        data = self.input_audio.data
        return data.partition(",")[2] if data.startswith("data:") else data


class FileContent(Wire):
    filename: str | None = None
    file_data: str | None = None
    file_id: str | None = None


class FilePart(Cached):
    type: Literal["file"]
    file: FileContent

    def part(self) -> Part:
        return File(self.file.filename, self._url(), self.file.file_id, self.cache_control)

    def _url(self) -> str | None:
        data = self.file.file_data
        if data is None or data.startswith(("data:", "http://", "https://")):
            return data
        return f"data:;base64,{data}"


class VideoUrl(Wire):
    url: str = Field(min_length=1)


class VideoPart(Wire):
    type: Literal["video_url"]
    video_url: Annotated[VideoUrl, BeforeValidator(in_object)]
    fps: float | None = Field(default=None, gt=0)

    def part(self) -> Part:
        return Video(self.video_url.url, self.fps)


def in_list(content: Any) -> Any:
    """Text alone is one part; an empty one is none."""
    if isinstance(content, str):
        return [{"type": "text", "text": content}] if content else []
    return content


def as_json_text(arguments: Any) -> Any:
    """Some clients send the arguments as the object that the text stands for."""
    return orjson.dumps(arguments).decode() if isinstance(arguments, dict) else arguments


AnyPart = Annotated[TextPart | ImagePart | AudioPart | FilePart | VideoPart, Discriminator("type")]
AnswerPart = Annotated[TextPart | RefusalPart, Discriminator("type")]

Content = Annotated[list[AnyPart], BeforeValidator(in_list)]
TextContent = Annotated[list[TextPart], BeforeValidator(in_list)]
AnswerContent = Annotated[list[AnswerPart], BeforeValidator(in_list)]


def marked(content: Sequence[AnyPart], mark: dict[str, Any] | None) -> tuple[Part, ...]:
    """Some clients mark a message for the cache, which is to mark the last of its parts."""
    match tuple(part.part() for part in content):
        case (*others, Text() | Image() | File() as last) if mark and not last.cache_control:
            return (*others, replace(last, cache_control=mark))
        case parts:
            return parts
