"""Choices that restrict: of the groups that may use a model, of the models that a key is for."""

from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef
from django.db.models.signals import m2m_changed


class Restricted(models.Model):
    """`is_restricted` follows the choice, and stays when all that was chosen is deleted: nothing opens by itself.

    It also spares every request the question whether anything was chosen.
    """

    is_restricted = models.BooleanField(default=False, editable=False)

    class Meta:
        abstract = True


def follow(model: type[Restricted], choice: str) -> None:
    """Have `is_restricted` of the model follow its many-to-many field of this name."""
    through = getattr(model, choice).through

    def changed(
        instance: models.Model, action: str, reverse: bool, pk_set: set[int] | None, **_: Any
    ) -> None:
        if not action.startswith("post_") or (reverse and pk_set is None):
            return
        chosen = through.objects.filter(**{str(model._meta.model_name): OuterRef("pk")})  # noqa: SLF001
        touched = pk_set if reverse else {instance.pk}
        model._default_manager.filter(pk__in=touched or ()).update(is_restricted=Exists(chosen))  # noqa: SLF001
        if not reverse:
            instance.refresh_from_db(fields=["is_restricted"])

    m2m_changed.connect(changed, sender=through, weak=False)
