"""What the cookies of a response say, unpacked where they are packed."""

from django.contrib.messages.storage.cookie import MessageSerializer
from django.core.signing import get_cookie_signer
from django.http import HttpResponse


def said_by_cookies(response: HttpResponse) -> str:
    return " ".join(_said(name, cookie.value) for name, cookie in response.cookies.items())


def _said(name: str, value: str) -> str:
    if name != "messages" or not value:
        return value
    signer = get_cookie_signer(salt="django.contrib.messages")
    return " ".join(map(str, signer.unsign_object(value, serializer=MessageSerializer)))
