"""Links that sign one person in, once: for the first administrator, and for whoever has lost the password.

A link is bound to the last sign-in, the password and the e-mail address of its user, so that any sign-in and
any change of these use it up; it also ends after `PASSWORD_RESET_TIMEOUT`.
"""

from datetime import datetime

from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.utils import timezone
from django.utils.encoding import force_str
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from .user import User


class SignInTokenGenerator(PasswordResetTokenGenerator):
    key_salt = "chat.models.sign_in_link"

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        # Django leaves out the microseconds: a link made in the second of the last sign-in would work twice.
        last_login: datetime | None = user.last_login
        return f"{super()._make_hash_value(user, timestamp)}{last_login and last_login.isoformat()}"


tokens = SignInTokenGenerator()


def sign_in_path(user: User) -> str:
    """The path of a fresh link for this user."""
    uid = urlsafe_base64_encode(str(user.pk).encode())
    return f"/sign-in/{uid}/{tokens.make_token(user)}"


def redeem(uid: str, token: str) -> User | None:
    """The user that the link is for, and the link is used up; None if it was not valid or not any more."""
    user = User.objects.filter(pk=_pk(uid), is_active=True).first()
    if user is None or not tokens.check_token(user, token):
        return None
    # Of two requests with the same link, only one finds the sign-in time that it is bound to.
    unused = User.objects.filter(pk=user.pk, last_login=user.last_login)
    return user if unused.update(last_login=timezone.now()) else None


def _pk(uid: str) -> int:
    """0, which is nobody's, if it is not a number."""
    try:
        pk = int(force_str(urlsafe_base64_decode(uid)))
    except ValueError:
        return 0
    return pk if 0 < pk < 2**63 else 0
