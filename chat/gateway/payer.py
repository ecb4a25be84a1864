from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chat.models import Allowance, ApiKey, LanguageModel, User
from chat.models.language_model import LanguageModelQuerySet


@dataclass(frozen=True, slots=True)
class Payer:
    """In whose name something is asked: a person on the page, or a program with a person's key."""

    user: User
    key: ApiKey | None = None

    @property
    def key_id(self) -> int | None:
        return self.key.pk if self.key else None

    @property
    def is_limited(self) -> bool:
        """Whether any allowance holds for it; a key that was looked up knows already."""
        known = getattr(self.key, "is_limited", None)
        return self.is_limited_now() if known is None else known

    def is_limited_now(self) -> bool:
        return Allowance.objects.holding_for(self.user, self.key).exists()

    @property
    def models(self) -> LanguageModelQuerySet:
        """Those that it may ask now."""
        if not self.user.is_active:
            return LanguageModel.objects.none()
        return (
            LanguageModel.objects.usable_with(self.key)
            if self.key
            else LanguageModel.objects.usable_by(self.user)
        )

    def may_ask(self, model: LanguageModel) -> bool:
        """Whether it may ask the model; the database is asked only about models of groups and keys for some."""
        if not self.user.is_active or not model.is_open_to(self.user):
            return False
        return self.key is None or self.key.allows(model)


FindPayer = Callable[[], Payer]
