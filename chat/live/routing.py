from channels.routing import URLRouter
from django.urls import path, re_path

from .consumers import ConversationConsumer, TemporaryConsumer, UnknownAddressConsumer

websocket = URLRouter(
    [
        path("ws/c/<str:public_id>", ConversationConsumer.as_asgi()),
        path("ws/t/<str:public_id>", TemporaryConsumer.as_asgi()),
        re_path("", UnknownAddressConsumer.as_asgi()),
    ]
)
