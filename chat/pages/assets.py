"""Static files under addresses that change with their content, without a build or a copy."""

import hashlib
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage


class VersionedStorage(StaticFilesStorage):
    """`static("a.css")` is `/static/a.css?v=<hash of the content>`, which browsers may keep for a year."""

    def url(self, name: str | None) -> str:
        url = super().url(name)
        path = finders.find(name) if name else None
        if not path:
            return url
        version = digest(path) if not settings.DEBUG else digest.__wrapped__(path)
        return f"{url}?v={version}"


@cache
def digest(path: str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:12]
