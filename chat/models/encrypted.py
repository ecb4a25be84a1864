"""Text that is readable only with the site's secret key: the keys of upstreams at rest."""

import base64
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import models


@lru_cache(maxsize=8)
def fernet(*secrets: str) -> MultiFernet:
    """Encrypts with the first secret, decrypts with any: the way to rotate is `SECRET_KEY_FALLBACKS`."""
    return MultiFernet([Fernet(_derive(secret)) for secret in secrets])


def _derive(secret: str) -> bytes:
    # A key of its own for this purpose, so that nothing signed elsewhere can be used here.
    hkdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"chatsite encrypted fields")
    return base64.urlsafe_b64encode(hkdf.derive(secret.encode()))


def _site_fernet() -> MultiFernet:
    return fernet(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


class UnreadableSecret(str):
    """The empty string that stands for a value which no current secret key decrypts."""


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]
    """Plain text in Python, a Fernet token in the database; empty stays empty.

    A value that the current keys cannot decrypt reads as `UnreadableSecret`, so that a lost secret key makes
    an upstream fail with a clear error and does not make its admin page fail.
    """

    def get_prep_value(self, value: Any) -> Any:
        text = super().get_prep_value(value)
        return _site_fernet().encrypt(text.encode()).decode() if text else text

    def from_db_value(self, value: str | None, *_: object) -> str | None:
        if not value:
            return value
        try:
            return _site_fernet().decrypt(value.encode()).decode()
        except InvalidToken:
            return UnreadableSecret()
