"""How an answer came about, for whom it belongs to."""

from decimal import Decimal

import pytest

from tests.traffic import asked


def address(conversation) -> str:
    return f"/m/{conversation.head.public_id}/details"


def test_the_owner_sees_how_an_answer_came_about(owner, owners, conversation):
    asked(
        owner,
        public_id="req-details",
        message=conversation.head,
        attempts=[{"upstream": "First", "code": "down", "message": "It fell over.", "seconds": 1}],
        reasoning_tokens=50,
        measure="estimated",
        cost=Decimal("0.02"),
    )
    page = owners.get(address(conversation)).content.decode()
    for words in (
        "replayed",
        "Replay",
        "First: It fell over.",
        "1,000 (400 from a cache)",
        "50 while thinking",
    ):
        assert words in page
    for words in ("estimated", "$0.02", "0.20 s", "0.35 s", "2.00 s", "req-details", "Complete"):
        assert words in page


def test_an_unknown_price_is_unknown(owner, owners, conversation):
    asked(owner, message=conversation.head, cost=None)
    assert "<dt>Price</dt><dd>unknown</dd>" in owners.get(address(conversation)).content.decode()


def test_an_answer_that_was_continued_has_each_part(owner, owners, conversation):
    asked(owner, message=conversation.head, public_id="req-first", status="stopped")
    asked(owner, message=conversation.head, public_id="req-second")
    page = owners.get(address(conversation)).content.decode()
    assert page.index("Part 1") < page.index("req-first") < page.index("Part 2") < page.index("req-second")


def test_an_answer_whose_request_is_forgotten_tells_what_it_knows(owners, conversation):
    conversation.messages.filter(pk=conversation.head_id).update(prompt_tokens=1234)
    assert "1,234" in owners.get(address(conversation)).content.decode()


def test_markup_in_what_an_upstream_said_is_shown(owner, owners, conversation):
    asked(owner, message=conversation.head, upstream_name="<b>", attempts=[{"message": "<script>"}, "<i>", 7])
    page = owners.get(address(conversation)).content.decode()
    assert "<script>" not in page
    assert "<b>" not in page


def test_a_question_has_none(owners, conversation):
    assert owners.get(f"/m/{conversation.head.parent.public_id}/details").status_code == 404


@pytest.mark.parametrize("message", ["x" * 22, "short", "%00" * 22])
def test_what_is_no_message_has_none(owners, message):
    assert owners.get(f"/m/{message}/details").status_code == 404


def test_a_stranger_gets_404(strangers, conversation):
    assert strangers.get(address(conversation)).status_code == 404


def test_an_administrator_gets_404(client, administrator, conversation):
    client.force_login(administrator)
    assert client.get(address(conversation)).status_code == 404


def test_who_is_signed_out_signs_in_first(client, conversation):
    assert client.get(address(conversation)).status_code == 302


def test_it_is_only_to_be_looked_at(owners, conversation):
    assert owners.post(address(conversation)).status_code == 405


def test_the_page_leads_there_and_does_not_carry_it(owner, owners, conversation):
    asked(owner, message=conversation.head, public_id="req-details")
    page = owners.get(f"/c/{conversation.public_id}").content.decode()
    assert address(conversation) in page
    assert "req-details" not in page
