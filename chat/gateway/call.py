"""One request on its way: what the log and the ledger will know of it."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import cached_property
from typing import Any

import orjson
from django.utils import timezone

from chat.completions import Adjustment, ChatRequest, Chunk, CompletionError, RateLimit, Usage
from chat.models import ModelRequest, Price, Prices, RequestBody
from chat.models.model_request import Measure
from chat.models.price import Media
from chat.models.storable import storable

from . import estimate
from .failover import Asking
from .payer import Payer
from .process import this_process
from .routing import Way
from .source import Source

Status = ModelRequest.Status

_LONGEST_ERROR = 2_000


class Call:
    """`is_reserved`: an allowance holds for it, and knows of it.

    `keeps_reasoning`: what a provider wants back of its answer may be written down.
    """

    payer: Payer

    def __init__(self, request: ChatRequest, source: Source) -> None:
        self.request = request
        self.created_at = timezone.now()
        self.keeps_reasoning = source.answer is None or not source.answer.is_temporary
        self.limits: tuple[RateLimit, ...] = ()
        self.adjustments: tuple[Adjustment, ...] = ()
        self.is_reserved = False
        self.withdrawn: CompletionError | None = None
        self.sent: list[dict[str, Any]] | None = None
        self.is_running = True
        self._source = source
        self._way: Way | None = None
        self._asking: Asking | None = None
        self._began = time.monotonic()
        self._queued_seconds: float | None = None
        self._first_byte_seconds: float | None = None
        self._first_token_seconds: float | None = None
        self._size = 0
        self._usage: Usage | None = None
        self._finish_reason = ""

    @cached_property
    def record(self) -> ModelRequest:
        """Its row, made once it is written down or has ended: nobody's first word waits for it before."""
        source = self._source
        record = ModelRequest(
            public_id=source.request_id,
            face=source.face,
            message=source.kept_answer,
            model_name=storable(self.request.model)[:200],
            worker=this_process.worker,
            status=Status.RUNNING,
            is_stream=source.is_stream,
            created_at=self.created_at,
        )
        if self.has_payer:
            record.user, record.key = self.payer.user, self.payer.key
        self._name_way(record)
        return record

    @property
    def has_payer(self) -> bool:
        return hasattr(self, "payer")

    @property
    def face(self) -> str:
        return self._source.face

    @property
    def media(self) -> Media:
        return estimate.media_of(self.request)

    @property
    def prompt_tokens(self) -> int:
        return estimate.tokens_of_request(self.request)

    def begin_again(self) -> None:
        """As if nobody had been found yet who pays for it."""
        self._way = self.sent = None
        if self.has_payer:
            del self.payer

    def go(self, way: Way) -> None:
        self.request, self._way = way.request, way

    def prices(self) -> Prices:
        """At the upstream that answers it; none where it never went to one. Asks the database."""
        if self._way is None:
            return Prices()
        return Price.objects.at(
            self._way.upstream, self.record.model_name, timezone.localdate(self.created_at)
        )

    def record_bodies(self) -> None:
        """Have what comes and what goes upstream kept."""
        self.sent = []

    def keep_bodies(self) -> None:
        """Asks the database, which has to know the request."""
        if self.sent is not None:
            received = orjson.loads(self._source.received) if self._source.received else None
            RequestBody.keep(self.record, received, self.sent[-1] if self.sent else None)

    # While it is answered

    def is_asked(self, asking: Asking) -> None:
        self._asking = asking
        self._queued_seconds = self._seconds()

    def hear(self, chunk: Chunk) -> None:
        if self._first_byte_seconds is None and chunk.adjustments is None and not chunk.limits:
            self._first_byte_seconds = self._seconds()
        if size := estimate.size_of(chunk):
            self._size += size
            if self._first_token_seconds is None:
                self._first_token_seconds = self._seconds()
        if chunk.usage:
            self._usage = chunk.usage
        if chunk.finish_reason:
            self._finish_reason = chunk.finish_reason[:30]

    # At its end

    def complete(self) -> None:
        self._end(Status.COMPLETE)

    def stop(self) -> None:
        self._end(Status.STOPPED)

    def interrupt(self) -> None:
        self._end(Status.INTERRUPTED)

    def fail(self, error: CompletionError) -> None:
        """It counts as refused if it never went to an upstream."""
        self._explain(error)
        self._end(Status.REFUSED if self._queued_seconds is None else Status.FAILED)

    @property
    def usage(self) -> Usage:
        """What is to be paid for: what the upstream delivered."""
        return Usage(
            self.record.prompt_tokens or 0,
            self.record.completion_tokens or 0,
            self.record.tokens,
            self.record.cached_tokens,
            self.record.cache_write_tokens,
            self.record.reasoning_tokens,
        )

    def _end(self, status: str) -> None:
        self.is_running = False
        record = self.record
        record.end(status)
        record.queued_seconds = self._queued_seconds
        record.first_byte_seconds = self._first_byte_seconds
        record.first_token_seconds = self._first_token_seconds
        record.total_seconds = self._seconds()
        record.finish_reason = self._finish_reason
        if self._asking and self._asking.way:
            self.go(self._asking.way)
            record.attempts = self._asking.attempts
        self._name_way(record)
        self._count()

    def _name_way(self, record: ModelRequest) -> None:
        if self._way:
            record.model_id = self._way.route.model_id
            record.upstream, record.upstream_name = self._way.upstream, self._way.upstream.name

    def _count(self) -> None:
        if self._usage is None and not self._size and self.record.status != Status.COMPLETE:
            self.record.count(Usage(0, 0, 0), "")
        elif self._usage and self._is_credible(self._usage):
            self.record.count(self._usage.added_up(), Measure.REPORTED)
        else:
            self.record.count(self._counted(), Measure.ESTIMATED)

    def _is_credible(self, said: Usage) -> bool:
        """A report of nothing is none; one from before an answer was cut off leaves out what came after it."""
        if not said.prompt_tokens:
            return False
        least = 1 if self.record.status == Status.COMPLETE else estimate.tokens_of_text(self._size)
        return not self._size or said.completion_tokens >= least

    def _counted(self) -> Usage:
        said = self._usage or Usage(0, 0, 0)
        prompt = said.prompt_tokens or self.prompt_tokens
        completion = max(said.completion_tokens, estimate.tokens_of_text(self._size))
        return replace(said, prompt_tokens=prompt, completion_tokens=completion).added_up()

    def _explain(self, error: CompletionError) -> None:
        said = f" {error.upstream.message}" if error.upstream else ""
        self.record.error_code = (error.code or error.type)[:100]
        self.record.error = storable(f"{error.message}{said}")[:_LONGEST_ERROR]

    def _seconds(self) -> float:
        return time.monotonic() - self._began
