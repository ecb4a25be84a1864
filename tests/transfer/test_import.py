import json
import uuid
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat.gateway import this_process
from chat.models import Conversation, Intake, LanguageModel, Worker
from chat.transfer import importing
from tests.files import upload

from .exports import branched_chatgpt, chatgpt, chatgpt_node, claude, claude_message


def test_the_same_file_twice_takes_nothing_twice(owner, stranger, bring):
    bring([branched_chatgpt()])
    again = bring([branched_chatgpt(), claude(claude_message("m-1", "human", "Hello"))])
    assert (again.state, again.taken, again.already_here) == ("done", 1, 1)
    assert bring([branched_chatgpt()], by=stranger).taken == 1
    assert Conversation.objects.filter(owner=owner).count() == 2


def test_what_has_no_id_is_known_by_what_it_says(bring):
    nameless = chatgpt(chatgpt_node("1", "root", "user", "Hello"), conversation_id=None)
    assert bring([nameless]).taken == 1
    assert bring([nameless]).already_here == 1


def test_one_that_was_deleted_can_be_imported_again(bring):
    bring([branched_chatgpt()])
    Conversation.objects.get().delete()
    assert bring([branched_chatgpt()]).taken == 1


def test_one_that_is_in_the_trash_can_be_imported_again(owner, bring):
    bring([branched_chatgpt()])
    Conversation.objects.all().trash()
    again = bring([branched_chatgpt()])
    assert (again.taken, again.already_here) == (1, 0)
    assert bring([branched_chatgpt()]).already_here == 1
    Conversation.objects.trashed_by(owner).restore()
    assert bring([branched_chatgpt()]).already_here == 1


def test_a_model_that_is_here_is_the_same(bring):
    model = LanguageModel.objects.create(model_id="gpt-4o")
    bring([branched_chatgpt()])
    conversation = Conversation.objects.get()
    assert conversation.model == conversation.head.model == model


def test_the_file_is_gone_when_it_was_read(bring, tmp_path):
    intake = bring([branched_chatgpt()])
    assert not intake.file
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_many_are_written_in_few_queries(owner, bring):
    """Batches: what a conversation costs does not grow with what came before it."""
    many = [chatgpt(chatgpt_node("1", "root", "user", "Hello"), conversation_id=str(n)) for n in range(400)]
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert bring(many).taken == 400
    assert len(queries) < 60


def test_a_second_import_waits_until_the_first_is_done(owner, stranger):
    importing.take_in(owner, upload("a.json", b"[]"))
    with pytest.raises(ValidationError, match="still running"):
        importing.take_in(owner, upload("b.json", b"[]"))
    importing.take_in(stranger, upload("c.json", b"[]"))


def test_a_process_that_ends_leaves_what_was_taken(owner, monkeypatch):
    many = [
        chatgpt(chatgpt_node("1", "root", "user", "x" * 2000), conversation_id=str(n)) for n in range(200)
    ]
    intake = importing.take_in(owner, upload("a.json", json.dumps(many).encode()))
    monkeypatch.setattr(importing, "SAVED_EVERY", 0)
    monkeypatch.setattr(this_process, "is_draining", True)
    importing.read(intake)
    intake.refresh_from_db()
    assert intake.state == "interrupted"
    assert Conversation.objects.count() == intake.taken < 200


def test_what_a_dead_process_read_is_interrupted(owner):
    dead = Worker.objects.create(id=uuid.uuid4())
    intake = importing.take_in(owner, upload("a.json", b"[]"))
    Intake.objects.update(state="running", worker=dead)
    assert not Intake.objects.abandoned([])
    assert list(Intake.objects.abandoned([dead])) == [intake]
    Intake.objects.update(worker=None)
    assert not Intake.objects.abandoned([])
    Intake.objects.update(seen_at=timezone.now() - timedelta(minutes=1))
    assert list(Intake.objects.abandoned([])) == [intake]


def test_an_import_that_was_taken_for_dead_is_not_brought_back(owner):
    intake = importing.take_in(owner, upload("a.json", json.dumps([branched_chatgpt()]).encode()))
    intake.begin(None)
    Intake.objects.get().interrupt()
    assert not intake.advance()
    intake.finish()
    assert Intake.objects.get().state == "interrupted"


def test_a_mistake_of_ours_fails_it_in_words(owner, monkeypatch):
    monkeypatch.setattr(importing, "Archive", lambda *_: 1 / 0)
    monkeypatch.setattr(importing.connections, "close_all", lambda: None)
    intake = importing.take_in(owner, upload("a.json", b"[]"))
    importing.read_in_background(intake)
    intake.refresh_from_db()
    assert (intake.state, intake.problem) == ("failed", importing.MISTAKE)
