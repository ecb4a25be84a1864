"""What in a text looks as if it were not for everybody: keys, passwords, and what leads to a person.

A hint before something is shared and no guarantee. Every pattern takes time in proportion to the text.
Shapes of keys: https://docs.github.com/en/code-security/secret-scanning/introduction/supported-secret-scanning-patterns
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

LONGEST_EXCERPT = 48


@dataclass(frozen=True, slots=True)
class Finding:
    kind: str
    excerpt: str


@dataclass(frozen=True, slots=True)
class Pattern:
    kind: str
    looks: re.Pattern[str]
    is_likely: Callable[[str], bool] = lambda _: True


def find(text: str) -> Iterator[Finding]:
    """Each thing once, named by the first pattern that it fits."""
    told: set[str] = set()
    for pattern in PATTERNS:
        for match in pattern.looks.finditer(text):
            excerpt = " ".join(match[0].split())
            if pattern.is_likely(match[0]) and not any(excerpt in each for each in told):
                told.add(excerpt)
                yield Finding(pattern.kind, _shortened(excerpt))


def _shortened(excerpt: str) -> str:
    return excerpt if len(excerpt) <= LONGEST_EXCERPT else f"{excerpt[: LONGEST_EXCERPT - 1]}…"


def is_card_number(text: str) -> bool:
    """By the check digit of ISO/IEC 7812-1."""
    digits = [int(sign) for sign in text if sign.isdigit()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return 13 <= len(digits) <= 19 and len(set(digits)) > 1 and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def is_account_number(text: str) -> bool:
    """By the check digits of ISO 13616."""
    plain = "".join(text.split())
    turned = plain[4:] + plain[:4]
    return 15 <= len(plain) <= 34 and int("".join(str(int(sign, 36)) for sign in turned)) % 97 == 1


def is_phone_number(text: str) -> bool:
    digits = sum(sign.isdigit() for sign in text)
    return 8 <= digits <= 15


def is_password(text: str) -> bool:
    """Whether what follows the word is one, and not what a manual or a program puts in its place."""
    value = re.split(r"[:=]", text, maxsplit=1)[-1].strip().strip("\"'`")
    return len(value) >= 4 and not re.match(
        r"[<{$%*(\[]|(?i:none|null|true|false|str|string|required|your)\b", value
    )


KEY = (
    r"sk-[\w-]{16,256}|(?:ghp|gho|ghu|ghs|ghr)_\w{30,256}|github_pat_\w{22,256}|glpat-[\w-]{20,64}"
    r"|xox[abeoprs]-[\w-]{10,256}|(?:AKIA|ASIA)[A-Z0-9]{16}|AIza[\w-]{35}|ya29\.[\w-]{20,512}"
    r"|[sr]k_(?:live|test)_\w{16,256}|hf_\w{30,64}|npm_\w{36}|pypi-[\w-]{50,256}|SG\.[\w-]{16,64}\.[\w-]{16,64}"
    r"|(?:gsk|xai|pplx|r8)[_-]\w{30,128}|dop_v1_[0-9a-f]{64}|shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}"
)
NAMED = r"(?i:api[_ -]?key|secret(?:[_ -]?key)?|access[_ -]?key|auth[_ -]?token|access[_ -]?token|client[_ -]?secret)"
PATTERNS = (
    Pattern("Private key", re.compile(r"-----BEGIN (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----")),
    Pattern("API key", re.compile(rf"(?<![\w-])(?:{KEY})(?![\w-])")),
    Pattern("Token", re.compile(r"(?<![\w-])eyJ[\w-]{8,2000}\.eyJ[\w-]{8,4000}\.[\w-]{8,1000}")),
    Pattern("Token", re.compile(r"\b[Bb]earer [\w.~+/-]{20,2000}={0,2}")),
    Pattern(
        "Address with a password",
        re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@]{1,100}:[^\s/@]{1,200}@[\w.-]{1,200}"),
    ),
    Pattern("API key", re.compile(rf"(?<![a-zA-Z0-9]){NAMED}[\"']? ?[:=] ?[\"']?[\w./+=-]{{16,256}}")),
    Pattern(
        "Password",
        re.compile(
            r"(?<![a-zA-Z0-9])(?i:password|passwd|passphrase|passwort|kennwort|mot de passe|contraseña|senha|pwd)"
            r"[\"']? ?[:=] ?\S{1,100}"
        ),
        is_password,
    ),
    Pattern(
        "E-mail address", re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,4}[a-zA-Z]{2,24}\b")
    ),
    Pattern(
        "Card number",
        re.compile(r"(?<![\d-])(?<!\d[.,])\d(?:[ -]?\d){12,18}(?![\d-]|[.,]\d)"),
        is_card_number,
    ),
    Pattern("Bank account", re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{2,4}){3,8}\b"), is_account_number),
    Pattern(
        "Phone number",
        re.compile(
            r"(?<![\w.+/-])(?:\+\d{1,3}[ .-]?(?:\(0?\d{1,4}\)[ .-]?)?\d{1,4}(?:[ .-]?\d{2,4}){1,5}"
            r"|\(\d{2,5}\) ?\d{2,4}(?:[ .-]?\d{2,4}){1,3}|(?<!\d )0\d{1,4}[ /-]\d{2,4}(?:[ -]?\d{2,4}){1,3}"
            r"|\d{3}[.-]\d{3}[.-]\d{4})(?![\w/-])"
        ),
        is_phone_number,
    ),
)
