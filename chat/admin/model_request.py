from collections.abc import Iterable
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from chat.models import ApiKey, DailyRoute, ModelRequest, RequestBody, Upstream, User
from chat.models.bill import Bill
from chat.models.duration import in_seconds
from chat.models.usage_day import end_of, start_of

from .read_only import ReadOnly
from .side_by_side import side_by_side

FEW = 1000
LATELY = timedelta(days=2)


class NameFilter(admin.SimpleListFilter):
    """By the name that is in the row: of those that there are now, not of all that there ever were."""

    field = ""

    def lookups(self, *_: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in self.names()]

    def names(self) -> Iterable[str]:
        raise NotImplementedError

    def queryset(self, request: HttpRequest, requests: QuerySet[ModelRequest]) -> QuerySet[ModelRequest]:  # noqa: ARG002
        # PostgreSQL cannot be asked for every text.
        name = (self.value() or "").replace("\0", "")
        return requests.filter(**{self.field: name}) if name else requests


class ModelFilter(NameFilter):
    title = parameter_name = "model"
    field = "model_name"

    def names(self) -> Iterable[str]:
        """Of the days that are added up, and of those that are not yet: looking through all takes long."""
        lately = ModelRequest.objects.filter(created_at__gte=timezone.now() - LATELY).order_by()
        found = {
            name
            for asked in (DailyRoute.objects.all(), lately)
            for name in asked.values_list("model_name", flat=True).distinct()[:FEW]
        }
        return sorted(found)


class UpstreamFilter(NameFilter):
    title = parameter_name = "upstream"
    field = "upstream_name"

    def names(self) -> Iterable[str]:
        return Upstream.objects.values_list("name", flat=True)


class DayFilter(admin.SimpleListFilter):
    """One of the last days; the address takes any, as 2026-11-25."""

    title = parameter_name = "day"

    def lookups(self, *_: Any) -> list[tuple[str, str]]:
        today = timezone.localdate()
        days = [today - timedelta(days=ago) for ago in range(7)]
        return [(str(day), f"{day:%A, %-d %B}") for day in days]

    def queryset(self, request: HttpRequest, requests: QuerySet[ModelRequest]) -> QuerySet[ModelRequest]:  # noqa: ARG002
        with suppress(ValueError, OverflowError):
            day = date.fromisoformat(self.value() or "")
            return requests.filter(created_at__gte=start_of(day), created_at__lt=end_of(day))
        return requests


@admin.register(ModelRequest)
class ModelRequestAdmin(ReadOnly):
    list_display = (
        "when",
        "who",
        "key_used",
        "model_name",
        "upstream_name",
        "face",
        "status",
        "all_tokens",
        "price",
        "first_token",
        "in_all",
    )
    list_filter = ("status", "face", DayFilter, ModelFilter, UpstreamFilter)
    list_select_related = ("user", "key")
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("public_id",)
    search_help_text = "By a request's id, a person, or the beginning of a key: the latest 1,000."
    sortable_by = ("when",)
    # Counts beside the filters would each be a look at every row.
    show_facets = admin.ShowFacets.NEVER
    change_form_template = "admin/chat/modelrequest/change_form.html"
    fieldsets = (
        (None, {"fields": ("public_id", "created_at", "face", "who", "key", "model_name", "is_stream")}),
        ("How it went", {"fields": ("upstream_name", "status", "finish_reason", "what_went_wrong", "tried")}),
        ("Times", {"fields": ("queued", "first_byte", "first_token", "in_all", "finished_at")}),
        (
            "Tokens",
            {
                "fields": (
                    "measure",
                    "prompt_tokens",
                    "cached_tokens",
                    "cache_write_tokens",
                    "completion_tokens",
                    "reasoning_tokens",
                )
            },
        ),
        ("Price", {"fields": ("price", "how_it_comes_about")}),
    )

    class Media:
        css = {"all": ["admin/css/chat.css", "admin/css/bodies.css"]}  # noqa: RUF012

    def get_search_results(
        self,
        request: HttpRequest,  # noqa: ARG002
        queryset: QuerySet[ModelRequest],
        search_term: str,
    ) -> tuple[QuerySet[ModelRequest], bool]:
        """People and keys are found first; of what is theirs the latest are shown.

        A database that has to sort all of it, whole rows at a time, takes seconds.
        """
        if not search_term:
            return queryset, False
        words = search_term.strip().replace("\0", "")
        found = Q(public_id=words) | Q(user__in=_people(words)) | Q(key__in=_keys(words))
        latest = queryset.filter(found).order_by("-created_at", "-pk").values_list("pk", flat=True)
        return queryset.filter(pk__in=list(latest[:FEW])), False

    def has_delete_permission(self, request: HttpRequest, obj: ModelRequest | None = None) -> bool:  # noqa: ARG002
        """It is the ledger: what goes by its age takes the balances into account."""
        return False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        context = {"bodies": self._bodies(request, object_id)} | (extra_context or {})
        return super().change_view(request, object_id, form_url, context)

    def _bodies(self, request: HttpRequest, object_id: str) -> Any:
        """What people wrote is not for all who may look at the log."""
        if not request.user.has_perm("chat.view_requestbody") or not object_id.isdecimal():
            return None
        body = RequestBody.objects.filter(request=int(object_id) % 2**63).first()
        return list(side_by_side(body.received, body.sent)) if body else None

    # What is shown

    @admin.display(ordering="created_at")
    def when(self, request: ModelRequest) -> str:
        return f"{timezone.localtime(request.created_at):%b %-d, %H:%M:%S}"

    @admin.display(description="key")
    def key_used(self, request: ModelRequest) -> str:
        return f"{request.key.name or request.key.prefix}" if request.key else "–"

    def who(self, request: ModelRequest) -> str:
        return request.user.username if request.user else "–"

    @admin.display(description="tokens")
    def all_tokens(self, request: ModelRequest) -> str:
        if request.prompt_tokens is None and request.completion_tokens is None:
            return "–"
        about = "about " if request.measure == ModelRequest.Measure.ESTIMATED else ""
        return f"{about}{request.tokens:,}"

    def price(self, request: ModelRequest) -> str:
        return request.price_in_words or "–"

    @admin.display(description="How it comes about")
    def how_it_comes_about(self, request: ModelRequest) -> SafeString:
        bill = Bill.of(request)
        lines = [(str(item),) for item in bill.items] or [(bill.remark or "–",)]
        return format_html("{}", format_html_join("", "<div>{}</div>", lines))

    @admin.display(description="error")
    def what_went_wrong(self, request: ModelRequest) -> str:
        return f"{request.error} ({request.error_code})" if request.error_code else request.error or "–"

    @admin.display(description="Tried before")
    def tried(self, request: ModelRequest) -> SafeString | str:
        lines = [(attempt_in_words(each),) for each in request.attempts if isinstance(each, dict)]
        return format_html_join("", "<div>{}</div>", lines) if lines else "–"

    @admin.display(description="sent on after")
    def queued(self, request: ModelRequest) -> str:
        return in_seconds(request.queued_seconds)

    @admin.display(description="first byte after")
    def first_byte(self, request: ModelRequest) -> str:
        return in_seconds(request.first_byte_seconds)

    @admin.display(description="first token")
    def first_token(self, request: ModelRequest) -> str:
        return in_seconds(request.first_token_seconds)

    @admin.display(description="in all")
    def in_all(self, request: ModelRequest) -> str:
        return in_seconds(request.total_seconds)


def _people(words: str) -> list[int]:
    return list(User.objects.filter(username__icontains=words).values_list("pk", flat=True)[:FEW])


def _keys(words: str) -> list[int]:
    return list(ApiKey.objects.filter(prefix__startswith=words).values_list("pk", flat=True)[:FEW])


def attempt_in_words(attempt: dict[str, Any]) -> str:
    took = attempt.get("seconds")
    after = f" after {in_seconds(took)}" if isinstance(took, int | float) else ""
    code = f" ({attempt['code']})" if attempt.get("code") else ""
    return f"{attempt.get('upstream', 'An upstream')}{after}: {attempt.get('message', 'failed')}{code}"
