"""The one tree of what can go wrong between a question and its answer.

    CompletionError
    ├── InvalidRequest            400  the asker's mistake
    │   ├── ContextLengthExceeded 400  the conversation is longer than the model reads
    │   └── ContentFiltered       400  the provider's policy refused it
    ├── ModelNotFound             404  no such model, or none that the asker may use
    ├── AccessWithdrawn           401  the key or the account was closed in the middle of an answer
    ├── RateLimited               429  too fast; `retry_after` says for how long
    │   └── BudgetExceeded        429  the asker's money is used up
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

from .rate_limit import RateLimit


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
    type: str = "api_error"
    code: str | None = None
    should_retry: bool | None = None

    def __init__(
        self,
        message: str,
        *,
        param: str | None = None,
        code: str | None = None,
        kind: str | None = None,
        retry_after: float | None = None,
        should_retry: bool | None = None,
        limits: tuple[RateLimit, ...] = (),
        upstream: UpstreamAnswer | None = None,
    ) -> None:
        """`code` and `kind`, its type on the wire, are only given where they say more than those of the class.

        `retry_after` is in seconds. `should_retry` is False where a program that asks again soon will only hear
        the same. `limits` are those of the asker, where it was they that refused.
        """
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.type = kind or type(self).type
        self.param = param
        self.retry_after = retry_after
        self.should_retry = type(self).should_retry if should_retry is None else should_retry
        self.limits = limits
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


class BudgetExceeded(RateLimited):
    type = "insufficient_quota"
    code = "insufficient_quota"
    should_retry = False


class AccessWithdrawn(CompletionError):
    status = 401
    type = "invalid_request_error"
    code = "invalid_api_key"


class NoUpstream(CompletionError):
    status = 503
    code = "no_available_upstream"


class UpstreamError(CompletionError):
    status = 502
    code = "upstream_error"


class UpstreamAuthFailed(UpstreamError):
    # Nothing changes before an administrator has done something.
    should_retry = False
    code = "upstream_auth_error"


class UpstreamQuotaExceeded(UpstreamError):
    should_retry = False
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
