from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe

from chat.models import LanguageModel, Price
from chat.models.price import today

from .price import linked
from .route import RouteInline


@admin.register(LanguageModel)
class LanguageModelAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("model_id", "display_name", "upstreams", "context_window", "is_sample", "enabled")
    list_editable = ("enabled",)
    list_filter = ("enabled", "routes__upstream", "is_sample")
    search_fields = ("model_id", "display_name", "routes__upstream__name")
    list_per_page = 50
    fields = ("model_id", "display_name", "description", "enabled", "context_window", "prices", "is_sample")
    readonly_fields = ("prices", "is_sample")
    inlines = (RouteInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[LanguageModel]:
        return super().get_queryset(request).prefetch_related("routes__upstream")

    def get_readonly_fields(self, request: HttpRequest, obj: LanguageModel | None = None) -> tuple[str, ...]:
        """The id is what upstreams and programs call it: another id is another model."""
        fields = super().get_readonly_fields(request, obj)
        return (*fields, "model_id") if obj else tuple(fields)

    def upstreams(self, model: LanguageModel) -> str:
        return ", ".join(route.upstream.name for route in model.routes.all()) or "none any more"

    @admin.display(description="prices of a million tokens")
    def prices(self, model: LanguageModel) -> str:
        """At each of its upstreams, with a link to where it is changed."""
        routes = model.routes.all()
        prices = Price.objects.of_routes(routes, today())
        return format_html_join(
            mark_safe("<br>"), "{}", ((linked(each, prices[each.pk]),) for each in routes)
        )
