"""One request on its way: what the log and the ledger will know of it."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime
from typing import Any

import orjson
from django.utils import timezone

from chat.completions import Adjustment, ChatRequest, Chunk, CompletionError, RateLimit, Usage
from chat.models import ModelRequest, Price, Prices, RequestBody, Upstream
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
        self.keeps_reasoning = source.answer is None or not source.answer.is_temporary
        self.upstream: Upstream | None = None
        self.limits: tuple[RateLimit, ...] = ()
        self.adjustments: tuple[Adjustment, ...] = ()
        self.is_reserved = False
        self.withdrawn: CompletionError | None = None
        self.sent: list[dict[str, Any]] | None = None
        self._received = source.received
        self.record = ModelRequest(
            public_id=source.request_id,
            face=source.face,
            message=source.kept_answer,
            model_name=storable(request.model)[:200],
            worker=this_process.worker,
            status=Status.RUNNING,
            is_stream=source.is_stream,
            created_at=timezone.now(),
        )
        self._began = time.monotonic()
        self._size = 0
        self._usage: Usage | None = None
        self._asking: Asking | None = None

    def bill_to(self, payer: Payer) -> None:
        self.payer = payer
        self.record.user, self.record.key = payer.user, payer.key

    @property
    def has_payer(self) -> bool:
        return hasattr(self, "payer")

    @property
    def created_at(self) -> datetime:
        return self.record.created_at

    @property
    def media(self) -> Media:
        return estimate.media_of(self.request)

    @property
    def prompt_tokens(self) -> int:
        return estimate.tokens_of_request(self.request)

    def go(self, way: Way) -> None:
        self.request, self.upstream = way.request, way.upstream
        self.record.model_id = way.route.model_id
        self.record.upstream, self.record.upstream_name = way.upstream, way.upstream.name

    def prices(self) -> Prices:
        """At the upstream that answers it; none where it never went to one. Asks the database."""
        if self.upstream is None:
            return Prices()
        return Price.objects.at(self.upstream, self.record.model_name, timezone.localdate(self.created_at))

    def record_bodies(self) -> None:
        """Have what comes and what goes upstream kept."""
        self.sent = []

    def keep_bodies(self) -> None:
        """Asks the database, which has to know the request."""
        if self.sent is not None:
            received = orjson.loads(self._received) if self._received else None
            RequestBody.keep(self.record, received, self.sent[-1] if self.sent else None)

    # While it is answered

    def is_asked(self, asking: Asking) -> None:
        self._asking = asking
        self.record.queued_seconds = self._seconds()

    def hear(self, chunk: Chunk) -> None:
        if self.record.first_byte_seconds is None:
            self.record.first_byte_seconds = self._seconds()
        if size := estimate.size_of(chunk):
            self._size += size
            if self.record.first_token_seconds is None:
                self.record.first_token_seconds = self._seconds()
        if chunk.usage:
            self._usage = chunk.usage
        if chunk.finish_reason:
            self.record.finish_reason = chunk.finish_reason[:30]

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
        self._end(Status.REFUSED if self.record.queued_seconds is None else Status.FAILED)

    @property
    def is_running(self) -> bool:
        return self.record.status == Status.RUNNING

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
        self.record.end(status)
        self.record.total_seconds = self._seconds()
        if self._asking and self._asking.way:
            self.go(self._asking.way)
            self.record.attempts = self._asking.attempts
        self._count()

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
