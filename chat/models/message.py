from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from chat import completions
from chat.completions import Chunk, CompletionError, GrowingChoice, Text, ToolCallDelta, Usage

from .attachment import Attachment
from .prepared import Given, PreparedUpdate
from .public_id import PublicIdField
from .storable import storable
from .tree import Versions
from .worker import Worker

if TYPE_CHECKING:
    from .offer import Offer

DELETED_ARE_KEPT_FOR = timedelta(days=30)


class Role(models.TextChoices):
    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"


class Status(models.TextChoices):
    STREAMING = "streaming"
    COMPLETE = "complete"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"
    FAILED = "failed"


class MessageQuerySet(models.QuerySet["Message"]):
    def owned_by(self, user: Any) -> MessageQuerySet:
        """Without those of conversations in the trash."""
        return self.filter(conversation__owner=user.pk, conversation__deleted_at=None)

    def streaming(self) -> MessageQuerySet:
        return self.filter(status=Status.STREAMING)

    def abandoned(self, dead: Sequence[Worker], worker: Worker, running: Sequence[int]) -> MessageQuerySet:
        """Answers that nobody writes: their process is dead, this one forgot them, or none took them up."""
        # One that was claimed a moment ago is not among the running yet.
        silent = Q(updated_at__lt=timezone.now() - Worker.SILENCE)
        forgotten = silent & Q(worker=worker) & ~Q(pk__in=running)
        never_claimed = silent & Q(worker=None)
        return self.streaming().filter(Q(worker__in=dead) | forgotten | never_claimed)

    def deleted_long_ago(self) -> MessageQuerySet:
        return self.filter(deleted_at__lt=timezone.now() - DELETED_ARE_KEPT_FOR)

    def forget_deleted(self) -> None:
        """Delete for good what nobody brought back in time."""
        expired = self.deleted_long_ago()
        # To delete nothing takes SQLite's lock as well.
        if expired.exists():
            Attachment.objects.filter(message__in=expired).hand_over()
            expired.delete()


class MessageManager(models.Manager.from_queryset(MessageQuerySet)):  # type: ignore[misc]
    """Without the deleted ones: whoever looks for messages does not have to think of them."""

    def get_queryset(self) -> MessageQuerySet:
        return super().get_queryset().filter(deleted_at=None)


class Message(models.Model):
    """A turn of a conversation, and a node of its tree: a message with two replies starts two branches.

    `content` holds the parts of the unified format as JSON objects with a `type`; one that stands for a file has
    the public id of its `attachment`, and its `name`. An answer is written by one process at a time, its
    `worker` until it ends: every write of a stream is guarded by it, so that of a late writer and whoever
    declared it dead only one wins.
    """

    Role = Role
    Status = Status
    is_temporary = False

    public_id = PublicIdField()
    conversation = models.ForeignKey("chat.Conversation", on_delete=models.CASCADE, related_name="messages")
    parent = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="replies")
    turn_id = models.UUIDField(null=True, unique=True, help_text="Given by the client; one turn each.")
    role = models.CharField(max_length=10, choices=Role)
    status = models.CharField(max_length=12, choices=Status, default=Status.COMPLETE)
    content = models.JSONField(default=list)
    reasoning = models.TextField(blank=True)
    refusal = models.TextField(blank=True)
    tool_calls = models.JSONField(default=list)
    finish_reason = models.CharField(max_length=30, blank=True)
    error = models.JSONField(null=True, help_text="What went wrong: message, code and retry_after.")
    is_edited = models.BooleanField(
        "edited", default=False, help_text="A person wrote this version of an answer."
    )

    model = models.ForeignKey("chat.LanguageModel", null=True, on_delete=models.SET_NULL, related_name="+")
    model_name = models.CharField(max_length=200, blank=True, help_text="As it was called then.")
    prompt_tokens = models.PositiveIntegerField(null=True)
    completion_tokens = models.PositiveIntegerField(null=True)
    cached_tokens = models.PositiveIntegerField(null=True)
    reasoning_tokens = models.PositiveIntegerField(null=True)

    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    first_token_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    reasoning_seconds = models.FloatField(null=True)
    idle_seconds = models.FloatField(default=0, help_text="Between the runs of an answer that was continued.")
    worker = models.ForeignKey(Worker, null=True, on_delete=models.SET_NULL, related_name="answers")
    deleted_at = models.DateTimeField(null=True, editable=False, help_text="With all that follows it.")

    objects = MessageManager()
    with_deleted = MessageQuerySet.as_manager()

    versions: Versions | None = None

    class Meta:
        ordering = ("id",)
        indexes = (
            models.Index(fields=["status"], condition=Q(status="streaming"), name="streaming_messages"),
            models.Index(
                fields=["deleted_at"], condition=Q(deleted_at__isnull=False), name="deleted_messages"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_role_display()} message {self.public_id}"

    @property
    def dom_id(self) -> str:
        return dom_id(self.public_id)

    @property
    def text(self) -> str:
        """What was written, without attached texts."""
        return "".join(part["text"] for part in self.content if "text" in part)

    @property
    def attached(self) -> list[dict[str, Any]]:
        """The parts of the content that name an attachment."""
        return [part for part in self.content if "attachment" in part]

    @property
    def attached_images(self) -> list[dict[str, Any]]:
        return [part for part in self.attached if part["type"] == "image"]

    @property
    def attached_files(self) -> list[dict[str, Any]]:
        """Those that are shown by their name."""
        return [part for part in self.attached if part["type"] != "image"]

    @property
    def attachment_ids(self) -> list[str]:
        return [part["attachment"] for part in self.attached]

    @property
    def question(self) -> Message:
        """The question that this answer answers."""
        assert self.parent is not None
        return self.parent

    @property
    def can_be_deleted(self) -> bool:
        """Whether another version takes its place, or the conversation ends well before it."""
        has_others = self.versions is not None and self.versions.count > 1
        return has_others or (self.role == Role.USER and self.parent_id is not None)

    @property
    def said(self) -> str:
        """What the reader sees of it: the text, or the words with which the model refused."""
        return self.text + self.refusal

    @property
    def searchable(self) -> str:
        """What it can be found by: what was said, and the names of its files."""
        return "\n".join([self.said, *(part["name"] for part in self.attached)])

    @cached_property
    def has_thought(self) -> bool:
        return bool(self.reasoning)

    @cached_property
    def has_said(self) -> bool:
        return bool(self.said)

    @property
    def is_streaming(self) -> bool:
        return self.status == Status.STREAMING

    @property
    def is_cut_off(self) -> bool:
        """Whether there is more to come if the model is asked to go on."""
        stopped = self.status in {Status.STOPPED, Status.INTERRUPTED, Status.FAILED}
        return self.role == Role.ASSISTANT and bool(self.text) and (stopped or self.finish_reason == "length")

    @property
    def tools_in_vain(self) -> list[str]:
        """The names of the tools that it ended with calling: the chat has none."""
        ended_so = self.finish_reason == "tool_calls" or not self.said
        return [call["name"] for call in self.tool_calls] if ended_so else []

    @property
    def seconds(self) -> float:
        """How long it was written on."""
        assert self.finished_at is not None
        return (self.finished_at - self.created_at).total_seconds() - self.idle_seconds

    def as_completion_message(
        self, attachments: Mapping[str, Attachment], offer: Offer
    ) -> completions.Message:
        """For a model that takes what the offer says; without calls of tools, which nobody here answers.

        `attachments` holds those of the message by their public ids, and their files are read here.
        """
        files = tuple(attachments[public_id].as_part(offer) for public_id in self.attachment_ids)
        return completions.Message(
            role=self.role,  # type: ignore[arg-type]
            parts=files + ((Text(self.text),) if self.text else ()),
            refusal=self.refusal,
        )

    def kept_versions(self) -> MessageQuerySet:
        """The others in its place, but for those that were deleted long ago."""
        others = Message.with_deleted.filter(conversation=self.conversation_id, parent=self.parent_id)
        return others.exclude(pk__in=Message.with_deleted.deleted_long_ago())

    # What happens to an answer

    def claim(self, worker: Worker) -> bool:
        """Take up writing this answer; False if it is not waiting for a writer."""
        waiting = Message.objects.streaming().filter(pk=self.pk, worker=None)
        self.worker = worker
        return bool(waiting.update(worker=worker, updated_at=timezone.now()))

    def resume(self) -> None:
        """Have it wait for a writer once more."""
        now = timezone.now()
        self.idle_seconds += (now - self.finished_at).total_seconds() if self.finished_at else 0
        self.status, self.error, self.worker, self.updated_at = Status.STREAMING, None, None, now
        self.save(update_fields=["status", "error", "worker", "updated_at", "idle_seconds"])

    def append(self, chunk: Chunk) -> None:
        """Take in what the model said, in memory; `checkpoint` and the ends of an answer save it."""
        if chunk.reasoning:
            self.has_thought = True
            self._time_reasoning()
        if chunk.content or chunk.refusal:
            self.has_said = True
        if self.first_token_at is None and (chunk.content or chunk.reasoning or chunk.tool_calls):
            self.first_token_at = timezone.now()
        if chunk.usage:
            self._count(chunk.usage)
        self.draft.add(chunk)

    def drafted(self) -> dict[str, Any]:
        """The fields that a stream fills, as they stand now."""
        whole = self.draft.whole()
        calls = [
            {"id": call.id, "name": call.name, "arguments": storable(call.arguments)}
            for call in whole.tool_calls
        ]
        return {
            "content": text_parts(whole.content),
            "reasoning": storable(whole.reasoning),
            "refusal": storable(whole.refusal),
            "tool_calls": calls,
            "finish_reason": whole.finish_reason or "",
            **{name: getattr(self, name) for name in MEASURED},
        }

    def checkpoint(self, drafted: dict[str, Any]) -> bool:
        """Save what had come; False if this answer is no longer this process's to write."""
        if self.worker_id is None:
            # It ended after this was drafted.
            return False
        drafted["updated_at"] = timezone.now()
        is_written = _grown_of_given.run(drafted, pk=self.pk, worker=self.worker_id.hex)
        self._take_over(drafted)
        return bool(is_written)

    def finish(self) -> bool:
        return self._end(Status.COMPLETE)

    def stop(self) -> bool:
        return self._end(Status.STOPPED)

    def interrupt(self) -> bool:
        return self._end(Status.INTERRUPTED)

    def fail(self, error: CompletionError) -> bool:
        # Of a wait that nobody sits out, the message itself says when it is over.
        wait = None if error.should_retry is False else error.retry_after
        self.error = {"message": error.message, "code": error.code, "retry_after": wait}
        return self._end(Status.FAILED)

    @cached_property
    def draft(self) -> GrowingChoice:
        """The answer as it grows, beginning with what an earlier, cut off run of it left."""
        draft = GrowingChoice()
        # Before those of this run, which counts its tool calls from 0 again.
        calls = tuple(
            ToolCallDelta(place - len(self.tool_calls), **call) for place, call in enumerate(self.tool_calls)
        )
        draft.add(Chunk(content=self.text, reasoning=self.reasoning, refusal=self.refusal, tool_calls=calls))
        return draft

    @cached_property
    def _earlier(self) -> dict[str, Any]:
        """What an earlier run measured."""
        return {name: getattr(self, name) for name in MEASURED}

    def _time_reasoning(self) -> None:
        earlier = self._earlier["reasoning_seconds"] or 0
        self._reasoning_began = getattr(self, "_reasoning_began", None) or time.monotonic()
        self.reasoning_seconds = earlier + time.monotonic() - self._reasoning_began

    def _count(self, usage: Usage) -> None:
        for name in COUNTED:
            earlier, now = self._earlier[name], getattr(usage, name)
            setattr(self, name, now if earlier is None else earlier + (now or 0))

    def _end(self, status: str) -> bool:
        # Whoever ends another process's answer has read it a moment ago, and must not write that back.
        drafted = self.drafted() if "draft" in self.__dict__ else {}
        end = {"status": status, "finished_at": timezone.now(), "error": self.error, "worker": None}
        return self._write(drafted | end)

    def _write(self, fields: dict[str, Any]) -> bool:
        fields["updated_at"] = timezone.now()
        mine = Message.objects.streaming().filter(pk=self.pk, worker=self.worker_id)
        is_written = mine.update(**fields)
        # Not before: a write that failed is tried again, as the worker that this was.
        self._take_over(fields)
        return bool(is_written)

    def _take_over(self, fields: dict[str, Any]) -> None:
        for name, value in fields.items():
            setattr(self, name, value)


COUNTED = ("prompt_tokens", "completion_tokens", "cached_tokens", "reasoning_tokens")
MEASURED = (*COUNTED, "first_token_at", "reasoning_seconds")
GROWING = ("content", "reasoning", "refusal", "tool_calls", "finish_reason", *MEASURED, "updated_at")

_grown_of_given = PreparedUpdate(
    lambda: Message.objects.streaming().filter(pk=Given("pk"), worker=Given("worker")), *GROWING
)


def dom_id(public_id: str) -> str:
    return f"message-{public_id}"


def text_parts(text: str) -> list[dict[str, Any]]:
    return [{"type": "text", "text": storable(text)}] if text else []
