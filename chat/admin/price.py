from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from chat.models import Price, Prices, Route
from chat.models.money import exactly
from chat.models.price import FIGURES, PLACE, today

Origin = Price.Origin


class PriceForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Price
        fields = (*PLACE, *FIGURES)

    def clean_model_id(self) -> str:
        return str(self.cleaned_data["model_id"]).strip().lower()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if all(name in cleaned for name in PLACE):
            place = {name: cleaned[name] for name in PLACE}
            self._refuse_a_second(place)
            self._ask_for_the_price_of_short_prompts(place)
        return cleaned

    def _refuse_a_second(self, place: dict[str, Any]) -> None:
        others = Price.objects.filter(**place, origin=Origin.ADMIN).exclude(pk=self.instance.pk)
        if others.exists():
            self.add_error(
                "effective_from", "A price of this model from this day is entered already: change it."
            )

    def _ask_for_the_price_of_short_prompts(self, place: dict[str, Any]) -> None:
        short = Price.objects.filter(**{**place, "above": 0}, origin=Origin.ADMIN)
        if place["above"] and not short.exclude(pk=self.instance.pk).exists():
            words = (
                "Enter the price for prompts above 0 from this day first: this one does not hold without it."
            )
            self.add_error("above", words)


def column(name: str) -> Any:
    @admin.display(description=Price._meta.get_field(name).verbose_name, ordering=name)  # type: ignore[union-attr]  # noqa: SLF001
    def amount(price: Price) -> str | None:
        value: Decimal | None = getattr(price, name)
        return None if value is None else exactly(value)

    return amount


@admin.register(Price)
class PriceAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """What the catalogue says stays as it is: a price that is entered here is preferred to it."""

    form = PriceForm
    list_display = (
        "model_id",
        "where",
        "effective_from",
        "above",
        *(column(name) for name in ("input", "output", "cached_input")),
        "origin",
    )
    list_filter = ("family", "origin", "effective_from")
    search_fields = ("model_id",)
    search_help_text = "By the id of a model, or its beginning."
    list_per_page = 50
    change_form_template = "admin/chat/price/change_form.html"
    readonly_fields = ("origin",)

    def get_fieldsets(self, request: HttpRequest, obj: Price | None = None) -> list[Any]:  # noqa: ARG002
        words = (
            "A price that is entered here is preferred to the catalogue's. To change what a model costs from a "
            "day on, add a price from that day and leave the old one."
        )
        tokens = {"fields": FIGURES[:5], "description": "US dollars for a million tokens."}
        besides = {"fields": FIGURES[5:], "description": "US dollars each.", "classes": ["collapse"]}
        place = {"fields": (*PLACE, "origin") if obj else PLACE, "description": words}
        return [(None, place), ("Tokens", tokens), ("Images, audio and video", besides)]

    def has_change_permission(self, request: HttpRequest, obj: Price | None = None) -> bool:
        return self._is_entered(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Price | None = None) -> bool:
        return self._is_entered(obj) and super().has_delete_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Price, form: PriceForm, change: bool) -> None:  # noqa: ARG002
        obj.save(update_fields=form.changed_data if change else None)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> Any:
        price = self.get_object(request, object_id)
        another = {"another": address_of_another(price) if price and self.has_add_permission(request) else ""}
        return super().change_view(request, object_id, form_url, (extra_context or {}) | another)

    @admin.display(description="family", ordering="family")
    def where(self, price: Price) -> str:
        return price.get_family_display() if price.family else "any"

    def _is_entered(self, price: Price | None) -> bool:
        return price is None or price.origin == Origin.ADMIN


def address_of_another(price: Price) -> str:
    """The form for one from today, filled in with what this one says."""
    given = {name: getattr(price, name) for name in ("family", "model_id", "above")}
    figures = {name: getattr(price, name) for name in FIGURES}
    plain = {name: f"{value.normalize():f}" for name, value in figures.items() if value is not None}
    return address_of_new(**given, effective_from=today().isoformat(), **plain)


def address_of_new(**given: object) -> str:
    query = QueryDict(mutable=True)
    query.update({name: str(value) for name, value in given.items()})
    return f"{reverse('admin:chat_price_add')}?{query.urlencode()}"


def linked(route: Route, prices: Prices) -> str:
    """What a model costs at an upstream, each price a link to where it is changed."""
    return format_html("{}: {}", route.upstream.name, _words(route, prices))


def _words(route: Route, prices: Prices) -> str:
    if route.upstream.is_free:
        return "costs nothing"
    if not prices:
        new = address_of_new(family=route.upstream.family, model_id=route.model.model_id)
        return format_html('unknown. <a href="{}">Enter it</a>', new)
    pages = ((reverse("admin:chat_price_change", args=[price.pk]), price.in_words) for price in prices)
    return format_html_join("; ", '<a href="{}">{}</a>', pages)
