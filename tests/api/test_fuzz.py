"""Whatever a program sends, it gets an answer in JSON, and never a mistake of the site."""

import json
from typing import Any

from asgiref.sync import async_to_sync
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chat.models import ApiKey, Upstream, User
from chat.upstreams import close_clients
from tests import require
from tests.api.conftest import ASK, client, routed
from tests.replay import ReplayServer

text = st.text(max_size=8) | st.sampled_from(
    ["user", "system", "assistant", "tool", "text", "image_url", "auto", "\0"]
)
scalar = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | text
name = st.sampled_from(
    """model messages role content type text image_url url input_audio data format file file_data file_id video_url
    tool_calls tool_call_id id function name arguments tools tool_choice parameters stream stream_options include_usage
    max_tokens temperature top_p stop seed n response_format json_schema schema reasoning_effort extra_content
    thinking_blocks reasoning_details reasoning_content refusal logprobs user""".split()
)
value = st.recursive(
    scalar,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(name | text, inner, max_size=4),
    max_leaves=12,
)
message = st.fixed_dictionaries(
    {"role": st.sampled_from(["user", "system", "assistant", "tool"]), "content": text | value},
    optional={
        "tool_calls": value,
        "tool_call_id": text,
        "thinking_blocks": value,
        "reasoning_details": value,
    },
)
request = st.dictionaries(name, value, max_size=6).flatmap(
    lambda rest: st.lists(message, max_size=4).map(
        lambda messages: {**rest, "model": "replayed", "messages": messages}
    )
)


async def answered(secret: str, body: Any) -> tuple[int, str]:
    async with client({"authorization": f"Bearer {secret}"}) as program:
        response = await program.post(ASK, content=json.dumps(body).encode("utf-8", "replace"))
    await close_clients()
    return response.status_code, response.text


def parts_of(answer: str) -> list[str]:
    """The one document, or those of a stream, which some requests happen to ask for."""
    if not answer.startswith("data: "):
        return [answer]
    *events, done, rest = answer.split("\n\n")
    assert (done, rest) == ("data: [DONE]", "")
    return [event.removeprefix("data: ") for event in events]


def test_no_request_makes_the_site_fail(owner: User):
    with ReplayServer() as server:
        routed("replayed", Upstream.objects.create(name="R", family="compatible", base_url=server.base_url))
        secret = ApiKey(owner=owner).issue()
        server.say("Hi")

        @settings(
            max_examples=300 if require.EVERYTHING else 40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(request | value)
        def check(body: Any) -> None:
            status, answer = async_to_sync(answered)(secret, body)
            assert status in (200, 400, 404, 413), (status, answer)
            assert "Traceback" not in answer
            for part in parts_of(answer):
                json.loads(part)

        check()
