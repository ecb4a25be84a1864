"""What was spent, by whom and on what, and how the routes do: for whoever may look at the log of requests."""

from functools import wraps
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from chat.models import UsageReport
from chat.models.route_health import RouteHealth
from chat.models.usage_report import RANGES


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
    context = admin.site.each_context(request) | {"title": "Health of routes", "routes": RouteHealth.of_all()}
    return render(request, "admin/routes.html", context)
