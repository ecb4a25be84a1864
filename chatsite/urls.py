from django.contrib import admin
from django.urls import include, path

from chat.pages import api_guide, assets, attachments, conversations, health, models

urlpatterns = [
    path("", conversations.new, name="new_chat"),
    path("c/<str:public_id>", conversations.show, name="conversation"),
    path("c/<str:public_id>/earlier", conversations.earlier, name="earlier_messages"),
    path("c/<str:public_id>/rename", conversations.rename, name="rename_conversation"),
    path("c/<str:public_id>/delete", conversations.delete, name="delete_conversation"),
    path("m/<str:public_id>.md", conversations.message_text, name="message_text"),
    path("attachments", attachments.attachments, name="attachments"),
    path("attachments/<str:public_id>/remove", attachments.remove, name="remove_attachment"),
    path("a/<str:public_id>", attachments.file, name="attachment"),
    path("conversations", conversations.page, name="conversations"),
    path("api", api_guide.api_guide, name="api_guide"),
    path("models", models.options, name="models"),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("favicon.ico", assets.icon),
    path("site.css", assets.stylesheet),
    path("site.js", assets.script),
    path("v1/", include("chat.api.urls")),
    path("admin/", admin.site.urls),
    path("", include("chat.pages.account_urls")),
]
