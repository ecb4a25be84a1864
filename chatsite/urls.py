from django.contrib import admin
from django.urls import include, path, re_path, register_converter

from chat.pages import (
    api_guide,
    assets,
    attachments,
    conversations,
    details,
    keys,
    metrics,
    models,
    setup,
    transfer,
    usage,
)
from chat.pages.converters import PublicIdConverter

register_converter(PublicIdConverter, "public_id")

urlpatterns = [
    path("", conversations.new, name="new_chat"),
    path("c/<public_id:public_id>", conversations.show, name="conversation"),
    path("c/<public_id:public_id>/earlier", conversations.earlier, name="earlier_messages"),
    path("c/<public_id:public_id>/rename", conversations.rename, name="rename_conversation"),
    path("c/<public_id:public_id>/delete", conversations.delete, name="delete_conversation"),
    path("m/<public_id:public_id>.md", conversations.message_text, name="message_text"),
    path("m/<public_id:public_id>/details", details.details, name="message_details"),
    path("usage", usage.usage, name="usage"),
    path("usage.csv", usage.usage_csv, name="usage_csv"),
    path("metrics", metrics.metrics, name="metrics"),
    path("attachments", attachments.attachments, name="attachments"),
    path("attachments/<public_id:public_id>/remove", attachments.remove, name="remove_attachment"),
    path("a/<public_id:public_id>", attachments.file, name="attachment"),
    path("transfer", transfer.index, name="transfer"),
    path("transfer/import", transfer.take_in, name="import"),
    path("transfer/imports/<int:pk>", transfer.progress, name="import_progress"),
    path("transfer/export", transfer.export, name="export"),
    path("c/<public_id:public_id>/export", transfer.choose, name="export_conversation"),
    path("conversations", conversations.page, name="conversations"),
    path("api", api_guide.api_guide, name="api_guide"),
    path("keys", keys.index, name="keys"),
    path("keys/new", keys.create, name="create_key"),
    path("keys/<int:pk>/rename", keys.rename, name="rename_key"),
    path("keys/<int:pk>/rotate", keys.rotate, name="rotate_key"),
    path("keys/<int:pk>/revoke", keys.revoke, name="revoke_key"),
    path("models", models.options, name="models"),
    path("setup", setup.setup, name="setup"),
    path("setup/later", setup.later, name="setup_later"),
    path("setup/<int:pk>", setup.models, name="setup_models"),
    path("favicon.ico", assets.icon),
    path("site.css", assets.stylesheet),
    path("site.js", assets.script),
    re_path(r"^v1(?:/|$)", include("chat.api.urls")),
    path("admin/", admin.site.urls),
    path("", include("chat.pages.account_urls")),
]
