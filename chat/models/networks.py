"""IP addresses and ranges, one a line."""

from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from django.core.exceptions import ValidationError


def validate_networks(text: str) -> None:
    """Raises ValidationError that names the lines which are neither an address nor a range."""
    wrong = [line for line in text.split() if _network(line) is None]
    if wrong:
        raise ValidationError(
            f"Not an IP address or a range such as 192.0.2.0/24: {', '.join(wrong)[:200]}", code="network"
        )


def is_within(address: str, networks: str) -> bool:
    """Whether the address is in one of the ranges; an IPv4 address counts also when it is written as IPv6."""
    try:
        own = ip_address(address)
    except ValueError:
        return False
    own = getattr(own, "ipv4_mapped", None) or own
    return any(own in network for line in networks.split() if (network := _network(line)))


def _network(line: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(line, strict=False)
    except ValueError:
        return None
