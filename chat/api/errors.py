"""What goes wrong before a model is asked, and every error as OpenAI's JSON.

Source: https://platform.openai.com/docs/guides/error-codes
"""

import math

from django.http import HttpResponse

from chat.completions import CompletionError

from .json import json_response
from .rate_limits import report_limits


class NotAuthenticated(CompletionError):
    status = 401
    type = "invalid_request_error"


class AddressNotAuthorized(CompletionError):
    status = 403
    type = "invalid_request_error"
    code = "ip_not_authorized"


class UnknownAddress(CompletionError):
    status = 404
    type = "invalid_request_error"
    code = "unknown_url"


class MethodNotAllowed(CompletionError):
    status = 405
    type = "invalid_request_error"
    code = "method_not_allowed"


class RequestTooLarge(CompletionError):
    status = 413
    type = "invalid_request_error"
    code = "request_too_large"


class InternalError(CompletionError):
    status = 500
    code = "internal_error"


def error_response(error: CompletionError) -> HttpResponse:
    response = json_response(error.envelope(), status=error.status)
    if error.status == NotAuthenticated.status:
        response["www-authenticate"] = "Bearer"
    if error.retry_after is not None:
        response["retry-after"] = str(math.ceil(error.retry_after))
        response["retry-after-ms"] = str(math.ceil(error.retry_after * 1000))
    if error.should_retry is not None:
        # The SDKs try again after any 429 and 5xx, also where waiting is in vain.
        response["x-should-retry"] = str(error.should_retry).lower()
    report_limits(error.limits, response)
    return response
