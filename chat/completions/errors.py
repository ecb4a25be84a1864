"""The one tree of what can go wrong between a question and its answer.

    CompletionError
    ├── InvalidRequest            400  the asker's mistake
    │   ├── ContextLengthExceeded 400  the conversation is longer than the model reads
    │   └── ContentFiltered       400  the provider's policy refused it
    ├── ModelNotFound             404  no such model, or none that the asker may use
    ├── RateLimited               429  too fast; `retry_after` says for how long
    ├── NoUpstream                503  nothing is configured or enabled that could answer
    └── UpstreamError             502  the provider, or the way to it, failed
        ├── UpstreamAuthFailed    502  the operator's key was refused: never a 401 of ours
        ├── UpstreamQuotaExceeded 503  the operator's balance is used up
        ├── UpstreamOverloaded    503
        ├── UpstreamUnreachable   502  no connection
        ├── UpstreamTimeout       504  connecting, silence between bytes, or in all
        ├── StreamTruncated       502  the stream ended without saying that it was complete
        └── BadUpstreamResponse   502  what came is not what the protocol says

`message` is fit to be shown to the person who asked: it holds no key and no stack. `upstream` keeps the
provider's own words for whoever may read them. The envelope is OpenAI's:
https://platform.openai.com/docs/guides/error-codes
"""

from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class UpstreamAnswer:
    """What the provider itself said; `status` is the HTTP status, or 200 for an error inside a stream."""

    status: int
    message: str
    type: str | None = None
    code: str | None = None
    param: str | None = None


class CompletionError(Exception):
    status: ClassVar[int] = 500
    type: ClassVar[str] = "api_error"
    code: str | None = None

    def __init__(
        self,
        message: str,
        *,
        param: str | None = None,
        code: str | None = None,
        retry_after: float | None = None,
        upstream: UpstreamAnswer | None = None,
    ) -> None:
        """`code` is only given where it says more than that of the class; `retry_after` is in seconds."""
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.param = param
        self.retry_after = retry_after
        self.upstream = upstream

    def envelope(self) -> dict[str, Any]:
        return {"error": {"message": self.message, "type": self.type, "param": self.param, "code": self.code}}


class InvalidRequest(CompletionError):
    status = 400
    type = "invalid_request_error"


class ContextLengthExceeded(InvalidRequest):
    code = "context_length_exceeded"


class ContentFiltered(InvalidRequest):
    code = "content_filter"


class ModelNotFound(CompletionError):
    status = 404
    type = "invalid_request_error"
    code = "model_not_found"


class RateLimited(CompletionError):
    status = 429
    type = "requests"
    code = "rate_limit_exceeded"


class NoUpstream(CompletionError):
    status = 503
    code = "no_available_upstream"


class UpstreamError(CompletionError):
    status = 502
    code = "upstream_error"


class UpstreamAuthFailed(UpstreamError):
    code = "upstream_auth_error"


class UpstreamQuotaExceeded(UpstreamError):
    status = 503
    code = "upstream_quota"


class UpstreamOverloaded(UpstreamError):
    status = 503
    code = "server_is_overloaded"


class UpstreamUnreachable(UpstreamError):
    code = "upstream_unreachable"


class UpstreamTimeout(UpstreamError):
    status = 504
    code = "upstream_timeout"


class StreamTruncated(UpstreamError):
    code = "upstream_stream_truncated"


class BadUpstreamResponse(UpstreamError):
    code = "bad_upstream_response"
