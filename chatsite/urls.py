from django.contrib import admin
from django.urls import include, path

from chat.pages import assets, conversations, models

urlpatterns = [
    path("", conversations.new, name="new_chat"),
    path("c/<str:public_id>", conversations.show, name="conversation"),
    path("c/<str:public_id>/earlier", conversations.earlier, name="earlier_messages"),
    path("c/<str:public_id>/rename", conversations.rename, name="rename_conversation"),
    path("c/<str:public_id>/delete", conversations.delete, name="delete_conversation"),
    path("m/<str:public_id>.md", conversations.message_text, name="message_text"),
    path("conversations", conversations.page, name="conversations"),
    path("models", models.options, name="models"),
    path("favicon.ico", assets.icon),
    path("site.css", assets.stylesheet),
    path("site.js", assets.script),
    path("admin/", admin.site.urls),
    path("", include("chat.pages.account_urls")),
]
