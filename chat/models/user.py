from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """A person who signs in: the owner of conversations, and who pays for what they ask."""
