"""What was spent, by whom and on what, and how the routes do: for whoever may look at the log of requests."""

from functools import wraps
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from chat.gateway.health import health
from chat.models import Route, UsageReport
from chat.models.first_token import FirstTokens
from chat.models.route_health import RouteHealth
from chat.models.tally import Tally
from chat.models.usage_report import RANGES

from .condition import condition_of


def for_who_may_look(view: Any) -> Any:
    @wraps(view)
    def guarded(request: HttpRequest) -> Any:
        if not request.user.has_perm("chat.view_modelrequest"):
            raise PermissionDenied
        return view(request)

    return require_safe(guarded)


@for_who_may_look
def usage(request: HttpRequest) -> HttpResponse:
    report = UsageReport.asked_for(request.GET.get("days"))
    context = admin.site.each_context(request) | {"title": "Usage", "report": report, "ranges": RANGES}
    return render(request, "admin/usage.html", context)


@for_who_may_look
def usage_csv(request: HttpRequest) -> StreamingHttpResponse:
    report = UsageReport.asked_for(request.GET.get("days"))
    headers = {"Content-Disposition": f'attachment; filename="{report.file_name}"'}
    return StreamingHttpResponse(report.as_csv(), content_type="text/csv; charset=utf-8", headers=headers)


@for_who_may_look
def routes(request: HttpRequest) -> HttpResponse:
    context = admin.site.each_context(request) | {"title": "Health of routes", "routes": _routes()}
    return render(request, "admin/routes.html", context)


def _routes() -> list[tuple[RouteHealth, str]]:
    """First those that failed and that others stand in for: the log has their requests under the others' names."""
    known = Route.objects.select_related("model", "upstream")
    routes = {(route.model.model_id, route.upstream.name): route for route in known}
    lately = {(each.model, each.upstream): each for each in RouteHealth.of_all()}
    stood_in_for = {
        name: RouteHealth(*name, Tally(), FirstTokens())
        for name, route in routes.items()
        if name not in lately and health.latest(route)
    }
    return [(each, _condition(routes.get(name))) for name, each in (stood_in_for | lately).items()]


def _condition(route: Route | None) -> str:
    return condition_of(route) if route else "This route is gone."
