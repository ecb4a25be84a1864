"""Which upstreams may answer, and in which order they are asked."""

from collections import Counter

import pytest

from chat.completions import (
    ChatRequest,
    Choice,
    Message,
    ModelNotFound,
    NoUpstream,
    ReasoningState,
    Text,
    ToolCall,
    UpstreamAuthFailed,
)
from chat.gateway import Payer, reasoning, routing
from chat.models import ApiKey, LanguageModel, Route, Upstream
from chat.models.encrypted import UnreadableSecret

HELLO = ChatRequest("shared", (Message("user", (Text("Hello"),)),))


@pytest.fixture
def model(db) -> LanguageModel:
    return LanguageModel.objects.create(model_id="shared")


@pytest.fixture
def payer(owner) -> Payer:
    return Payer(owner)


@pytest.fixture
def add(model):
    def add(name: str, family: str = "compatible", **fields) -> Route:
        upstream = Upstream.objects.create(name=name, family=family, base_url="http://127.0.0.1:9/v1")
        return Route.objects.create(model=model, upstream=upstream, **fields)

    return add


def names(payer: Payer, request: ChatRequest = HELLO) -> list[str]:
    return [way.upstream.name for way in routing.ways(request, payer)]


def test_lower_numbers_are_asked_first(add, payer):
    add("third", priority=7)
    add("first")
    add("second", priority=1)
    assert names(payer) == ["first", "second", "third"]


def test_equal_ones_get_requests_by_their_weight():
    heavy, light = Route(id=1, upstream_id=1, weight=3), Route(id=2, upstream_id=2, weight=1)
    first = Counter(routing.in_order([light, heavy])[0].id for _ in range(4000))
    # Of 4,000 draws 3,000 are expected, with a deviation of 27.
    assert first[heavy.id] == pytest.approx(3000, abs=165)


def test_the_rest_is_drawn_by_weight_too():
    routes = [Route(id=n, upstream_id=n, weight=weight) for n, weight in enumerate((1, 2, 7), start=1)]
    second = Counter(routing.in_order(routes)[1].id for _ in range(4000))
    expected = {1: 4000 * (0.2 * 1 / 8 + 0.7 * 1 / 3), 2: 4000 * (0.1 * 2 / 9 + 0.7 * 2 / 3)}
    assert {n: second[n] for n in expected} == {n: pytest.approx(e, abs=190) for n, e in expected.items()}


def test_a_weight_does_not_count_against_a_priority():
    first, other = Route(id=1, upstream_id=1), Route(id=2, upstream_id=2, priority=1, weight=32767)
    assert {routing.in_order([other, first])[0].id for _ in range(200)} == {first.id}


def test_a_weight_of_nothing_written_past_the_form_breaks_nothing():
    assert routing.in_order([Route(id=1, upstream_id=1, weight=0)])


@pytest.mark.parametrize(
    "change",
    [
        lambda route: Route.objects.filter(pk=route.pk).update(enabled=False),
        lambda route: Upstream.objects.filter(pk=route.upstream_id).update(enabled=False),
        lambda route: route.upstream.refuse_key("No."),
    ],
    ids=["route off", "upstream off", "key refused"],
)
def test_one_that_is_off_is_not_asked(add, payer, change):
    change(add("off"))
    add("on", priority=1)
    assert names(payer) == ["on"]
    Route.objects.filter(upstream__name="on").delete()
    with pytest.raises(NoUpstream):
        names(payer)
    assert not LanguageModel.objects.usable_by(payer.user).exists()


def test_one_whose_key_cannot_be_read_is_left_out_while_there_is_another(add, payer, monkeypatch):
    lost = add("lost")
    add("other", priority=1)
    Upstream.objects.filter(pk=lost.upstream_id).update(api_key="sk-1")
    monkeypatch.setattr("chat.models.encrypted._site_fernet", lambda: _Another())
    assert isinstance(Upstream.objects.get(name="lost").api_key, UnreadableSecret)
    assert names(payer) == ["other"]
    Upstream.objects.filter(name="other").delete()
    with pytest.raises(UpstreamAuthFailed, match="cannot be read"):
        names(payer)


class _Another:
    def decrypt(self, token: bytes) -> bytes:
        from cryptography.fernet import InvalidToken

        raise InvalidToken


def test_a_model_that_nobody_offers_is_not_there(model, payer):
    with pytest.raises(ModelNotFound):
        names(payer, ChatRequest("unheard-of", HELLO.messages))
    with pytest.raises(ModelNotFound):
        names(payer, ChatRequest("shared\0", HELLO.messages))


def test_a_key_that_is_kept_from_the_model_cannot_find_it_on_any_route(add, owner, model):
    add("first")
    add("second")
    key = ApiKey.objects.create(owner=owner, name="k", digest="d")
    key.allowed_models.add(LanguageModel.objects.create(model_id="another"))
    with pytest.raises(ModelNotFound):
        names(Payer(owner, key))


def test_many_routes_cost_as_many_queries_as_one(add, payer, django_assert_num_queries):
    for number in range(8):
        add(f"U{number}")
    with django_assert_num_queries(1):
        assert len(names(payer)) == 8


STATE = ReasoningState("anthropic", "shared", ({"type": "thinking", "thinking": "Hm.", "signature": "abc"},))
CALL = ToolCall("call_1", "weather", '{"city": "Bern"}')


def history_of(payer: Payer, writer: Upstream) -> ChatRequest:
    reasoning.keep(HELLO, payer, writer, Choice("", "Hm.", "", (CALL,), "tool_calls", STATE))
    said = Message("assistant", tool_calls=(CALL,))
    result = Message("tool", (Text("Sunny."),), tool_call_id="call_1")
    return ChatRequest("shared", (*HELLO.messages, said, result))


def test_a_turn_whose_reasoning_an_upstream_wrote_goes_back_to_it(add, payer):
    add("cheap", family="anthropic", weight=1000)
    writer = add("writer", family="anthropic", priority=9)
    first, other = routing.ways(history_of(payer, writer.upstream), payer)
    assert (first.upstream.name, other.upstream.name) == ("writer", "cheap")
    assert first.request.messages[1].reasoning_state == STATE


def test_another_upstream_is_asked_such_a_turn_without_that_reasoning(add, payer):
    add("other", family="anthropic")
    writer = add("writer", family="anthropic")
    _, other = routing.ways(history_of(payer, writer.upstream), payer)
    assert other.request.messages[1].reasoning_state is None


def test_a_writer_that_is_off_now_is_not_waited_for(add, payer):
    writer = add("writer", family="anthropic")
    add("other", family="anthropic")
    request = history_of(payer, writer.upstream)
    Upstream.objects.filter(name="writer").update(enabled=False)
    assert names(payer, request) == ["other"]


def test_reasoning_is_looked_for_once_for_all_routes(add, payer, django_assert_num_queries):
    writer = add("writer", family="anthropic")
    for number in range(4):
        add(f"U{number}", family="anthropic")
    request = history_of(payer, writer.upstream)
    with django_assert_num_queries(2):
        routing.ways(request, payer)
