from channels.routing import URLRouter
from django.urls import path, re_path

from .consumers import ConversationConsumer, UnknownAddressConsumer

websocket = URLRouter(
    [
        path("ws/c/<str:public_id>", ConversationConsumer.as_asgi()),
        re_path("", UnknownAddressConsumer.as_asgi()),
    ]
)
