"""What is frozen when a conversation is shared, and how a link ends."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from chat.models import (
    Attachment,
    Conversation,
    LanguageModel,
    Share,
    SharedFile,
    Shown,
    Terms,
    User,
    continue_as,
)
from chat.models.digest import digest
from chat.pages.shared_page import draw
from tests import files
from tests.files import upload
from tests.pages.conftest import add_turn, begun

EVERYTHING = Shown(branches=True, reasoning=True, system_prompt=True, attachments=True)


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def model(db) -> LanguageModel:
    return LanguageModel.objects.create(model_id="small")


@pytest.fixture
def conversation(owner: User, model) -> Conversation:
    """With a system prompt, reasoning, a file and two answers to its question."""
    conversation = Conversation.objects.create(owner=owner, title="Bread", model=model)
    conversation.head = conversation.messages.create(
        role="system", content=[{"type": "text", "text": "the system prompt"}]
    )
    picture = Attachment.take(owner, upload("loaf.png", files.PNG))
    asked = conversation.messages.create(
        role="user",
        parent=conversation.head,
        content=[picture.as_content(), {"type": "text", "text": "How is bread made?"}],
    )
    Attachment.objects.update(message=asked)
    for text in ("With rye.", "With flour."):
        conversation.head = conversation.messages.create(
            role="assistant",
            parent=asked,
            content=[{"type": "text", "text": text}],
            reasoning="the reasoning",
            model=model,
            model_name="small",
            tool_calls=[{"id": "call", "name": "the tool", "arguments": "{}"}],
            error={"message": "the error"},
        )
    conversation.save(update_fields=["head"])
    return conversation


def texts(share: Share) -> list[list[str]]:
    return [[message["text"] for message in branch["messages"]] for branch in share.snapshot["branches"]]


def test_it_shows_the_branch_that_was_used_last_and_nothing_else(conversation):
    share = conversation.share(draw)
    assert share.snapshot == {
        "title": "Bread",
        "branches": [
            {
                "after": 0,
                "messages": [
                    {"n": 1, "role": "user", "text": "How is bread made?", "files_left_out": 1},
                    {
                        "n": 2,
                        "role": "assistant",
                        "text": "With flour.",
                        "model": "small",
                        "is_cut_off": False,
                    },
                ],
            }
        ],
    }
    assert not share.files.exists()


def test_what_is_ticked_is_shown_too(conversation):
    share = conversation.share(draw, shown=EVERYTHING)
    assert share.snapshot["system_prompt"] == "the system prompt"
    assert texts(share) == [["How is bread made?", "With flour."], ["With rye."]]
    assert share.snapshot["branches"][1]["after"] == 1
    question, answer = share.snapshot["branches"][0]["messages"]
    assert answer["reasoning"] == "the reasoning"
    assert question["files"] == [{"n": 1, "name": "loaf.png", "kind": "image", "size": len(files.PNG)}]
    assert share.files.get().read() == files.PNG


def test_no_id_name_address_or_key_of_the_owner_or_of_storage_is_in_it(conversation, owner):
    owner.first_name = "Olga Secretname"
    owner.save(update_fields=["first_name"])
    share = conversation.share(draw, shown=EVERYTHING)
    written = json.dumps([share.snapshot, share.markup])
    message = conversation.head
    attachment = Attachment.objects.get()
    for secret in (
        owner.username,
        owner.email,
        owner.first_name,
        conversation.public_id,
        message.public_id,
        attachment.public_id,
        attachment.file.name,
        share.files.get().file.name,
        share.token,
        "the tool",
        "the error",
    ):
        assert secret not in written, secret


def test_another_branch_is_shared_by_its_last_message(conversation):
    rye = conversation.messages.get(content__0__text="With rye.")
    assert texts(conversation.share(draw, leaf=rye)) == [["How is bread made?", "With rye."]]


def test_branches_of_branches_are_each_shown_once(conversation):
    rye = conversation.messages.get(content__0__text="With rye.")
    conversation.head = rye
    add_turn(conversation, "And then?", "Bake.")
    add_turn(conversation, "How hot?", "Hot.")
    asked = conversation.messages.get(content__0__text="And then?")
    conversation.messages.create(role="assistant", parent=asked, content=[{"type": "text", "text": "Wait."}])
    conversation.messages.create(role="user", content=[{"type": "text", "text": "From the start"}])
    flour = conversation.messages.get(content__0__text="With flour.")
    share = conversation.share(draw, leaf=flour, shown=Shown(branches=True))
    assert texts(share) == [
        ["How is bread made?", "With flour."],
        ["From the start"],
        ["With rye.", "And then?", "Wait."],
        ["Bake.", "How hot?", "Hot."],
    ]
    numbers = [message["n"] for branch in share.snapshot["branches"] for message in branch["messages"]]
    assert numbers == list(range(1, 10))


def test_what_is_said_later_is_not_shown(conversation):
    share = conversation.share(draw)
    add_turn(conversation, "And now?", "Bake it.")
    conversation.rename("Rye")
    share.refresh_from_db()
    assert texts(share) == [["How is bread made?", "With flour."]]
    assert share.title == "Bread"


def test_an_update_shows_it_under_the_same_address(conversation):
    share = conversation.share(draw, shown=Shown(attachments=True))
    token, copy = share.token, share.files.get().pk
    add_turn(conversation, "And now?", "Bake it.")
    share.update(None, Shown(attachments=True), Terms(), draw)
    again = Share.objects.find(token)
    assert again == share
    assert again.revision == 2
    assert texts(again)[0][-1] == "Bake it."
    assert again.files.get().pk != copy


def test_a_file_stays_when_its_message_is_deleted(conversation, django_capture_on_commit_callbacks):
    share = conversation.share(draw, shown=Shown(attachments=True))
    with django_capture_on_commit_callbacks(execute=True):
        conversation.messages.filter(role="user").delete()
    assert not Attachment.objects.exists()
    assert share.files.get().read() == files.PNG


def test_the_token_is_long_and_nowhere_to_be_read_in_the_database(conversation):
    share = conversation.share(draw)
    assert len(share.token) == 32
    with connection.cursor() as cursor:
        cursor.execute("SELECT token, token_hash FROM chat_share")
        token, token_hash = cursor.fetchone()
    assert token_hash == digest(share.token)
    assert share.token not in token
    assert Share.objects.get().token == share.token, "so that its owner can copy it again"


def test_the_passphrase_is_hashed_and_with_argon2_in_the_real_settings(conversation):
    share = conversation.share(draw, terms=Terms(passphrase="open sesame"))
    assert "sesame" not in share.passphrase
    assert share.unlocks("open sesame")
    assert not share.unlocks("open")
    from chatsite import settings

    assert settings.PASSWORD_HASHERS[0].endswith("Argon2PasswordHasher")


def test_an_update_keeps_the_passphrase_unless_it_is_taken_away(conversation):
    share = conversation.share(draw, terms=Terms(passphrase="open sesame"))
    share.update(None, Shown(), Terms(passphrase=None), draw)
    assert share.unlocks("open sesame")
    share.update(None, Shown(), Terms(passphrase=""), draw)
    assert share.passphrase == ""


def test_what_is_being_written_is_not_shared(owner, model):
    turn = Conversation.begin(owner, "How is bread made?", model, uuid4())
    with pytest.raises(ValidationError, match="still being written"):
        turn.answer.conversation.share(draw)
    assert not Share.objects.exists()


def test_nothing_is_not_shared(owner):
    with pytest.raises(ValidationError, match="nothing to share"):
        Conversation.objects.create(owner=owner, title="Empty").share(draw)


def test_a_file_that_is_gone_leaves_no_half_a_link(conversation):
    Attachment.objects.get().file.delete(save=False)
    attachment = Attachment.objects.get()
    Attachment.objects.filter(pk=attachment.pk).update(file="attachments/gone")
    with pytest.raises(ValidationError, match=r"loaf\.png is no longer on this site"):
        conversation.share(draw, shown=EVERYTHING)
    assert not Share.objects.exists()


def test_revoking_ends_it_and_removes_what_it_showed(
    conversation, tmp_path, django_capture_on_commit_callbacks
):
    share = conversation.share(draw, shown=EVERYTHING)
    path = tmp_path / share.files.get().file.name
    assert path.exists()
    with django_capture_on_commit_callbacks(execute=True):
        share.revoke()
    share.refresh_from_db()
    assert Share.objects.find(share.token) is None
    assert (share.snapshot, share.markup) == ({}, {})
    assert not SharedFile.objects.exists()
    assert not path.exists()
    with pytest.raises(ValidationError, match="revoked"):
        share.update(None, Shown(), Terms(), draw)


@pytest.mark.parametrize("what", ["conversation", "owner"])
def test_it_ends_with_its_conversation_and_with_its_owner(
    conversation, owner, tmp_path, django_capture_on_commit_callbacks, what
):
    share = conversation.share(draw, shown=EVERYTHING)
    path = tmp_path / share.files.get().file.name
    with django_capture_on_commit_callbacks(execute=True):
        {"conversation": conversation, "owner": owner}[what].delete()
    assert Share.objects.find(share.token) is None
    assert not path.exists()


def test_it_ends_while_its_owner_may_not_come_in(conversation, owner):
    share = conversation.share(draw)
    owner.is_active = False
    owner.save(update_fields=["is_active"])
    assert Share.objects.find(share.token) is None


def test_it_ends_by_its_date_and_by_the_longest_life_of_the_site(conversation, settings):
    now = timezone.now()
    share = conversation.share(draw, terms=Terms(expires_at=now + timedelta(days=30)))
    assert Share.objects.find(share.token)
    settings.SHARE_LONGEST_DAYS = 7
    assert share.ends_at == share.created_at + timedelta(days=7)
    Share.objects.update(created_at=now - timedelta(days=8))
    assert Share.objects.find(share.token) is None
    settings.SHARE_LONGEST_DAYS = 0
    assert Share.objects.find(share.token)
    Share.objects.update(expires_at=now)
    assert Share.objects.find(share.token) is None


def test_a_view_is_counted_as_long_as_there_is_one_left(conversation):
    share = conversation.share(draw, terms=Terms(max_views=2))
    assert [share.count_view() for _ in range(3)] == [True, True, False]
    share.refresh_from_db()
    assert share.views == 2
    assert share.last_viewed_at
    assert share.state == "Used up"


def test_a_reader_goes_on_with_copies_of_what_is_shown(conversation, stranger):
    share = conversation.share(draw, shown=Shown(attachments=True, branches=True))
    own = continue_as(stranger, share, 3, "1")
    assert own.owner == stranger
    path = own.branch().messages()
    assert [message.text for message in path] == ["How is bread made?", "With rye."]
    assert [message.reasoning for message in path] == ["", ""]
    copy = Attachment.objects.get(owner=stranger)
    assert path[0].attachment_ids == [copy.public_id]
    assert copy.message == path[0]
    assert copy.read() == files.PNG
    conversation.delete()
    assert own.branch().messages()[1].text == "With rye."


def test_a_reader_goes_on_with_the_prompt_that_was_shown(conversation, stranger):
    conversation.tune({"system_prompt": "Be brief."})
    conversation.save(update_fields=["system_prompt"])
    share = conversation.share(draw, shown=EVERYTHING)
    own = continue_as(stranger, share, 1, "1")
    assert own.system_prompt == share.snapshot["system_prompt"] == "Be brief.\n\nthe system prompt"
    assert [message.role for message in own.branch().messages()] == ["user"]
    unshown = continue_as(stranger, conversation.share(draw), 1, "1")
    assert unshown.system_prompt == ""


def test_a_long_conversation_with_many_branches_is_frozen_in_few_queries(
    owner, model, django_assert_max_num_queries
):
    conversation = begun(owner, model, "Long", "0", "0")
    for number in range(60):
        asked = conversation.head.parent
        add_turn(conversation, str(number), "yes")
        conversation.messages.create(
            role="assistant", parent=asked, content=[{"type": "text", "text": "other"}]
        )
    with django_assert_max_num_queries(25):
        share = conversation.share(draw, shown=Shown(branches=True))
    assert len(share.snapshot["branches"]) == 61


def test_what_another_tab_has_revoked_is_not_published_again(conversation):
    share = conversation.share(draw, shown=EVERYTHING)
    Share.objects.get().revoke()
    with pytest.raises(ValidationError, match="revoked"):
        share.update(None, EVERYTHING, Terms(), draw)
    assert Share.objects.get().snapshot == {}
    assert not SharedFile.objects.exists()


def test_two_updates_from_two_tabs_are_two_revisions(conversation):
    conversation.share(draw, shown=EVERYTHING)
    one, two = Share.objects.get(), Share.objects.get()
    one.update(None, EVERYTHING, Terms(), draw)
    two.update(None, EVERYTHING, Terms(), draw)
    assert Share.objects.get().revision == 3
    assert SharedFile.objects.count() == 1
