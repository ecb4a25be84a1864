from django.apps import AppConfig
from django.contrib.admin import apps as admin
from django.core.handlers.asgi import ASGIHandler
from django.core.signals import request_finished
from django.db import connections


class ChatConfig(AppConfig):
    name = "chat"
    verbose_name = "Chat"

    def ready(self) -> None:
        request_finished.connect(close_connections, sender=ASGIHandler)


def close_connections(**_: object) -> None:
    """A page has a thread of its own, which ends with it; its connection would stay open."""
    connections.close_all()


class AdminConfig(admin.AdminConfig):
    default_site = "chat.administration.Administration"
