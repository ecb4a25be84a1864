"""The settings of the site, apart from the developer's own: nothing of their data, keys or `.env` is used."""

import os
import tempfile

for name in list(os.environ):
    if name.endswith(("_API_KEY", "_BASE_URL")) or name in {
        "DATABASE_URL",
        "REDIS_URL",
        "SIGN_UP",
        "EMAIL_URL",
    }:
        del os.environ[name]
os.environ |= {
    "DATA_DIR": tempfile.mkdtemp(prefix="chatsite-tests-"),
    "ENV_FILE": os.devnull,
    "SECRET_KEY": "tests",
}
# A run of the tests inside of a test has a database that the outer one started.
if "TESTS_DATABASE_URL" in os.environ:
    os.environ["DATABASE_URL"] = os.environ["TESTS_DATABASE_URL"]

from chatsite.settings import *  # noqa: E402, F403
from chatsite.settings import DATA_DIR, DATABASES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Each client of a test is a site of its own, which would read through all static files before its first page.
WHITENOISE_AUTOREFRESH = True
SENDS_MAIL = True
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# A file, because the threads of a running site cannot share an in-memory database.
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": DATA_DIR / "tests.sqlite3"}
