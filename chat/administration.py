from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path, reverse

ORDER = (
    "Upstream",
    "LanguageModel",
    "Price",
    "User",
    "Group",
    "Invitation",
    "ApiKey",
    "Conversation",
    "Message",
    "Attachment",
    "Share",
    "ModelRequest",
    "Recording",
)
PAGES = {"usage": "Usage", "routes": "Health of routes"}


class Administration(AdminSite):
    site_header = f"{settings.SITE_NAME} administration"
    site_title = settings.SITE_NAME
    index_title = "What the site is made of"

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """By the site's own page, whose attempts are limited. Somebody who may not administer gets a 403."""
        from allauth.account.decorators import secure_admin_login

        response: HttpResponse = secure_admin_login(super().login)(request, extra_context)
        return response

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """In the order in which a new site is set up, and groups among what they are of."""
        apps = super().get_app_list(request, app_label)
        models = [model for app in apps for model in app["models"]]
        models.sort(key=lambda model: ORDER.index(model["object_name"]))
        if request.user.has_perm("chat.view_modelrequest"):
            models += [self._page(name, words) for name, words in PAGES.items()]
        return [{**apps[-1], "models": models}] if apps else []

    def get_urls(self) -> list[URLPattern | URLResolver]:
        from chat.admin import usage

        pages = [
            path("usage/", self.admin_view(usage.usage), name="usage"),
            path("usage.csv", self.admin_view(usage.usage_csv), name="usage_csv"),
            path("routes/", self.admin_view(usage.routes), name="routes"),
        ]
        return [*pages, *super().get_urls()]

    def _page(self, name: str, words: str) -> dict[str, Any]:
        """As the index lists a noun."""
        return {
            "name": words,
            "object_name": name,
            "admin_url": reverse(f"admin:{name}"),
            "view_only": True,
            "perms": {},
        }
