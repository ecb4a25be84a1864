from typing import Any

import orjson
from django.http import HttpResponse


def json_response(value: Any, status: int = 200) -> HttpResponse:
    body = orjson.dumps(value)
    return HttpResponse(
        body, content_type="application/json", status=status, headers={"content-length": str(len(body))}
    )
