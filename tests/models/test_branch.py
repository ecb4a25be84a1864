"""Versions of a message, and the branches that they begin."""

import uuid
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from chat.live.keeper import tidy
from chat.models import (
    AnswerInProgress,
    Attachment,
    Branch,
    Conversation,
    LanguageModel,
    Message,
    MessageGone,
    Worker,
)


@pytest.fixture
def conversation(owner) -> Conversation:
    model = LanguageModel.objects.create(model_id="replayed")
    return Conversation.objects.create(owner=owner, title="Bread", model=model)


def asked(conversation: Conversation, text: str, **where) -> Message:
    """The answer, which is complete."""
    answer = conversation.ask(text, model=conversation.model, turn_id=uuid.uuid4(), **where).answer
    assert answer.claim(Worker.objects.create())
    answer.finish()
    return answer


def retried(conversation: Conversation, answer: Message) -> Message:
    again = conversation.retry(answer, model=conversation.model, turn_id=uuid.uuid4(), at=answer).answer
    assert again.claim(Worker.objects.create())
    again.finish()
    return again


def texts(branch: Branch) -> list[str]:
    return [message.text for message in branch.messages() if message.role == "user"]


def test_each_version_knows_its_place_among_the_others(conversation):
    first = asked(conversation, "How is bread made?")
    second = retried(conversation, first)
    third = retried(conversation, second)
    place = {each.pk: conversation.branch(each.public_id).messages()[-1].versions for each in (first, second)}
    assert (place[first.pk].number, place[first.pk].count) == (1, 3)
    assert (place[first.pk].previous, place[first.pk].next) == ("", second.public_id)
    assert (place[second.pk].previous, place[second.pk].next) == (first.public_id, third.public_id)


def test_a_branch_through_a_message_ends_where_it_was_written_on_last(conversation):
    first = asked(conversation, "How is bread made?")
    end = asked(conversation, "And cake?")
    retried(conversation, first)
    assert conversation.branch(first.public_id).tip == end.public_id
    assert conversation.branch(first.question.public_id).tip == conversation.head.public_id
    assert conversation.branch().tip == conversation.head.public_id


def test_a_message_of_another_conversation_leads_to_the_branch_in_use(conversation, stranger):
    end = asked(conversation, "How is bread made?")
    theirs = Conversation.objects.create(owner=stranger, title="Theirs", model=conversation.model)
    secret = asked(theirs, "A secret?")
    assert conversation.branch(secret.public_id).tip == end.public_id
    assert Branch.through(conversation, secret.public_id) is None
    assert Branch.through(conversation, "\0") is None


def test_a_question_goes_on_where_it_was_asked_and_not_at_the_head(conversation):
    first = asked(conversation, "How is bread made?")
    retried(conversation, first)
    end = asked(conversation, "And cake?", at=first)
    assert [message.pk for message in conversation.branch().messages()][1:] == [
        first.pk,
        end.question.pk,
        end.pk,
    ]


def test_each_branch_has_an_answer_written_at_once_and_one_at_a_time(conversation):
    first = asked(conversation, "How is bread made?")
    second = retried(conversation, first)
    ask = {"model": conversation.model}
    writing = conversation.ask("And cake?", turn_id=uuid.uuid4(), at=first, **ask).answer
    assert conversation.ask("And pie?", turn_id=uuid.uuid4(), at=second, **ask).answer.is_streaming
    for at in (first, writing):
        with pytest.raises(AnswerInProgress):
            conversation.ask("And now?", turn_id=uuid.uuid4(), at=at, **ask)


def test_an_answer_that_a_person_edits_is_a_version_beside_it(conversation):
    answer = asked(conversation, "How is bread made?")
    asked(conversation, "And cake?")
    revised = conversation.revise(answer, "With rye.", turn_id=uuid.uuid4()).answer
    assert (revised.text, revised.is_edited, revised.status) == ("With rye.", True, "complete")
    assert Message.objects.get(pk=answer.pk).text == answer.text
    assert conversation.branch().tip == revised.public_id
    assert texts(conversation.branch()) == ["How is bread made?"]


def test_the_model_is_sent_the_edited_answer(conversation):
    answer = asked(conversation, "How is bread made?")
    conversation.revise(answer, "With rye.", turn_id=uuid.uuid4())
    request = conversation.request_for(
        conversation.ask("Why?", model=conversation.model, turn_id=uuid.uuid4()).answer
    )
    assert [message.text for message in request.messages] == ["How is bread made?", "With rye.", "Why?"]


def test_an_edit_that_is_sent_twice_makes_one_version(conversation):
    answer = asked(conversation, "How is bread made?")
    turn_id = uuid.uuid4()
    made = [conversation.revise(answer, "With rye.", turn_id=turn_id).answer.pk for _ in range(2)]
    assert made[0] == made[1]


@pytest.mark.parametrize("text", ["", " \n ", "a" * 600_000])
def test_an_edit_that_says_nothing_or_too_much_is_refused(conversation, text):
    answer = asked(conversation, "How is bread made?")
    with pytest.raises(ValidationError):
        conversation.revise(answer, text, turn_id=uuid.uuid4())
    assert conversation.messages.count() == 2


def test_an_answer_that_is_being_written_is_not_edited(conversation):
    answer = conversation.ask("Why?", model=conversation.model, turn_id=uuid.uuid4()).answer
    with pytest.raises(AnswerInProgress):
        conversation.revise(answer, "So.", turn_id=uuid.uuid4())


def test_a_deleted_version_goes_with_all_that_follows_and_comes_back_whole(conversation):
    first = asked(conversation, "How is bread made?")
    second = retried(conversation, first)
    asked(conversation, "And cake?")
    assert conversation.delete_branch(second) == first.public_id
    assert [message.pk for message in conversation.branch().messages()][1:] == [first.pk]
    assert conversation.branch().messages()[-1].versions.count == 1
    conversation.restore_branch(second.public_id)
    assert texts(conversation.branch()) == ["How is bread made?", "And cake?"]
    assert conversation.branch(second.public_id).messages()[1].versions.count == 2


def test_what_was_deleted_before_stays_so_when_what_it_followed_comes_back(conversation):
    asked(conversation, "How is bread made?")
    cake = asked(conversation, "And cake?").question
    pie = asked(conversation, "And pie?").question
    conversation.delete_branch(pie)
    conversation.delete_branch(cake)
    with pytest.raises(ValidationError, match="cannot be brought back"):
        conversation.restore_branch(pie.public_id)
    conversation.restore_branch(cake.public_id)
    assert texts(conversation.branch()) == ["How is bread made?", "And cake?"]


def test_the_only_version_of_the_first_question_and_of_an_answer_stays(conversation):
    answer = asked(conversation, "How is bread made?")
    for message in (answer, answer.question):
        with pytest.raises(ValidationError, match="Delete the conversation"):
            conversation.delete_branch(message)


def test_what_is_being_written_is_not_deleted(conversation):
    asked(conversation, "How is bread made?")
    turn = conversation.ask("Why?", model=conversation.model, turn_id=uuid.uuid4())
    with pytest.raises(AnswerInProgress):
        conversation.delete_branch(turn.question)


def test_nothing_is_added_behind_what_was_deleted(conversation):
    asked(conversation, "How is bread made?")
    gone = asked(conversation, "And cake?")
    conversation.delete_branch(gone.question)
    with pytest.raises(MessageGone):
        conversation.ask("And now?", model=conversation.model, turn_id=uuid.uuid4(), at=gone)
    with pytest.raises(MessageGone):
        conversation.retry(gone, model=conversation.model, turn_id=uuid.uuid4())
    with pytest.raises(MessageGone):
        conversation.delete_branch(gone)


def test_a_turn_that_was_deleted_is_not_sent_again_under_its_id(conversation):
    asked(conversation, "How is bread made?")
    turn = asked(conversation, "And cake?").question
    conversation.delete_branch(turn)
    with pytest.raises(ValidationError, match="Send this one again"):
        conversation.ask("And cake?", model=conversation.model, turn_id=turn.turn_id)


def test_a_stranger_s_message_is_neither_deleted_nor_brought_back(conversation, stranger):
    theirs = Conversation.objects.create(owner=stranger, title="Theirs", model=conversation.model)
    asked(theirs, "A secret?")
    message = asked(theirs, "Another?").question
    with pytest.raises(MessageGone):
        conversation.delete_branch(message)
    theirs.delete_branch(message)
    with pytest.raises(ValidationError, match="cannot be brought back"):
        conversation.restore_branch(message.public_id)


def test_what_was_deleted_is_forgotten_after_thirty_days(conversation):
    asked(conversation, "How is bread made?")
    conversation.delete_branch(asked(conversation, "And cake?").question)
    conversation.delete_branch(asked(conversation, "And pie?").question)
    long_ago = timezone.now() - timedelta(days=31)
    Message.with_deleted.filter(content__0__text="And cake?").update(deleted_at=long_ago)
    tidy()
    assert Message.with_deleted.count() == 4


def test_a_file_stays_with_the_versions_that_have_it_too(conversation):
    asked(conversation, "How is bread made?")
    file = Attachment.take(conversation.owner, SimpleUploadedFile("recipe.txt", b"Flour."))
    first = asked(conversation, "And this?", attachments=[file.public_id])
    second = asked(
        conversation, "And that?", instead_of=first.question, at=first, attachments=[file.public_id]
    )
    conversation.delete_branch(first.question)
    Message.with_deleted.exclude(deleted_at=None).update(deleted_at=timezone.now() - timedelta(days=31))
    Message.with_deleted.all().forget_deleted()
    assert Attachment.objects.get().message == second.question
    conversation.delete_branch(second.question)
    Message.with_deleted.exclude(deleted_at=None).update(deleted_at=timezone.now() - timedelta(days=31))
    Message.with_deleted.all().forget_deleted()
    assert not Attachment.objects.exists()


def test_the_number_of_versions_costs_no_queries(conversation, django_assert_num_queries):
    answer = asked(conversation, "How is bread made?")
    for _ in range(20):
        answer = retried(conversation, answer)
    with django_assert_num_queries(2):
        messages = conversation.branch(answer.public_id).latest(30)
    assert messages[-1].versions.count == 21


def test_an_answer_with_something_behind_it_is_not_continued(conversation):
    answer = asked(conversation, "How is bread made?")
    Message.objects.filter(pk=answer.pk).update(status="stopped", content=[{"type": "text", "text": "Flour"}])
    asked(conversation, "And cake?")
    with pytest.raises(ValidationError, match="cannot be continued"):
        conversation.go_on(answer)
