from django.apps import AppConfig
from django.contrib.admin import apps as admin


class ChatConfig(AppConfig):
    name = "chat"
    verbose_name = "Chat"


class AdminConfig(admin.AdminConfig):
    default_site = "chat.administration.Administration"
