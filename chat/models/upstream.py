from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.formats import date_format

from chat import upstreams
from chat.completions import (
    CompletionError,
    UpstreamAuthFailed,
    UpstreamOverloaded,
    UpstreamTimeout,
    UpstreamUnreachable,
)
from chat.upstreams.capabilities import Capabilities, capabilities, is_known
from chat.upstreams.local import USUAL_PORTS, find_local_servers
from chat.upstreams.overrides import overridden

from .address import AddressField
from .encrypted import EncryptedTextField, UnreadableSecret
from .language_model import LanguageModel

LABELS = {"openai": "OpenAI", "deepseek": "DeepSeek"}
NO_LONGER_SET = "Its environment variables are not set any more."
# Said to everybody whom an upstream fails; those who read it in the admin know where they are.
REFERRAL = re.compile(r"\s*An administrator can [^.]* in the admin, under Upstreams\.")
OFFERS_NOTHING = "It answers, but it offers no model. Load one there first."
PASSING = (UpstreamOverloaded, UpstreamTimeout, UpstreamUnreachable)
NO_LONGER_FOUND = "It was not found on this machine when the site started."


def families() -> list[tuple[str, str]]:
    return [(name, label(name)) for name in upstreams.FAMILIES]


def label(family: str) -> str:
    return LABELS.get(family, family.capitalize())


def local_port(base_url: str) -> int | None:
    """The port of a server on this machine; None for any other."""
    try:
        address = urlsplit(base_url)
        return address.port if address.hostname in {"localhost", "127.0.0.1", "::1"} else None
    except ValueError:
        return None


class Origin(models.TextChoices):
    ADMIN = "admin", "Added in the admin"
    ENVIRONMENT = "environment", "Environment variables"
    DETECTED = "detected", "Found on this machine"
    BUILT_IN = "built-in", "Built in"


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of asking an upstream for its models: how many they are, or why it did not tell.

    What `may_pass` can be over without anybody's doing, as the start of a server is.
    """

    upstream: str
    models: int = 0
    error: str = ""
    may_pass: bool = False

    def __str__(self) -> str:
        models = f"{self.models} model{'' if self.models == 1 else 's'}"
        return f"{self.upstream}: {self.problem or models}"

    @property
    def problem(self) -> str:
        return REFERRAL.sub("", self.error)


class UpstreamQuerySet(models.QuerySet["Upstream"]):
    def failing(self) -> UpstreamQuerySet:
        """Switched on, and yet it did not tell its models when it was asked last."""
        return self.filter(enabled=True).exclude(last_error="")

    def connected(self) -> UpstreamQuerySet:
        """All but the built-in samples."""
        return self.exclude(origin=Origin.BUILT_IN)

    def refused(self) -> UpstreamQuerySet:
        """Switched on, and yet not used, because the provider refused the key."""
        return self.filter(enabled=True, key_refused_at__isnull=False)

    def keep_built_in(self) -> None:
        """Have the built-in samples; an administrator may have switched them off."""
        name = self._free_name("Demo", Origin.BUILT_IN)
        self.get_or_create(origin=Origin.BUILT_IN, family="demo", defaults={"name": name, "is_free": True})

    def take_over_environment(self, families: Mapping[str, Mapping[str, str]]) -> None:
        """Make the upstreams of the environment these: {family: {"api_key": …, "base_url": …}}."""
        wanted = {family: {"name": label(family), **given} for family, given in families.items()}
        self._take_over(Origin.ENVIRONMENT, "family", wanted, gone=NO_LONGER_SET)

    def take_over_detected(self, found: Mapping[str, str]) -> None:
        """Make the upstreams that were found on this machine these: {base URL: name}."""
        others = self.exclude(origin=Origin.DETECTED).values_list("base_url", flat=True)
        known = {local_port(url) for url in others}
        wanted = {
            url: {"name": name, "family": "compatible"}
            for url, name in found.items()
            if local_port(url) not in known
        }
        self._take_over(Origin.DETECTED, "base_url", wanted, gone=NO_LONGER_FOUND)

    def _take_over(self, origin: str, key: str, wanted: Mapping[str, Mapping[str, str]], gone: str) -> None:
        """What an administrator has switched off stays off; what is gone is off until it is back.

        A key that was refused is tried again: it may be another one, or paid for by now.
        """
        mine = self.filter(origin=origin)
        with transaction.atomic():
            for value, fields in wanted.items():
                given: dict[str, Any] = {name: field for name, field in fields.items() if name != "name"}
                given["key_refused_at"] = None
                named = {**given, "name": self._free_name(fields["name"], origin)}
                # What runs on this machine is not paid for by the token.
                named["is_free"] = origin == Origin.DETECTED
                mine.update_or_create(**{"origin": origin, key: value}, defaults=given, create_defaults=named)
            here = models.Q(**{f"{key}__in": list(wanted)})
            mine.filter(here, last_error=gone).update(enabled=True, last_error="")
            mine.filter(~here, enabled=True).update(enabled=False, last_error=gone)

    def numbered_name(self, name: str) -> str:
        """The name; “name 2” if that is taken, and so on."""
        names = (f"{name} {number}" if number > 1 else name for number in count(1))
        return next(each for each in names if not self.filter(name=each).exists())

    def _free_name(self, name: str, origin: str) -> str:
        return f"{name} ({origin})" if self.filter(name=name).exists() else name


class Upstream(models.Model):
    """A provider, or a server of one's own, that answers: where it is and the key to it."""

    Origin = Origin

    name = models.CharField(max_length=100, unique=True)
    family = models.CharField(
        max_length=20,
        choices=families,
        help_text="Which API it speaks. “Compatible” is any server with OpenAI's /chat/completions.",
    )
    base_url = AddressField(
        "base URL",
        blank=True,
        max_length=500,
        help_text="For example http://localhost:11434/v1. Empty for the family's own address; "
        "“Compatible” has none.",
    )
    api_key = EncryptedTextField(
        "API key", blank=True, help_text="Stored encrypted. Leave empty for a server that needs none."
    )
    enabled = models.BooleanField(default=True, help_text="Without this none of its models can be used.")
    is_free = models.BooleanField(
        "costs nothing", default=False, help_text="What it answers is not paid for: a server of one's own."
    )
    key_refused_at = models.DateTimeField(
        null=True, editable=False, help_text="Since then its key is not used: it was refused."
    )
    origin = models.CharField(max_length=20, choices=Origin, default=Origin.ADMIN, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    checked_at = models.DateTimeField("last checked", null=True, editable=False)
    last_error = models.TextField(blank=True, editable=False)

    objects = UpstreamQuerySet.as_manager()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @property
    def problem(self) -> str:
        """The last error, in words for an administrator."""
        if self.key_refused_at:
            since = date_format(timezone.localtime(self.key_refused_at), "j F Y, H:i")
            return f"Key refused on {since}, and not used since. Enter another, or test this one once it is valid."
        return REFERRAL.sub("", self.last_error)

    @property
    def is_built_in(self) -> bool:
        return self.origin == self.Origin.BUILT_IN

    def connect(
        self, timeouts: upstreams.Timeouts | None = None, model: LanguageModel | None = None
    ) -> upstreams.Upstream:
        """The adapter that speaks to it, for a model if one is meant.

        Raises UpstreamAuthFailed if its key cannot be decrypted.
        """
        if isinstance(self.api_key, UnreadableSecret):
            raise UpstreamAuthFailed(
                f"The stored key of {self.name} cannot be read, because the site's secret key has changed. "
                "An administrator can enter it again."
            )
        return upstreams.connect(
            self.family,
            self.base_url,
            self.api_key,
            timeouts or answer_timeouts(),
            model.capabilities if model else None,
        )

    def refuse_key(self, error: str) -> None:
        """The provider did: do not use it until it works again, or there is another.

        One that was entered while this one was being used is not its affair.
        """
        with transaction.atomic():
            latest = Upstream.objects.select_for_update().filter(pk=self.pk).first()
            if latest and (latest.api_key, latest.base_url) == (self.api_key, self.base_url):
                Upstream.objects.filter(pk=self.pk).update(key_refused_at=Now(), last_error=error)

    def capabilities_of(self, model: LanguageModel) -> Capabilities:
        """What its model takes, by the table and the administrator; no adapter is loaded for that."""
        return overridden(capabilities(self.family, model.model_id), model.capabilities)

    def input_modalities(self, model: LanguageModel) -> list[str] | None:
        """What its model reads; None where nothing is known about it."""
        if "inputs" in model.capabilities:
            return ["text", *sorted(model.capabilities["inputs"])]
        if not is_known(self.family):
            return None
        return ["text", *sorted(capabilities(self.family, model.model_id).inputs)]

    async def add(self, *, anyway: bool = False) -> Finding:
        """Save a new one with its models; unless it does not tell them and is not wanted anyway."""
        try:
            found = await self.connect(listing_timeouts()).models()
            error = "" if found else OFFERS_NOTHING
        except CompletionError as exc:
            found, error = [], exc.message
        if anyway or not error:
            await sync_to_async(self._save_once)()
            await sync_to_async(LanguageModel.objects.register)(self, found)
            await self._checked(error)
        return Finding(self.name, len(found), error)

    def choose_models(self, chosen: Sequence[LanguageModel], default: LanguageModel | None) -> None:
        """Switch these of its models on and the others off, and begin new chats with the default."""
        mine = LanguageModel.objects.filter(routes__upstream=self)
        is_chosen = models.Q(pk__in=[model.pk for model in chosen])
        with transaction.atomic():
            mine.filter(is_chosen, enabled=False).update(enabled=True)
            mine.filter(~is_chosen, enabled=True).update(enabled=False)
            if default:
                default.make_default()

    async def test(self) -> Finding:
        """Refresh its models, and tell what came of it."""
        try:
            return Finding(self.name, models=await self.refresh_models())
        except CompletionError as error:
            return Finding(self.name, error=error.message, may_pass=isinstance(error, PASSING))

    async def refresh_models(self) -> int:
        """Take over the list of models that it offers now, and return how many they are.

        Raises a CompletionError, which is also kept in `last_error`.
        """
        try:
            found = await self.connect(listing_timeouts()).models()
        except CompletionError as error:
            await self._checked(error.message)
            raise
        await sync_to_async(LanguageModel.objects.register)(self, found)
        await self._checked("")
        return len(found)

    def _save_once(self) -> None:
        """The same address with the same key is the same upstream, however often a form is sent."""
        try:
            self._save_or_find()
        except IntegrityError:
            # Sent twice at the same moment, it has got its name in between.
            self._save_or_find()

    def _save_or_find(self) -> None:
        with transaction.atomic():
            alike = Upstream.objects.filter(origin=self.origin, family=self.family, base_url=self.base_url)
            same = next((each for each in alike if each.api_key == self.api_key), None)
            if same:
                self.pk, self.name = same.pk, same.name
                return
            self.name = Upstream.objects.numbered_name(self.likely_name)
            self.is_free = local_port(self.base_url) is not None
            self.save(force_insert=True)

    @property
    def likely_name(self) -> str:
        """What people call it: its family, or the server."""
        port = local_port(self.base_url)
        if self.family != "compatible":
            return label(self.family)
        return USUAL_PORTS.get(port or 0) or urlsplit(self.base_url).netloc[:90]

    async def _checked(self, error: str) -> None:
        self.last_error = error
        works = {} if error else {"key_refused_at": None}
        await Upstream.objects.filter(pk=self.pk).aupdate(checked_at=Now(), last_error=error, **works)


async def servers_here(except_ports: Collection[int]) -> dict[str, str]:
    """The model servers that run on this machine now, as {base URL: name}; none where they are not looked for."""
    return await find_local_servers(except_ports) if settings.DETECT_LOCAL_SERVERS else {}


def answer_timeouts() -> upstreams.Timeouts:
    return upstreams.Timeouts(
        connect=settings.UPSTREAM_CONNECT_TIMEOUT,
        silence=settings.UPSTREAM_SILENCE_TIMEOUT,
        total=settings.UPSTREAM_TOTAL_TIMEOUT,
    )


def listing_timeouts() -> upstreams.Timeouts:
    """Somebody waits for the list in front of a page or a terminal."""
    return upstreams.Timeouts(connect=min(settings.UPSTREAM_CONNECT_TIMEOUT, 5), silence=15, total=20)
