from itertools import count

from chat.models import User


def first_administrator() -> User | None:
    """The administrator who can only come in by a link, made if there is none; None once one has."""
    administrators = User.objects.filter(is_superuser=True, is_active=True)
    if administrators.filter(last_login__isnull=False).exists():
        return None
    waiting = administrators.order_by("pk").first()
    if waiting is None:
        return User.objects.create_superuser(free_name())
    return None if waiting.has_usable_password() else waiting


def free_name() -> str:
    """`admin`; somebody who already goes by that name is not made an administrator."""
    names = ("admin" if number == 1 else f"admin{number}" for number in count(1))
    return next(name for name in names if not User.objects.filter(username__iexact=name).exists())
