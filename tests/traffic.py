"""Requests as the gateway writes them: one for a test, or a month of them."""

import random
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from django.utils import timezone

from chat.models import ApiKey, LanguageModel, ModelRequest, Route, Upstream, User

BATCH = 2000
numbers = count(1)
WAYS_TO_END = ("complete",) * 92 + ("stopped",) * 3 + ("failed",) * 4 + ("refused",)


def asked(user: User | None, **fields: Any) -> ModelRequest:
    """One that is in the log."""
    request = made(user, **fields)
    request.save(force_insert=True)
    return request


def made(user: User | None, **fields: Any) -> ModelRequest:
    now = timezone.now()
    usual = {
        "public_id": f"req-{next(numbers)}-{random.getrandbits(64):016x}",
        "face": "api" if fields.get("key") else "chat",
        "user": user,
        "model_name": "replayed",
        "upstream_name": "Replay",
        "status": "complete",
        "finish_reason": "stop",
        "created_at": now,
        "finished_at": fields.get("created_at", now) + timedelta(seconds=2),
        "queued_seconds": 0.01,
        "first_byte_seconds": 0.2,
        "first_token_seconds": 0.35,
        "total_seconds": 2.0,
        "measure": "reported",
        "prompt_tokens": 1000,
        "completion_tokens": 200,
        "cached_tokens": 400,
        "cost": Decimal("0.0123"),
    }
    return ModelRequest(**usual | fields)


def month(size: int, people: int = 40, days: int = 30) -> None:
    """That many requests of so many people, each with a key, over these days: as busy as a company is."""
    chance = random.Random(1)
    users, keys = crowd(people)
    models, upstreams = shelf()
    moments = sorted(timezone.now() - timedelta(days=days * chance.random()) for _ in range(size))
    for start in range(0, size, BATCH):
        ModelRequest.objects.bulk_create(
            somebodys(chance, users, keys, models, upstreams, at) for at in moments[start : start + BATCH]
        )


def crowd(people: int) -> tuple[list[User], dict[int, ApiKey]]:
    users = User.objects.bulk_create(User(username=f"person-{number}") for number in range(people))
    keys = ApiKey.objects.bulk_create(
        ApiKey(owner=user, name="Script", prefix=f"sk-{user.pk:09d}", digest=f"{user.pk:064d}")
        for user in users
    )
    return users, {key.owner_id: key for key in keys}


def shelf() -> tuple[list[LanguageModel], list[Upstream]]:
    upstreams = [Upstream.objects.create(name=f"Upstream {number}", family="openai") for number in range(4)]
    models = [LanguageModel.objects.create(model_id=f"model-{number}") for number in range(12)]
    for model in models:
        Route.objects.bulk_create(Route(model=model, upstream=upstream) for upstream in upstreams[:2])
    return models, upstreams


def somebodys(
    chance: random.Random,
    users: list[User],
    keys: dict[int, ApiKey],
    models: list[LanguageModel],
    upstreams: list[Upstream],
    at: datetime,
) -> ModelRequest:
    """Few people ask most, and each mostly their own few models."""
    user = users[int(len(users) * chance.random() ** 2)]
    model = models[(user.pk + int(3 * chance.random() ** 2)) % len(models)]
    upstream = upstreams[0 if chance.random() < 0.8 else 1 + user.pk % 3]
    prompt, answer = chance.randrange(50, 8000), chance.randrange(5, 2000)
    first = chance.lognormvariate(-0.7, 0.6)
    return made(
        user,
        key=keys[user.pk] if chance.random() < 0.7 else None,
        model=model,
        model_name=model.model_id,
        upstream=upstream,
        upstream_name=upstream.name,
        created_at=at,
        status=chance.choice(WAYS_TO_END),
        prompt_tokens=prompt,
        completion_tokens=answer,
        first_token_seconds=first,
        total_seconds=first + answer / 80,
        cost=None if model is models[-1] else Decimal(prompt * 3 + answer * 15).scaleb(-6),
    )
