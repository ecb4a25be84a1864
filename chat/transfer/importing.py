"""Reads files of conversations in the background, one after the other, on a thread of this process."""

import logging
import time
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File as StoredFile
from django.db import connections, transaction
from django.template.defaultfilters import filesizeformat

from chat.gateway import this_process
from chat.models import Intake, User
from chat.models.attachment import plain_name

from . import formats, values
from .archive import Archive
from .incremental import Unreadable
from .reading import Counted, Paired, Shortened
from .writer import Writer

logger = logging.getLogger(__name__)

SAVED_EVERY = 0.5
# For the event loop and other threads: parsing keeps the interpreter to itself.
WORKS, RESTS = 0.02, 0.004
NOTHING = "There are no conversations in this file that can be read here."
MISTAKE = "Something went wrong on this site while the file was read. What was taken before stays."

readers = ThreadPoolExecutor(max_workers=1, thread_name_prefix="importing")


class Interrupted(Exception):
    """This process is about to end, or the import was taken from it."""


def take_in(owner: User, file: StoredFile) -> Intake:  # type: ignore[type-arg]
    """Keep the file, and read it in the background. Raises ValidationError for one that is not to be read."""
    refuse(owner, file)
    intake = Intake(owner=owner, name=plain_name(file.name or "")[-255:], worker=this_process.worker)
    intake.total = file.size
    intake.file.save(intake.name, file, save=False)
    intake.save()
    transaction.on_commit(lambda: readers.submit(read_in_background, intake))
    return intake


def refuse(owner: User, file: StoredFile) -> None:  # type: ignore[type-arg]
    if Intake.objects.owned_by(owner).unfinished().exists():
        raise ValidationError(
            "Another import of yours is still running. Wait until it is done.", code="running"
        )
    if not file.size:
        raise ValidationError("This file is empty.", code="empty")
    if file.size > settings.IMPORT_MAX_SIZE:
        largest = filesizeformat(settings.IMPORT_MAX_SIZE)
        raise ValidationError(f"This file is larger than {largest}, which is the most.", code="too_large")


def read_in_background(intake: Intake) -> None:
    try:
        read(intake)
    except Exception:
        logger.exception("The import %s failed", intake.pk)
        intake.fail(MISTAKE)
    finally:
        connections.close_all()


def read(intake: Intake) -> None:
    """To its end, whatever that is."""
    if not intake.begin(this_process.worker):
        return
    try:
        with intake.file.open("rb") as file:
            Reading(intake, Archive(file, intake.total, settings.IMPORT_MAX_SIZE)).run()
    except Interrupted:
        intake.interrupt()
    except Unreadable as error:
        intake.fail(str(error))
    else:
        intake.finish() if intake.taken or intake.already_here else intake.fail(NOTHING)


class Reading:
    """One import on its way, that saves how far it is and lets others have their turn."""

    def __init__(self, intake: Intake, archive: Archive) -> None:
        self._intake = intake
        self._archive = archive
        self._writer = Writer(intake.owner, archive, intake.note)
        self._saved_at = self._rested_at = time.monotonic()

    def run(self) -> None:
        """Raises Unreadable and Interrupted; what came before is in the database then."""
        self._intake.total = sum(document.size for document in self._archive.documents)
        try:
            for document in self._archive.documents:
                with self._archive.open(document) as file:
                    readable = Paired(Shortened(Counted(file, self._count)))
                    for found in formats.conversations(readable, self._archive.members):
                        self._take(found)
        finally:
            self._writer.flush()
            self._tell()

    def _take(self, found: values.Conversation | values.Untaken) -> None:
        if isinstance(found, values.Untaken):
            self._intake.note(found.what, found.which)
            return
        self._intake.source = found.source
        self._writer.write(found)
        self._rest()

    def _count(self, length: int) -> None:
        self._intake.done += length
        self._rest()
        if time.monotonic() - self._saved_at > SAVED_EVERY:
            self._save()

    def _save(self) -> None:
        self._saved_at = time.monotonic()
        self._tell()
        if this_process.is_draining or not self._intake.advance():
            raise Interrupted

    def _tell(self) -> None:
        self._intake.taken, self._intake.already_here = self._writer.taken, self._writer.already_here

    def _rest(self) -> None:
        if time.monotonic() - self._rested_at > WORKS:
            time.sleep(RESTS)
            self._rested_at = time.monotonic()
