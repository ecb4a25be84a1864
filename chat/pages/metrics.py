"""What a Prometheus server collects, of this process."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """To anyone else it does not exist."""
    if not (has_token(request) or request.user.is_superuser):
        raise Http404
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def has_token(request: HttpRequest) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    is_bearer = scheme.lower() == "bearer"
    return is_bearer and bool(settings.METRICS_TOKEN) and constant_time_compare(token, settings.METRICS_TOKEN)
