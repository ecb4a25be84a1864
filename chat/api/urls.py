from django.urls import path, re_path

from . import completions, description, models, unknown

urlpatterns = [
    re_path(r"^chat/completions/?$", completions.create, name="chat_completions"),
    re_path(r"^models/?$", models.index, name="model_list"),
    path("models/<path:model_id>", models.show, name="model_entry"),
    path("openapi.json", description.document, name="openapi"),
    re_path(r"", unknown.address),
]
