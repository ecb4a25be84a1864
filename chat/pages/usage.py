"""What a person asked and spent, on the page and with their keys, for themselves."""

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from chat.models import UsageReport
from chat.models.usage_report import RANGES

from .access import Request, signed_in


@never_cache
@signed_in
@require_safe
def usage(request: Request) -> HttpResponse:
    return render(request, "account/usage.html", {"report": own_report(request), "ranges": RANGES})


@signed_in
@require_safe
def usage_csv(request: Request) -> StreamingHttpResponse:
    report = own_report(request)
    headers = {"Content-Disposition": f'attachment; filename="{report.file_name}"'}
    return StreamingHttpResponse(report.as_csv(), content_type="text/csv; charset=utf-8", headers=headers)


def own_report(request: Request) -> UsageReport:
    return UsageReport.asked_for(request.GET.get("days"), request.user)  # type: ignore[arg-type]
