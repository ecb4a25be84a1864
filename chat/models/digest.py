import hashlib


def digest(token: str) -> str:
    """What is kept of a random token that is shown once: it needs no salt and no slow hash."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
