from django.urls import re_path

from . import completions, description, models, unknown

urlpatterns = [
    re_path(r"^chat/completions/?$", completions.create, name="chat_completions"),
    re_path(r"^models/?$", models.index, name="model_list"),
    re_path(r"^models/(?P<model_id>.+?)/?$", models.show, name="model_entry"),
    re_path(r"^openapi\.json/?$", description.document, name="openapi"),
    re_path(r"", unknown.address),
]
