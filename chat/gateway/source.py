import uuid
from dataclasses import dataclass, field

from chat.models import Message, ModelRequest


def new_request_id() -> str:
    return f"req_{uuid.uuid4().hex}"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a request comes from, for the log: an answer of the chat page, or else a program.

    `received` is the JSON text that the program sent.
    """

    request_id: str = field(default_factory=new_request_id)
    answer: Message | None = None
    is_stream: bool = True
    received: bytes = b""

    @property
    def kept_answer(self) -> Message | None:
        """None also for an answer that is never written down."""
        return None if self.answer is None or self.answer.is_temporary else self.answer

    @property
    def face(self) -> str:
        return ModelRequest.Face.CHAT if self.answer else ModelRequest.Face.API
