import logging
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from chat.completions import CompletionError
from chat.gateway import new_request_id

from .cors import allow_origin
from .errors import InternalError, MethodNotAllowed, error_response

logger = logging.getLogger(__name__)

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], Coroutine[Any, Any, HttpResponseBase]]


def endpoint(*methods: str) -> Callable[[View[P]], View[P]]:
    """A view of the API: its errors are OpenAI's JSON, and its answer carries an `x-request-id`."""

    def decorate(view: View[P]) -> View[P]:
        @csrf_exempt
        @wraps(view)
        async def answered(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            request_id = request.request_id = new_request_id()  # type: ignore[attr-defined]
            response = await _answer(request, request_id, args, kwargs)
            response["x-request-id"] = request_id
            response["x-content-type-options"] = "nosniff"
            allow_origin(request, response)
            return response

        async def _answer(request: HttpRequest, request_id: str, args, kwargs) -> HttpResponseBase:  # type: ignore[no-untyped-def]
            if request.method == "OPTIONS":
                return HttpResponse(status=204, headers={"allow": ", ".join((*methods, "OPTIONS"))})
            try:
                if not is_possible(request.method, methods):
                    return not_possible(request, methods)
                return await view(request, *args, **kwargs)
            except CompletionError as error:
                logger.info("%s %s: %s", request_id, error.status, error.message)
                return error_response(error)
            except Exception:
                logger.exception("%s failed", request_id)
                return error_response(
                    InternalError(f"Something went wrong on this site. Request {request_id}.")
                )

        return answered

    return decorate


def is_possible(method: str | None, methods: tuple[str, ...]) -> bool:
    return method in methods or (method == "HEAD" and "GET" in methods)


def not_possible(request: HttpRequest, methods: tuple[str, ...]) -> HttpResponse:
    response = error_response(
        MethodNotAllowed(f"{request.method} is not possible here; {' and '.join(methods)} is.")
    )
    response["allow"] = ", ".join((*methods, "OPTIONS"))
    return response
