"""Where a model server is: any http(s) address, also one with a name of one word, as in a container's network."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

SCHEME = re.compile("[a-z][a-z0-9+.-]*:/", re.IGNORECASE)
AUTHORITY = re.compile(r"(?P<host>\[.*\]|[^:]*)(:(?P<port>.*))?")
HOST_NAME = re.compile(r"(?!-)[\w-]{1,63}(?<!-)(\.(?!-)[\w-]{1,63}(?<!-))*\.?")
HIGHEST_PORT = 65535


def validate_address(address: str) -> None:
    """Raises ValidationError, with what to do, for what can be no base URL."""
    if " " in address or not address.isprintable():
        raise ValidationError("An address has no spaces in it.", code="spaces")
    if not address.lower().startswith(("http://", "https://")):
        raise ValidationError(
            "Enter the whole address of the server. It begins with http:// or https://.", code="scheme"
        )
    if "?" in address or "#" in address:
        raise ValidationError("Leave out the “?” or “#”, and what follows it.", code="query")
    _validate_authority(address.split("/")[2])


class WrittenAddressField(forms.CharField):
    """Takes an address as people write it: without a scheme, http is that of a local name and of numbers."""

    default_validators = [validate_address]  # noqa: RUF012

    def to_python(self, value: Any) -> str:
        address = super().to_python(value) or ""
        if not address or SCHEME.match(address):
            return address
        return f"{assumed_scheme(address)}://{address}"


def assumed_scheme(address: str) -> str:
    try:
        host = urlsplit(f"//{address}").hostname or ""
        if "." in host or ":" in host:
            ip_address(host)
    except ValueError:
        return "https"
    return "http"


class AddressField(models.CharField):  # type: ignore[type-arg]
    default_validators = [validate_address]  # noqa: RUF012

    def formfield(self, **options: Any) -> Any:
        return super().formfield(**{"form_class": WrittenAddressField, **options})


def _validate_authority(authority: str) -> None:
    if "@" in authority:
        raise ValidationError(
            "Leave out the name and the password before the “@”. A key goes into the field for it.",
            code="credentials",
        )
    found = AUTHORITY.fullmatch(authority)
    if not found or not _is_host(found["host"]):
        raise ValidationError(
            "This names no server. An address is like http://localhost:11434/v1; one of IPv6 stands in “[ ]”.",
            code="host",
        )
    if found["port"] is not None and not _is_port(found["port"]):
        raise ValidationError(f"The port is a number from 1 to {HIGHEST_PORT}.", code="port")


def _is_host(host: str) -> bool:
    """What ends in a number is one of IPv4 or nothing, as to a browser."""
    try:
        if host.startswith("["):
            return bool(IPv6Address(host[1:-1]))
        if host.rpartition(".")[2].isdecimal():
            return bool(IPv4Address(host))
    except ValueError:
        return False
    return HOST_NAME.fullmatch(host) is not None


def _is_port(port: str) -> bool:
    return port.isascii() and port.isdecimal() and 1 <= int(port) <= HIGHEST_PORT
