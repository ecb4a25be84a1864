from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q

from chat.completions import ChatRequest
from chat.upstreams import ModelInfo
from chat.upstreams.overrides import problem_with

from .prepared import Given, Prepared
from .restricted import Restricted, follow

if TYPE_CHECKING:
    from .api_key import ApiKey
    from .upstream import Upstream
    from .user import User


def validate_capabilities(said: Any) -> None:
    """Raises ValidationError that names what is not known, or not of its kind."""
    if problem := problem_with(said):
        raise ValidationError(problem, code="capabilities")


class LanguageModelQuerySet(models.QuerySet["LanguageModel"]):
    def usable_by(self, user: User | AnonymousUser) -> LanguageModelQuerySet:
        """Those that this person can ask: switched on, with a route through an upstream that is switched on."""
        routes = Route.objects.usable().filter(model=OuterRef("pk"))
        return self.filter(Exists(routes), enabled=True).open_to(user)

    def open_to(self, user: User | AnonymousUser) -> LanguageModelQuerySet:
        """Those for everyone, and those for a group of this person's; a superuser is kept from none."""
        if not user.is_authenticated:
            return self.none()
        if user.is_superuser:
            return self.all()
        own = LanguageModel.groups.through.objects.filter(languagemodel=OuterRef("pk"), group__user=user.pk)
        return self.filter(Q(is_restricted=False) | Exists(own))

    def listed(self) -> LanguageModelQuerySet:
        """Those to choose among: the others are for whoever knows their id."""
        return self.filter(is_hidden=False)

    def usable_with(self, key: ApiKey) -> LanguageModelQuerySet:
        """Those of its owner that the key is not kept from."""
        usable = self.usable_by(key.owner)
        return usable.filter(api_keys=key) if key.is_restricted else usable

    def matching(self, words: str) -> LanguageModelQuerySet:
        """Those whose id, name or upstream holds every one of the words."""
        found = self
        for word in words.split():
            found = found.filter(
                Q(model_id__icontains=word)
                | Q(display_name__icontains=word)
                | Exists(Route.objects.filter(model=OuterRef("pk"), upstream__name__icontains=word))
            )
        return found

    def register(self, upstream: Upstream, found: Sequence[ModelInfo]) -> None:
        """Make the upstream's routes exactly those of the list; keep what people set on the models.

        A model that no upstream offers any more stays, without a route: past answers name it.
        """
        with transaction.atomic():
            self.bulk_create(
                [_from_info(info, upstream) for info in found],
                update_conflicts=True,
                unique_fields=["model_id"],
                update_fields=["context_window"],
            )
            models_by_id = {
                model.model_id: model for model in self.filter(model_id__in=[i.id for i in found])
            }
            Route.objects.filter(upstream=upstream).exclude(model__in=models_by_id.values()).delete()
            Route.objects.bulk_create(
                [Route(model=model, upstream=upstream) for model in models_by_id.values()],
                ignore_conflicts=True,
            )


class LanguageModel(Restricted):
    """A model as people and programs name it; its routes say who can answer for it."""

    model_id = models.CharField(
        "model id", max_length=200, unique=True, help_text="The upstream's own id, which programs send."
    )
    display_name = models.CharField(max_length=200, blank=True, help_text="Empty to show the id.")
    description = models.CharField(max_length=500, blank=True)
    enabled = models.BooleanField(default=True, help_text="Without this nobody can choose it.")
    is_hidden = models.BooleanField(
        "hidden", default=False, help_text="Not listed anywhere; whoever knows its id can still use it."
    )
    is_default = models.BooleanField(
        "default", default=False, help_text="What a new chat begins with, for whoever has not chosen another."
    )
    position = models.PositiveSmallIntegerField(
        default=100, help_text="Lower numbers come first in lists; equal ones by id."
    )
    groups = models.ManyToManyField(
        "auth.Group",
        blank=True,
        related_name="language_models",
        help_text="Who may use it; none chosen means everyone.",
    )
    system_preamble = models.TextField(
        blank=True, max_length=20_000, help_text="Instructions that come before every conversation with it."
    )
    capabilities = models.JSONField(
        default=dict,
        blank=True,
        validators=[validate_capabilities],
        help_text='What it takes where the site does not know better: {"inputs": ["image"], "max_output": 8192}.',
    )
    is_sample = models.BooleanField(
        "built-in sample", default=False, editable=False, help_text="Not a language model: it shows the page."
    )
    context_window = models.PositiveIntegerField(null=True, blank=True, help_text="In tokens.")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = LanguageModelQuerySet.as_manager()

    class Meta:
        ordering = ("is_sample", "position", "model_id")
        constraints = (
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="one_default_model"
            ),
        )

    def __str__(self) -> str:
        return self.name

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """A second default is no mistake: it takes over from the first."""
        super().validate_constraints(exclude={*(exclude or ()), "is_default"})

    def is_open_to(self, user: User) -> bool:
        """As `open_to`; it asks the database only about a model of groups."""
        return not self.is_restricted or user.is_superuser or self.groups.filter(user=user).exists()

    @transaction.atomic
    def make_default(self) -> None:
        """What new chats begin with, in place of the one before."""
        self.take_default_over()
        self.is_default = True
        self.save(update_fields=["is_default"])

    def take_default_over(self) -> None:
        """There is only one: the one that there was gives it up."""
        LanguageModel.objects.filter(is_default=True).exclude(pk=self.pk).update(is_default=False)

    def with_preamble(self, request: ChatRequest) -> ChatRequest:
        """The request with this model's own instructions before those of the asker."""
        return request.preceded_by(self.system_preamble)

    @property
    def name(self) -> str:
        return self.display_name or self.model_id


follow(LanguageModel, "groups")


class RouteQuerySet(models.QuerySet["Route"]):
    def usable(self) -> RouteQuerySet:
        """Through an upstream that is on, and whose key nobody has refused."""
        return self.filter(enabled=True, upstream__enabled=True, upstream__key_refused_at=None)


class RouteManager(models.Manager.from_queryset(RouteQuerySet)):  # type: ignore[misc]
    def to(self, model_id: str) -> list[Route]:
        """Those that can be gone to this model, with their upstreams, in the order in which they are tried."""
        return _to_model.run(model_id=model_id)


class Route(models.Model):
    """One upstream's way to answer for a model."""

    model = models.ForeignKey(LanguageModel, on_delete=models.CASCADE, related_name="routes")
    upstream = models.ForeignKey("chat.Upstream", on_delete=models.CASCADE, related_name="routes")
    enabled = models.BooleanField(default=True, help_text="Without this it is not asked.")
    priority = models.PositiveSmallIntegerField(
        default=0,
        validators=[MaxValueValidator(1000)],
        help_text="Lower numbers are asked first; the others when those fail.",
    )
    weight = models.PositiveSmallIntegerField(
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(1000)],
        help_text="Of routes with the same priority, one with twice the weight gets twice the requests.",
    )

    objects = RouteManager()

    class Meta:
        ordering = ("priority", "id")
        constraints = (models.UniqueConstraint(fields=["model", "upstream"], name="one_route_per_upstream"),)

    def __str__(self) -> str:
        return f"{self.model} at {self.upstream}"


def _usable_to_given() -> models.QuerySet[Route]:
    routes = Route.objects.usable().filter(model__model_id=Given("model_id"), model__enabled=True)
    return routes.select_related("upstream", "model")


_to_model = Prepared(_usable_to_given)


def _from_info(info: ModelInfo, upstream: Upstream) -> LanguageModel:
    names: dict[str, Any] = {"display_name": info.display_name, "description": info.description}
    return LanguageModel(
        model_id=info.id,
        context_window=info.context_window,
        is_sample=upstream.is_built_in,
        **names,
    )
