from django.apps import AppConfig
from django.contrib.admin import apps as admin
from django.core.handlers.asgi import ASGIHandler
from django.core.signals import request_finished
from django.db import connections
from django.db.models.signals import post_migrate


class ChatConfig(AppConfig):
    name = "chat"
    verbose_name = "Chat"

    def ready(self) -> None:
        request_finished.connect(close_connections, sender=ASGIHandler)
        post_migrate.connect(watch_what_is_written, sender=self)


def close_connections(**_: object) -> None:
    """A page has a thread of its own, which ends with it; its connection would stay open."""
    connections.close_all()


def watch_what_is_written(using: str, **_: object) -> None:
    """After any migration: SQLite loses the triggers of a table that one has changed."""
    from chat.models.word_index import word_index

    if "chat_words" in connections[using].introspection.table_names():
        word_index(using).watch()


class AdminConfig(admin.AdminConfig):
    default_site = "chat.administration.Administration"
