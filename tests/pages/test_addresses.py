"""Every address of the pages: what belongs to somebody does not exist for others, and who is signed out signs in."""

import pytest
from django.core.files.base import ContentFile
from django.urls import URLPattern, reverse

from chat.models import ApiKey, Attachment, Folder, Intake, Preset, Tag, Upstream
from chat.pages.shared_page import draw
from chatsite.urls import urlpatterns
from tests.files import PNG, upload

# Whoever has the link opens it, and Prometheus has a token: tests/pages/test_shared.py and test_metrics.py.
OPEN = {"shared", "shared_file", "shared_picture", "shared_download", "continue_shared", "metrics"}
# What it is about stands in its form: tests/pages/test_act.py.
OF_ANY = {"act"}
PAGES = [each for each in urlpatterns if isinstance(each, URLPattern) and each.name and each.name not in OPEN]
OF_SOMEBODY = [each for each in PAGES if each.pattern.converters and each.name not in OF_ANY]


def name_of(page: URLPattern) -> str:
    return page.name or ""


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def belongings(owner, conversation) -> dict[str, object]:
    """By the first part of their address."""
    key = ApiKey(owner=owner, name="My script")
    key.issue()
    attachment = Attachment.take(owner, upload("picture.png", PNG)).public_id
    return {
        "c": conversation.public_id,
        "m": conversation.head.public_id,
        "a": attachment,
        "attachments": attachment,
        "links": conversation.share(draw).public_id,
        "folders": Folder.named(owner, "Kitchen").public_id,
        "tags": Tag.named(owner, "baking").public_id,
        "presets": Preset.objects.create(owner=owner, name="Plain").pk,
        "keys": key.pk,
        "transfer": Intake.objects.create(owner=owner, name="export.json", file=ContentFile(b"[]", "x")).pk,
        "setup": Upstream.objects.get().pk,
    }


def address(page: URLPattern, belongings: dict[str, object]) -> str:
    kind = str(page.pattern).partition("/")[0]
    return reverse(name_of(page), kwargs=dict.fromkeys(page.pattern.converters, belongings.get(kind)))


@pytest.mark.parametrize("page", OF_SOMEBODY, ids=name_of)
def test_what_is_somebody_elses_does_not_exist(owner, owners, strangers, belongings, page):
    owner.is_superuser = True
    owner.save(update_fields=["is_superuser"])
    where = address(page, belongings)
    answers = {strangers.get(where).status_code, strangers.post(where).status_code}
    assert answers in ({404}, {404, 405})
    found = {owners.get(where).status_code, owners.post(where).status_code}
    assert found - {404, 405}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_who_is_signed_out_signs_in_first(client, belongings, page):
    where = address(page, {**belongings, "library": "trash"})
    for response in (client.get(where), client.post(where)):
        assert response.status_code == 302
        assert response.url.startswith("/accounts/login/")
