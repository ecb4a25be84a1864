"""Every recorded answer of a provider, however the network cuts it."""

import json
import re
from typing import Any

import pytest

from chat.completions import (
    BadUpstreamResponse,
    ChatRequest,
    Chunk,
    Completion,
    CompletionError,
    ContentFiltered,
    ContextLengthExceeded,
    InvalidRequest,
    Message,
    ModelNotFound,
    RateLimited,
    StreamTruncated,
    Text,
    UpstreamAuthFailed,
    UpstreamOverloaded,
    UpstreamQuotaExceeded,
    collect,
)
from chat.completions.sse import Decoder
from chat.upstreams import connect
from tests.replay import STREAMS, Cuts, ReplayServer, random_cuts

FAMILIES = {
    "openai": "openai",
    "anthropic": "anthropic",
    "gemini": "gemini",
    "compat": "compatible",
    "deepseek": "deepseek",
    "qwen": "qwen",
}
CASES = [
    f"{family}/{case['case'].split('/')[1]}"
    for case in (json.loads((STREAMS / "index.json").read_text())["cases"] if STREAMS.exists() else [])
    if (family := case["family"]) in FAMILIES
]
ERRORS: dict[str, type[CompletionError]] = {
    "openai/error-400-context-length": ContextLengthExceeded,
    "openai/error-400-web-search-options": InvalidRequest,
    "openai/error-401-invalid-key": UpstreamAuthFailed,
    "openai/error-404-model": ModelNotFound,
    "openai/error-429-insufficient-quota": UpstreamQuotaExceeded,
    "anthropic/error-400-effort-unsupported": InvalidRequest,
    "anthropic/error-400-prompt-too-long": ContextLengthExceeded,
    "anthropic/error-401-invalid-key": UpstreamAuthFailed,
    "anthropic/error-429-rate-limit": RateLimited,
    "anthropic/error-mid-stream-overloaded-in-text": UpstreamOverloaded,
    "gemini/error-400-context-length-vertex": ContextLengthExceeded,
    "gemini/error-404-model": ModelNotFound,
    "gemini/error-503-overloaded": UpstreamOverloaded,
    "compat/error-400-groq-tool-use-failed": InvalidRequest,
    "compat/error-400-perplexity-too-long": ContextLengthExceeded,
    "compat/error-401-openrouter": UpstreamAuthFailed,
    "compat/error-429-openrouter-upstream": RateLimited,
    "compat/groq-error-event-in-reasoning": InvalidRequest,
    "compat/openrouter-comments-error-in-chunk": InvalidRequest,
    "deepseek/error-400-context-length": ContextLengthExceeded,
    "deepseek/error-402-insufficient-balance": UpstreamQuotaExceeded,
    "qwen/error-400-data-inspection": ContentFiltered,
    "qwen/error-401-no-key": UpstreamAuthFailed,
}
REQUEST = ChatRequest("recorded", (Message("user", (Text("?"),)),))

pytestmark = pytest.mark.skipif(
    not STREAMS.exists(), reason="the recorded streams are not beside this folder"
)


def meta(case: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((STREAMS / case / "meta.json").read_text())
    return loaded


def expected(case: str) -> dict[str, Any]:
    """What is firm; of Anthropic also what is debatable, because it is decided the same way here."""
    loaded = meta(case)
    expect: dict[str, Any] = loaded["expect"]
    if not case.startswith("anthropic/"):
        return expect
    soft = loaded.get("expect_soft", {})
    usage = soft.get("usage", {}) | expect.get("usage", {})
    return soft | expect | ({"usage": usage} if usage else {})


def cuts(case: str) -> list[Cuts]:
    name = "response.sse" if meta(case)["streaming"] else "response.json"
    size = (STREAMS / case / name).stat().st_size
    # The decoder gets each byte by itself below, without a server in between.
    return [None, random_cuts(size, 40, 1)]


async def ask(server: ReplayServer, case: str) -> tuple[Completion, CompletionError | None]:
    upstream = connect(FAMILIES[case.split("/")[0]], server.base_url, "secret-key")
    chunks: list[Chunk] = []
    error = None
    try:
        async for chunk in upstream.stream(REQUEST):
            assert chunk != Chunk(choice=chunk.choice)
            chunks.append(chunk)
    except CompletionError as exc:
        error = exc

    async def again() -> Any:
        for chunk in chunks:
            yield chunk

    return await collect(again()), error


@pytest.mark.parametrize("case", CASES)
async def test_a_recorded_answer_is_read_in_full(case: str, shared_server: ReplayServer) -> None:
    expect = expected(case)
    for cut in cuts(case):
        shared_server.replay(case, cuts=cut)
        completion, error = await ask(shared_server, case)
        check_error(case, expect.get("error"), error)
        if "http_status" not in expect:
            for index, wanted in enumerate(expect.get("choices") or [expect]):
                check_choice(wanted, completion, index)
            if "usage" not in (meta(case).get("expect_soft") or {}):
                check_usage(expect.get("usage"), completion)


ENDINGS = [case for case in CASES if (STREAMS / case / "response.sse").exists() and case not in ERRORS]


@pytest.mark.parametrize("case", ENDINGS)
async def test_a_recorded_answer_that_breaks_off_is_not_taken_for_a_whole(
    case: str, shared_server: ReplayServer
) -> None:
    body = (STREAMS / case / "response.sse").read_bytes()
    end = before_the_end(body)
    for at in random_cuts(end, 8, 4) if end > 1 else ():
        shared_server.answer([body[:at]])
        completion, error = await ask(shared_server, case)
        assert isinstance(error, StreamTruncated | BadUpstreamResponse), at
        assert not any(choice.finish_reason for choice in completion.choices)


def before_the_end(body: bytes) -> int:
    """Where the first event begins after which the answer may be over."""
    says_so = re.compile(
        rb'^data: ?(\[DONE\]|.*"finish_reason": ?"(?!null"|")|.*"finishReason": ?"|.*"message_stop").*$',
        re.MULTILINE,
    )
    found = says_so.search(body)
    return found.start() if found else len(body)


async def test_recorded_probabilities_arrive_whole(shared_server: ReplayServer) -> None:
    body = (STREAMS / "openai/logprobs/response.sse").read_bytes()
    events = (json.loads(event.data) for event in Decoder().feed(body) if event.data != b"[DONE]")
    choices = [choice for event in events for choice in event["choices"] if choice["logprobs"]]
    shared_server.replay("openai/logprobs", cuts=7)
    completion, error = await ask(shared_server, "openai/logprobs")
    assert error is None
    assert completion.choices[0].logprobs == {
        "content": [token for choice in choices for token in choice["logprobs"]["content"]],
        "refusal": None,
    }


@pytest.mark.parametrize("case", [case for case in CASES if (STREAMS / case / "response.sse").exists()])
def test_a_recorded_stream_may_come_byte_by_byte(case: str) -> None:
    body = (STREAMS / case / "response.sse").read_bytes()
    whole, trickling = Decoder(), Decoder()
    events = [event for at in range(len(body)) for event in trickling.feed(body[at : at + 1])]
    assert events + trickling.flush() == whole.feed(body) + whole.flush()
    assert events


def check_choice(wanted: dict[str, Any], completion: Completion, index: int) -> None:
    """Where something is missing in `wanted`, several answers are right."""
    choice = completion.choices[index]
    if "content" in wanted:
        assert choice.content == wanted["content"]
    assert choice.reasoning == wanted.get("reasoning_content", "")
    if choice.finish_reason != "content_filter" or "refusal" in wanted:
        assert choice.refusal == wanted.get("refusal", "")
    if "finish_reason" in wanted:
        assert choice.finish_reason == wanted["finish_reason"]
    if "tool_calls" not in wanted and choice.finish_reason == "tool_calls":
        return
    calls = wanted.get("tool_calls", [])
    assert [call.name for call in choice.tool_calls] == [call["name"] for call in calls]
    for call, recorded in zip(choice.tool_calls, calls, strict=True):
        assert json.loads(call.arguments) == json.loads(recorded["arguments"])
        assert call.id == recorded["id"] if "id" in recorded else call.id.startswith("call_")


def check_usage(wanted: dict[str, Any] | None, completion: Completion) -> None:
    usage = completion.usage
    if wanted is None:
        assert usage is None
        return
    assert usage is not None
    counted = (usage.prompt_tokens, usage.completion_tokens, usage.total_tokens)
    assert counted == (wanted["prompt_tokens"], wanted["completion_tokens"], wanted["total_tokens"])
    if cached := wanted.get("prompt_tokens_details"):
        assert usage.cached_tokens == cached["cached_tokens"]
    if reasoned := wanted.get("completion_tokens_details"):
        assert usage.reasoning_tokens == reasoned["reasoning_tokens"]


def check_error(case: str, wanted: dict[str, Any] | None, error: CompletionError | None) -> None:
    if wanted is None:
        assert error is None, error
        return
    assert type(error) is ERRORS[case]
    assert error.upstream is not None
    assert error.upstream.status == meta(case)["http_status"]
    assert error.upstream.message == wanted["message"]
    assert error.upstream.type == wanted.get("type", wanted.get("status"))
    assert error.upstream.code == (str(wanted["code"]) if "code" in wanted else None)
    assert error.upstream.param == wanted.get("param")
