from asgiref.sync import sync_to_async
from django.db import Error as DatabaseFailure
from django.db import connection
from django.http import HttpRequest, HttpResponse

from chat.live.layer_check import channel_layer_answers


def healthz(_request: HttpRequest) -> HttpResponse:
    """The process is alive, whatever else is not."""
    return HttpResponse("ok\n", content_type="text/plain")


async def readyz(_request: HttpRequest) -> HttpResponse:
    """Whether what a conversation needs answers: 503 names what does not."""
    answers = {
        "database": await sync_to_async(database_answers)(),
        "channel layer": await channel_layer_answers(),
    }
    text = "".join(f"{name}: {'ok' if ok else 'no answer'}\n" for name, ok in answers.items())
    return HttpResponse(text, content_type="text/plain", status=200 if all(answers.values()) else 503)


def database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseFailure:
        return False
    return True
