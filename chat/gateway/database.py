from collections.abc import Callable
from typing import ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.db import close_old_connections

P = ParamSpec("P")
T = TypeVar("T")


async def in_database_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """As Django does where a request begins, a connection that is broken or too old is opened anew before."""

    def on_live_connection() -> T:
        close_old_connections()
        return work(*args, **kwargs)

    return await sync_to_async(on_live_connection)()
