"""What a load balancer asks for, by an address of its own: answered before anybody looks at the host."""

from collections.abc import Callable

from asgiref.sync import async_to_sync
from django.db import Error as DatabaseFailure
from django.db import connection
from django.http import HttpRequest, HttpResponse

from chat.live.layer_check import channel_layer_answers

GetResponse = Callable[[HttpRequest], HttpResponse]


def checks(get_response: GetResponse) -> GetResponse:
    def middleware(request: HttpRequest) -> HttpResponse:
        return CHECKS.get(request.path_info, get_response)(request)

    return middleware


def healthz(_request: HttpRequest) -> HttpResponse:
    """The process is alive, whatever else is not."""
    return HttpResponse("ok\n", content_type="text/plain")


def readyz(_request: HttpRequest) -> HttpResponse:
    """Whether what a conversation needs answers: 503 names what does not."""
    answers = {
        "database": database_answers(),
        "channel layer": async_to_sync(channel_layer_answers)(),
    }
    text = "".join(f"{name}: {'ok' if ok else 'no answer'}\n" for name, ok in answers.items())
    return HttpResponse(text, content_type="text/plain", status=200 if all(answers.values()) else 503)


CHECKS: dict[str, GetResponse] = {"/healthz": healthz, "/readyz": readyz}


def database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseFailure:
        return False
    return True
