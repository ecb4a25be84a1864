import re
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.models import Group
from django.db.models import Q
from django.utils import timezone
from django.utils.timezone import localtime

from chat.models import Audience, Share, Shown, Terms, User

LIVES = {
    "hour": ("1 hour", timedelta(hours=1)),
    "day": ("1 day", timedelta(days=1)),
    "week": ("7 days", timedelta(days=7)),
    "month": ("30 days", timedelta(days=30)),
}
MOST_PEOPLE = 200
WHO, WHEN = "Choose who may open the link.", "Choose when the link ends."
WHAT = tuple(field.name for field in fields(Shown))


class ShareForm(forms.Form):
    """What of a conversation is shown, to whom, and for how long."""

    branches = forms.BooleanField(required=False)
    reasoning = forms.BooleanField(required=False)
    system_prompt = forms.BooleanField(required=False)
    attachments = forms.BooleanField(required=False)
    audience = forms.ChoiceField(error_messages=dict.fromkeys(("required", "invalid_choice"), WHO))
    people = forms.CharField(required=False, max_length=20_000)
    groups = forms.ModelMultipleChoiceField(
        Group.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "invalid_choice": "You are not in this group.",
            "invalid_pk_value": "There is no such group.",
        },
    )
    life = forms.ChoiceField(error_messages=dict.fromkeys(("required", "invalid_choice"), WHEN))
    passphrase = forms.CharField(
        required=False,
        strip=False,
        max_length=200,
        error_messages={"max_length": "A passphrase has at most 200 characters."},
    )
    is_open_again = forms.BooleanField(required=False)
    max_views = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=1_000_000,
        error_messages={
            "invalid": "The most views are a number.",
            "min_value": "A link is opened once at least.",
            "max_value": "Leave the most views empty for a link without an end.",
        },
    )
    is_listed = forms.BooleanField(required=False)

    def __init__(self, user: User, data: Any = None, share: Share | None = None) -> None:
        super().__init__(data)
        self.share = share
        for name, choices in (("audience", audiences()), ("life", lives(share))):
            self.fields[name].choices = choices  # type: ignore[attr-defined]
        self.fields["groups"].queryset = user.groups.order_by("name")  # type: ignore[attr-defined]
        self.initial = (
            _agreed(share) if share else {"audience": audiences()[0][0], "life": lives(None)[-1][0]}
        )

    @property
    def shown(self) -> Shown:
        """Also of a form that is not complete: the preview shows it while one is filling it in."""
        if self.is_bound:
            return Shown(**{name: bool(self.data.get(name)) for name in WHAT})
        return Shown(**self.share.shown) if self.share else Shown()

    @property
    def terms(self) -> Terms:
        given = self.cleaned_data
        is_named = given["audience"] == Audience.NAMED
        return Terms(
            audience=given["audience"],
            people=given["people"] if is_named else (),
            groups=given["groups"] if is_named else (),
            expires_at=self._expires_at(),
            passphrase=given["passphrase"] or ("" if given["is_open_again"] or not self.share else None),
            max_views=given["max_views"],
            is_listed=given["is_listed"],
        )

    @property
    def problems(self) -> list[str]:
        return [str(error) for errors in self.errors.values() for error in errors]

    def clean_people(self) -> list[User]:
        names = re.split(r"[\s,;]+", self.cleaned_data["people"].replace("\0", "").strip())[:MOST_PEOPLE]
        return [_person(name) for name in names if name]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        is_named = given.get("audience") == Audience.NAMED
        if is_named and not self.errors and not (given["people"] or given["groups"]):
            raise forms.ValidationError("Name at least one person or group.")
        return given

    def _expires_at(self) -> datetime | None:
        life = self.cleaned_data["life"]
        if life == "kept":
            return self.share.expires_at if self.share else None
        return timezone.now() + LIVES[life][1] if life in LIVES else None


def audiences() -> list[tuple[str, str]]:
    return [
        (value, str(label))
        for value, label in Audience.choices
        if value != Audience.LINK or settings.SHARE_PUBLIC
    ]


def lives(share: Share | None) -> list[tuple[str, str]]:
    """Within the longest that the site allows; the last of them is to go on as long as that."""
    longest = settings.SHARE_LONGEST_DAYS
    short = [
        (name, words)
        for name, (words, life) in LIVES.items()
        if not longest or life < timedelta(days=longest)
    ]
    whole = (
        "longest",
        f"{longest} day{'' if longest == 1 else 's'}, the longest here" if longest else "Never",
    )
    end = share.expires_at if share else None
    kept = (
        [("kept", f"As it is, on {localtime(end):%-d %B %Y, %H:%M}")] if end and end > timezone.now() else []
    )
    return [*kept, *short, whole]


def _person(name: str) -> User:
    """As at the sign-in, case does not count, but who is spelled just so comes first."""
    able = User.objects.filter(is_active=True)
    found = (
        able.filter(username=name).first()
        or able.filter(Q(username__iexact=name) | Q(email__iexact=name)).first()
    )
    if found is None:
        raise forms.ValidationError(f"There is nobody called {name} here.")
    return found


def _agreed(share: Share) -> dict[str, Any]:
    return {
        "audience": share.audience,
        "people": ", ".join(share.people.values_list("username", flat=True)),
        "groups": share.groups.all(),
        "life": lives(share)[0][0] if share.expires_at else lives(share)[-1][0],
        "max_views": share.max_views,
        "is_listed": share.is_listed,
    }
