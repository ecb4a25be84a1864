from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest

from chat.models import Conversation, TemporaryConversation, User
from chat.models.public_id import is_public_id

from .temporary import temporary_chats

SessionStore = import_module(settings.SESSION_ENGINE).SessionStore


class SignedOut(Exception):
    pass


def visited_conversation(scope: dict[str, Any]) -> Conversation:
    """The conversation that a socket is about, through who is signed in on it at this moment.

    Raises SignedOut, and Conversation.DoesNotExist for one that is gone or somebody else's.
    """
    user = signed_in(scope)
    return Conversation.objects.owned_by(user).select_related("owner").get(public_id=public_id_in(scope))


def visited_temporary(scope: dict[str, Any], *, may_begin: bool) -> TemporaryConversation:
    """As `visited_conversation`; one that nobody has begun yet begins if it may."""
    return temporary_chats.visited(signed_in(scope), public_id_in(scope), may_begin=may_begin)


def signed_in(scope: dict[str, Any]) -> User:
    request = HttpRequest()
    request.session = SessionStore(scope["session"].session_key)
    user = get_user(request)
    if not user.is_authenticated:
        raise SignedOut
    return user


def public_id_in(scope: dict[str, Any]) -> str:
    public_id: str = scope["url_route"]["kwargs"]["public_id"]
    if not is_public_id(public_id):
        raise Conversation.DoesNotExist
    return public_id
