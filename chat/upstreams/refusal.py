"""What a provider's error answer means: its many envelopes, read into the one error tree.

Providers agree neither on the envelope nor on the status, so an answer is judged by its status and by
the words of its type, code and message together.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import orjson

from chat.completions import (
    CompletionError,
    ContentFiltered,
    ContextLengthExceeded,
    InvalidRequest,
    ModelNotFound,
    RateLimited,
    UpstreamAnswer,
    UpstreamAuthFailed,
    UpstreamError,
    UpstreamOverloaded,
    UpstreamQuotaExceeded,
    UpstreamTimeout,
)
from chat.completions.sse import Decoder

from .retry_after import retry_after

_LONGEST_WORDS = 300


@dataclass(frozen=True, slots=True)
class _Kind:
    error: type[CompletionError]
    statuses: frozenset[int]
    words: re.Pattern[str]
    message: str


def _kind(error: type[CompletionError], statuses: Iterable[int], words: str, message: str) -> _Kind:
    return _Kind(error, frozenset(statuses), re.compile(words), message)


_TOO_MANY = "The provider is getting too many requests just now. Try again {when}."

# The first that fits holds: a used-up balance also comes as 429, a filtered prompt also as 403.
_KINDS = (
    _kind(
        RateLimited,
        [],
        # What DashScope says of the tokens of one minute, under the code of a used-up balance.
        r"(?<!free )(?<!hour )(?<!week )(?<!month )allocated quota exceeded",
        _TOO_MANY,
    ),
    _kind(
        UpstreamQuotaExceeded,
        [402],
        r"insufficient[ _](?:user_)?(?:quota|balance|credits?)|arrearage|credit balance is too low"
        r"|exceeded_current_quota|allocationquota\.free|allocated quota exceeded|bill_?overdue"
        r"|billing_(?:error|hard_limit|not_active)|api usage limits|spend_limit_reached|organization_on_hold"
        r"|perday",
        "The site's balance with the provider is used up. An administrator can top it up there; "
        "until then, choose another model.",
    ),
    _kind(
        ContextLengthExceeded,
        [],
        r"context[ _](?:length|window|size|limit)|too_many_prompt_tokens|(?:prompt|input) is too long"
        r"|total length of all messages is too long|input token count.{0,80}exceeds|range of input length"
        r"|maximum prompt length|reduce the length of the messages|string_above_max_length",
        "This conversation is longer than the model can read. Shorten it, start a new one, "
        "or choose a model with a larger context.",
    ),
    _kind(
        ContentFiltered,
        [],
        r"content[_ ]?filter|content_policy|content management policy|data_?inspection_?failed"
        r"|responsibleaipolicy|(?:bio|misalignment)_policy|moderation|was flagged"
        r"|inappropriate content|content exists risk|safety system|usage policies",
        "The provider's content policy refused this request. Rephrase it, or choose another model.",
    ),
    _kind(
        ModelNotFound,
        [],
        r"model_?not_?found|not_found_error model:|(?:\bno such|invalid|unknown) model|not a valid model"
        r"|deploymentnotfound|not a chat model|model[._ ]access_?denied|no endpoints found|unable to access model"
        r"|\bmodels?\b.{0,160}(?:not found|not exist|not have access)",
        "The provider does not offer this model, or not to this site. Choose another model.",
    ),
    _kind(
        UpstreamAuthFailed,
        [],
        r"failed_precondition",
        "The provider does not serve the site's account as it is. An administrator can check its region and "
        "its billing there; until then, choose another model.",
    ),
    _kind(
        UpstreamAuthFailed,
        [401, 403, 407],
        r"(?:invalid_|incorrect )api[ _]key|api[ _]key[ _](?:not[ _]valid|invalid)|authentication_error"
        r"|permission_error",
        "The provider refused the site's key. An administrator can correct it in the admin, under Upstreams.",
    ),
    _kind(
        RateLimited,
        [429],
        r"rate_?limit_?(?:exceeded|error|reached)|throttling|too_many_requests|limit_requests",
        _TOO_MANY,
    ),
    _kind(
        UpstreamTimeout,
        [408, 504, 524],
        r"timeout_error|deadline_exceeded",
        "The provider took too long to answer. Try again {when}, or choose another model.",
    ),
    _kind(
        UpstreamOverloaded,
        [498, 503, 529],
        r"overloaded|insufficient_system_resource|service_unavailable",
        "The provider is overloaded just now. Try again {when}, or choose another model.",
    ),
    _kind(
        UpstreamError,
        [404, 405],
        r"(?!)",
        "The provider does not know this address. An administrator can check the base URL in the admin, "
        "under Upstreams.",
    ),
    _kind(
        UpstreamError,
        [424, 499],
        r"(?!)",
        "The provider broke off its answer. Try again {when}; if it keeps failing, choose another model.",
    ),
    _kind(
        InvalidRequest,
        [413],
        r"(?!)",
        "The provider does not accept a request this large. Leave out attachments or shorten it.",
    ),
    _kind(
        InvalidRequest,
        range(400, 500),
        r"invalid_request|invalid_argument|bad_?request|invalid_prompt|invalid_(?:base64_)?image"
        r"|image_(?:too|parse|file)|failed_to_download_image|unsupported_image|empty_image",
        "The provider could not accept this request{words}",
    ),
)
_FAILED = _kind(
    UpstreamError,
    [],
    r"",
    "The provider failed to answer. Try again {when}; if it keeps failing, choose another model.",
)


@dataclass(frozen=True, slots=True)
class Complaint:
    """A provider's error in one shape. `details` is what it quotes of a provider behind it.

    `reasons` are what Google means by an error: https://cloud.google.com/apis/design/errors#error_details
    """

    answer: UpstreamAnswer
    details: str = ""
    reasons: str = ""

    def without(self, secrets: Iterable[str]) -> "Complaint":
        message, details = self.answer.message, self.details
        for secret in secrets:
            message, details = message.replace(secret, "[key]"), details.replace(secret, "[key]")
        return Complaint(replace(self.answer, message=message), details, self.reasons)

    def error(self, hint: int | None = None, wait: float | None = None) -> CompletionError:
        """`hint` is the status that the provider gave inside the body, `wait` how long to leave it alone."""
        kind = self._kind(self.answer.status if self.answer.status >= 400 else hint or 0)
        message = kind.message.format(when=_when(wait), words=self._words())
        return kind.error(message, param=self.answer.param, retry_after=wait, upstream=self.answer)

    def _kind(self, status: int) -> _Kind:
        answer = self.answer
        words = [answer.type, answer.code, answer.message[:2000], self.details[:2000], self.reasons]
        said = " ".join(filter(None, words))
        said = said.lower()
        fitting = (kind for kind in _KINDS if status in kind.statuses or kind.words.search(said))
        return next(fitting, _FAILED)

    def _words(self) -> str:
        words = self.details or self.answer.message
        return f": {words}" if words and len(words) <= _LONGEST_WORDS else "."


def refusal(
    status: int, body: bytes, headers: Mapping[str, str], secrets: Iterable[str] = ()
) -> CompletionError:
    """The error that an answer other than 2xx stands for. `secrets` are kept out of all that it says."""
    payload = _payload(body)
    complaint = complaint_in(payload, status) or Complaint(UpstreamAnswer(status, _plain(body)))
    wait = retry_after(_with_quoted(headers, payload), body.decode("utf-8", "replace"))
    return complaint.without(secrets).error(_status_in(payload), wait)


def refusal_in_stream(payload: Any) -> CompletionError | None:
    """The error that an event of a stream reports, or `None` if it reports none."""
    complaint = complaint_in(payload, 200)
    if complaint is None:
        return None
    return complaint.error(_status_in(payload), retry_after({}, orjson.dumps(payload).decode()))


def complaint_in(payload: Any, status: int) -> Complaint | None:
    """The error in any envelope that a provider is known to use.

    {"error": {…}} · {"error": "…"} · [{"error": {…}}] · {"errors": [{…}]} · {"message": "…", "code": …}
    · {"detail": "…"} · {"detail": [{"msg": "…", "loc": […]}]}
    """
    match payload:
        case [dict() as first, *_]:
            return complaint_in(first, status)
        case {"error": dict() as error} if error:
            return _read(error, status)
        case {"error": str(text)} if text:
            return _read({**payload, "message": text}, status)
        case {"errors": [dict() as error, *_]}:
            return _read(error, status)
        case {"message": _} | {"detail": _}:
            return _read(payload, status)
    return None


def _read(error: Mapping[str, Any], status: int) -> Complaint:
    answer = UpstreamAnswer(
        status=status,
        message=_text(error.get("message") or error.get("detail")),
        type=_word(error.get("type") or error.get("error_type") or _google_type(error.get("status"))),
        code=_word(_code(error)),
        param=_word(error.get("param")),
    )
    return Complaint(answer, _details(error), " ".join(_reasons(error.get("details"))))


def _google_type(status: Any) -> Any:
    """Others repeat there the status of the answer."""
    return status if isinstance(status, str) and not status.isdecimal() else None


def _code(error: Mapping[str, Any]) -> Any:
    match error:
        case {"code": code} if code is not None:
            return code
        case {"error_code": code} | {"details": {"error_code": code}}:
            return code
    return None


def _details(error: Mapping[str, Any]) -> str:
    match error:
        case {"metadata": {"raw": str(raw)}}:
            return raw
        case {"innererror": {"code": str(code)}}:
            return code
    return ""


def _reasons(details: Any) -> Iterator[str]:
    for detail in details if isinstance(details, list) else ():
        match detail:
            case {"reason": str(reason)}:
                yield reason
            case {"violations": [*violations]}:
                yield from (str(each.get("quotaId", "")) for each in violations if isinstance(each, dict))


def _text(message: Any) -> str:
    match message:
        case str():
            return message
        case None:
            return ""
        case [{"msg": str(text)}, *_]:
            return text
        case {"detail": detail}:
            return _text(detail)
    return orjson.dumps(message).decode()


def _word(value: Any) -> str | None:
    return None if value is None or value == "" else str(value)


def _status_in(payload: Any) -> int | None:
    match payload:
        case [dict() as first, *_]:
            return _status_in(first)
        case {"error": dict() as error}:
            return _status_in(error)
        case dict():
            named = (str(payload.get(name)) for name in ("status_code", "code", "status"))
            numbers = (int(value) for value in named if value.isdecimal())
            return next((number for number in numbers if 400 <= number < 600), None)
    return None


def _payload(body: bytes) -> Any:
    """Some send the JSON of a refusal as they would in a stream: as an event, or between signs of life."""
    decoder = Decoder()
    events = decoder.feed(body) + decoder.flush()
    for text in (body, *(event.error or event.data for event in events)):
        with suppress(orjson.JSONDecodeError):
            return orjson.loads(text)
    return None


def _plain(body: bytes) -> str:
    """A body that is not JSON, unless it is a web page, which says nothing to a person."""
    text = body.decode("utf-8", "replace").strip()
    return "" if text.startswith("<") else text[:_LONGEST_WORDS]


def _with_quoted(headers: Mapping[str, str], payload: Any) -> Mapping[str, str]:
    """OpenRouter quotes the rate limit headers in the body."""
    match payload:
        case {"error": {"metadata": {"headers": dict() as quoted}}}:
            return {**headers, **{name.lower(): str(value) for name, value in quoted.items()}}
    return headers


def _when(wait: float | None) -> str:
    if not wait:
        return "in a moment"
    if wait < 100:
        return f"in {max(round(wait), 1)} s"
    return f"in {round(wait / 60)} minutes" if wait < 6000 else f"in {round(wait / 3600)} hours"
