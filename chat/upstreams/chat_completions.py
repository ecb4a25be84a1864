"""Asking a server that speaks OpenAI's Chat Completions; its families differ in their `Dialect`."""

from abc import abstractmethod
from typing import Any

from chat.completions import ChatRequest

from .answering import AnsweringUpstream
from .reading import AnswerReader
from .request_body import Dialect, request_body
from .response_chunks import Reader


class ChatCompletionsUpstream(AnsweringUpstream):
    path = "/chat/completions"

    @abstractmethod
    def dialect(self, request: ChatRequest) -> Dialect: ...

    def body(self, request: ChatRequest) -> dict[str, Any]:
        return request_body(request, self.dialect(request))

    def reader(self, request: ChatRequest) -> AnswerReader:
        return Reader(expected=request.n)
