from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def shown_once(request: HttpRequest, secrets: list[tuple[str, str]], after: str) -> HttpResponse:
    """What is kept nowhere stands in the answer itself: on its way to another page a cookie would carry it."""
    about = {"title": "Shown only now", "secrets": secrets, "after": after}
    return render(request, "admin/shown_once.html", admin.site.each_context(request) | about)
