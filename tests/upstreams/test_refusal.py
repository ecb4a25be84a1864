import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from chat.completions import (
    CompletionError,
    ContentFiltered,
    ContextLengthExceeded,
    InvalidRequest,
    ModelNotFound,
    RateLimited,
    UpstreamAuthFailed,
    UpstreamError,
    UpstreamOverloaded,
    UpstreamQuotaExceeded,
    UpstreamTimeout,
)
from chat.upstreams.refusal import refusal, refusal_in_stream
from chat.upstreams.retry_after import retry_after


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (401, b"", UpstreamAuthFailed),
        (403, b'{"error":{"code":"unsupported_country_region_territory"}}', UpstreamAuthFailed),
        (400, b'{"error":{"message":"API key not valid. Please pass a valid API key."}}', UpstreamAuthFailed),
        (400, b'{"code":"invalid argument","error":"Incorrect API key provided: xa***."}', UpstreamAuthFailed),
        (402, b'{"error":{"message":"Insufficient credits"}}', UpstreamQuotaExceeded),
        (429, b'{"error":{"type":"exceeded_current_quota_error"}}', UpstreamQuotaExceeded),
        (400, b'{"error":{"message":"Your credit balance is too low to access"}}', UpstreamQuotaExceeded),
        (400, b'{"error":{"code":"Arrearage","message":"Access denied"}}', UpstreamQuotaExceeded),
        (429, b'{"error":{"code":"insufficient_quota"}}', UpstreamQuotaExceeded),
        (403, b'{"error":{"code":"AllocationQuota.FreeTierOnly"}}', UpstreamQuotaExceeded),
        (429, b'{"error":{"message":"hour allocated quota exceeded."}}', UpstreamQuotaExceeded),
        (429, b'{"error":{"message":"week allocated quota exceeded."}}', UpstreamQuotaExceeded),
        (429, b'{"error":{"message":"month allocated quota exceeded."}}', UpstreamQuotaExceeded),
        (403, b'{"error":{"message":"Free allocated quota exceeded."}}', UpstreamQuotaExceeded),
        (429, b'{"error":{"code":"PrepaidBillOverdue"}}', UpstreamQuotaExceeded),
        (429, b'{"error":{"code":"insufficient_quota","message":"Allocated quota exceeded."}}', RateLimited),
        (429, b"Too Many Requests", RateLimited),
        (413, b'{"error":{"code":"rate_limit_exceeded","message":"Request too large: TPM"}}', RateLimited),
        (404, b'{"error":{"message":"model \\"x\\" not found, try pulling it first"}}', ModelNotFound),
        (404, b'{"object":"error","message":"The model `x` does not exist.","code":404}', ModelNotFound),
        (404, b'{"error":{"message":"No endpoints found for x."}}', ModelNotFound),
        (400, b'{"error":{"message":"Model Not Exist"}}', ModelNotFound),
        (400, b'{"object":"error","message":"Invalid model: x","code":"1500"}', ModelNotFound),
        (403, b'{"error":{"code":"model_not_found","message":"Project has no access"}}', ModelNotFound),
        (404, b'{"error":{"code":"DeploymentNotFound"}}', ModelNotFound),
        (404, b'{"error":{"message":"This is not a chat model. Did you mean completions?"}}', ModelNotFound),
        (403, b'{"error":{"code":"Model.AccessDenied"}}', ModelNotFound),
        (404, b'{"detail":"Not Found"}', UpstreamError),
        (404, b"<html>", UpstreamError),
        (400, b'{"error":{"code":"context_length_exceeded"}}', ContextLengthExceeded),
        (400, b'{"error":{"type":"exceed_context_size_error"}}', ContextLengthExceeded),
        (400, b'{"error":{"message":"prompt is too long: 200001 tokens > 200000"}}', ContextLengthExceeded),
        (400, b'{"error":{"message":"The input token count (9) exceeds it"}}', ContextLengthExceeded),
        (400, b'{"error":{"message":"Range of input length should be [1, 6000]"}}', ContextLengthExceeded),
        (400, b'{"error":{"code":"content_filter"}}', ContentFiltered),
        (400, b'{"error":{"innererror":{"code":"ResponsibleAIPolicyViolation"}}}', ContentFiltered),
        (403, b'{"error":{"message":"Your input was flagged","metadata":{}}}', ContentFiltered),
        (400, b'data: {"error":{"code":"data_inspection_failed"}}\n\n', ContentFiltered),
        (400, b'{"error":{"message":"Content Exists Risk"}}', ContentFiltered),
        (400, b'{"error":"bad"}', InvalidRequest),
        (413, b"", InvalidRequest),
        (422, b'{"detail":[{"msg":"Field required","loc":["body"]}]}', InvalidRequest),
        (408, b"", UpstreamTimeout),
        (504, b"<html>", UpstreamTimeout),
        (503, b"", UpstreamOverloaded),
        (529, b'{"error":{"type":"overloaded_error"}}', UpstreamOverloaded),
        (500, b'{"error":{"message":"The engine is currently overloaded"}}', UpstreamOverloaded),
        (498, b'{"error":{"message":"Flex tier capacity exceeded"}}', UpstreamOverloaded),
        (424, b'{"error":"Request failed during generation"}', UpstreamError),
        (500, b"oops", UpstreamError),
        (200, b'{"error":{"code":"content_filter","message":"Filtered"}}', ContentFiltered),
        (200, b'{"error":{"code":429}}', RateLimited),
    ],
)  # fmt: skip
def test_a_refusal_is_of_the_kind_that_its_words_mean(
    status: int, body: bytes, expected: type[CompletionError]
) -> None:
    error = refusal(status, body, {})
    assert type(error) is expected
    assert error.upstream is not None
    assert error.upstream.status == status
    assert "{" not in error.message


@pytest.mark.parametrize(
    ("code", "status", "details", "expected"),
    [
        (400, "INVALID_ARGUMENT", [{"fieldViolations": []}, 7], InvalidRequest),
        (400, "INVALID_ARGUMENT", [{"reason": "API_KEY_INVALID"}], UpstreamAuthFailed),
        (400, "FAILED_PRECONDITION", None, UpstreamAuthFailed),
        (403, "PERMISSION_DENIED", [{"reason": "SERVICE_DISABLED"}], UpstreamAuthFailed),
        (404, "NOT_FOUND", None, ModelNotFound),
        (429, "RESOURCE_EXHAUSTED", [{"violations": [{"quotaId": "RequestsPerMinute"}, 7]}], RateLimited),
        (429, "RESOURCE_EXHAUSTED", [{"violations": [{"quotaId": "PerDayPerModel"}]}], UpstreamQuotaExceeded),
        (499, "CANCELLED", None, UpstreamError),
        (500, "INTERNAL", None, UpstreamError),
        (503, "UNAVAILABLE", None, UpstreamOverloaded),
        (504, "DEADLINE_EXCEEDED", None, UpstreamTimeout),
    ],
)
def test_google_says_in_the_details_what_it_means(
    code: int, status: str, details: Any, expected: type[CompletionError]
) -> None:
    message = "models/x is not found for API version v1beta" if code == 404 else "No."
    error = {"code": code, "status": status, "message": message, "details": details}
    for answer in ({"error": error}, [{"error": error}]):
        found = refusal(code, json.dumps(answer).encode(), {})
        assert type(found) is expected
        assert found.upstream is not None
        assert (found.upstream.type, found.upstream.message) == (status, message)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"error":{"message":"No."}}', "No."),
        (b'{"error":"No."}', "No."),
        (b'{"message":"No."}', "No."),
        (b'{"detail":"No."}', "No."),
        (b'{"detail":[{"msg":"No.","loc":["body"]}]}', "No."),
        (b'{"object":"error","message":{"detail":[{"msg":"No."}]}}', "No."),
        (b'{"errors":[{"message":"No."}]}', "No."),
        (b'[{"error":{"message":"No."}}]', "No."),
        (b'data: {"error":{"message":"No."}}\n\n', "No."),
        (b'data: {"error":{"message":"No."}}\n\ndata: [DONE]\n\n', "No."),
        (b'event: error\ndata: {"type":"error","error":{"message":"No."}}\n\n', "No."),
        (b'id:1\nevent:error\n:HTTP_STATUS/400\ndata:{"code":"Bad","message":"No."}', "No."),
        (b': PROCESSING\n\n{"error":{"message":"No."}}', "No."),
        (b'\xef\xbb\xbf{"error":{"message":"No."}}', "No."),
        (b'error: {"message":"No."}\n\n', "No."),
        (b"No.", "No."),
        (b"", ""),
        (b"<html>No.</html>", ""),
        (b"null", "null"),
        (b'{"error":{}}', '{"error":{}}'),
    ],
)
def test_the_providers_words_are_found_in_every_envelope(body: bytes, message: str) -> None:
    error = refusal(400, body, {})
    assert error.upstream is not None
    assert error.upstream.message == message


@pytest.mark.parametrize(
    ("status", "kind", "words", "expected"),
    [
        (400, "invalid_request_error", "max_tokens: must be greater than 0", InvalidRequest),
        (400, "invalid_request_error", "prompt is too long: 9 tokens > 8 maximum", ContextLengthExceeded),
        (
            400,
            "invalid_request_error",
            "input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000",
            ContextLengthExceeded,
        ),
        (400, "invalid_request_error", "Your credit balance is too low to access it", UpstreamQuotaExceeded),
        (
            400,
            "invalid_request_error",
            "You have reached your specified API usage limits. You will regain access on 2026-12-01.",
            UpstreamQuotaExceeded,
        ),
        (400, "invalid_request_error", "Output blocked by content filtering policy", ContentFiltered),
        (401, "authentication_error", "invalid x-api-key", UpstreamAuthFailed),
        (402, "billing_error", "There is an issue with your billing", UpstreamQuotaExceeded),
        (403, "permission_error", "Your API key does not have permission", UpstreamAuthFailed),
        (404, "not_found_error", "model: claude-9", ModelNotFound),
        (404, "not_found_error", "Not Found", UpstreamError),
        (413, "request_too_large", "Request exceeds the maximum size", InvalidRequest),
        (429, "rate_limit_error", "This request would exceed your rate limit", RateLimited),
        (500, "api_error", "Internal server error", UpstreamError),
        (504, "timeout_error", "Request timed out", UpstreamTimeout),
        (529, "overloaded_error", "Overloaded", UpstreamOverloaded),
    ],
)
def test_a_refusal_of_anthropic_is_of_its_kind_in_an_answer_and_in_a_stream(
    status: int, kind: str, words: str, expected: type[CompletionError]
) -> None:
    body = {"type": "error", "error": {"type": kind, "message": words}, "request_id": "req_1"}
    error = refusal(status, json.dumps(body).encode(), {})
    assert type(error) is expected
    assert error.upstream is not None
    assert (error.upstream.type, error.upstream.message) == (kind, words)
    if kind != "request_too_large":
        assert type(refusal_in_stream(body)) is expected


def test_codes_that_are_numbers_are_kept_as_text() -> None:
    error = refusal(400, b'{"error":{"message":"No.","type":null,"param":"n","code":17}}', {})
    assert error.upstream is not None
    assert (error.upstream.code, error.upstream.type, error.upstream.param) == ("17", None, "n")


@pytest.mark.parametrize(
    ("status", "kind"), [("INVALID_ARGUMENT", "INVALID_ARGUMENT"), (400, None), ("400", None)]
)
def test_a_status_is_a_type_only_where_it_is_a_word(status: Any, kind: str | None) -> None:
    error = refusal(
        400, json.dumps({"error": {"message": "No.", "status": status, "type": None}}).encode(), {}
    )
    assert error.upstream is not None
    assert error.upstream.type == kind


def test_a_code_may_stand_among_the_details() -> None:
    error = refusal(
        400, b'{"error":{"details":{"error_code":"org_spend_limit_reached"},"message":"No."}}', {}
    )
    assert type(error) is UpstreamQuotaExceeded
    assert error.upstream is not None
    assert error.upstream.code == "org_spend_limit_reached"


def test_short_words_of_the_provider_help_with_a_bad_request_only() -> None:
    assert refusal(400, b'{"error":{"message":"n must be 1"}}', {}).message.endswith(": n must be 1")
    assert "x" * 400 not in refusal(400, b'{"error":{"message":"%s"}}' % (b"x" * 400), {}).message
    assert "sk-" not in refusal(401, b'{"error":{"message":"Incorrect key sk-abc"}}', {}).message


def test_the_cause_behind_a_router_decides() -> None:
    body = b'{"error":{"message":"Provider returned error","metadata":{"raw":"maximum context length"}}}'
    assert type(refusal(400, body, {})) is ContextLengthExceeded


def test_a_rate_limit_says_how_long_to_wait() -> None:
    error = refusal(429, b"", {"retry-after": "20"})
    assert error.retry_after == 20
    assert error.message.endswith("Try again in 20 s.")
    assert refusal(429, b"", {}).message.endswith("Try again in a moment.")
    assert refusal(429, b"", {"retry-after": "600"}).message.endswith("Try again in 10 minutes.")


# The headers below are made when the tests are collected, which may be a while before they run.
COLLECTED = datetime.now(UTC)


def later(seconds: float) -> datetime:
    return COLLECTED + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("headers", "text", "seconds"),
    [
        ({"retry-after-ms": "1500", "retry-after": "9"}, "", 1.5),
        ({"retry-after": "20"}, "", 20),
        ({"retry-after": format_datetime(later(3000), usegmt=True)}, "", 3000),
        ({"x-ratelimit-reset-requests": "6m0s", "x-ratelimit-remaining-requests": "0"}, "", 360),
        ({"x-ratelimit-reset-tokens": "11ms", "x-ratelimit-remaining-tokens": "0"}, "", 0.011),
        ({"x-ratelimit-reset-requests": "6m0s", "x-ratelimit-remaining-requests": "5"}, "", None),
        (
            {
                "anthropic-ratelimit-tokens-reset": later(4000).isoformat(),
                "anthropic-ratelimit-tokens-remaining": "0",
            },
            "",
            4000,
        ),
        (
            {"x-ratelimit-reset": str(int(later(5000).timestamp() * 1000)), "x-ratelimit-remaining": "0"},
            "",
            5000,
        ),
        ({}, "Rate limit reached. Please try again in 7m12s. Visit", 432),
        ({}, "Please retry after 5 seconds.", 5),
        ({}, '{"retryDelay": "14s"}', 14),
        ({}, "Please try again later.", None),
        ({"retry-after": "soon"}, "", None),
        ({"retry-after": "-1"}, "", None),
        ({"retry-after": "inf"}, "", None),
    ],
)
def test_the_time_to_wait_is_found_wherever_it_is_said(
    headers: dict[str, str], text: str, seconds: float | None
) -> None:
    found = retry_after(headers, text)
    if seconds and seconds >= 3000:
        since = (datetime.now(UTC) - COLLECTED).total_seconds()
        assert found == pytest.approx(seconds - since, abs=5)
    else:
        assert found == (None if seconds is None else pytest.approx(seconds, abs=0.001))
