"""Everything that an operator can set, read from the environment and from `.env` beside manage.py.

Without any of it the site runs: SQLite and an in-memory channel layer in `./data`, a secret key kept there.
"""

import os
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

import environ
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
env.read_env(env.str("ENV_FILE", str(BASE_DIR / ".env")))


def choice(name: str, *allowed: str) -> str:
    """One of the allowed values, the first when unset."""
    value = env.str(name, allowed[0])
    if value not in allowed:
        raise ImproperlyConfigured(f"{name} is {value!r}; it can be {', '.join(allowed)}.")
    return value


def days(name: str, default: int) -> int:
    """A number of days that is not below 0: of those before, everything would be too old."""
    value = env.int(name, default)
    if value < 0:
        raise ImproperlyConfigured(f"{name} is {value}; it can be 0 (for ever) or more.")
    return int(value)


def kept_secret(path: Path) -> str:
    """The secret in the file, made and kept for its owner's eyes only when it is not there yet."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        secret = path.read_text()
        if secret.strip():
            return secret
        path.unlink()
    with NamedTemporaryFile("w", dir=path.parent, prefix=".secret_key-") as new:
        new.write(get_random_secret_key())
        new.flush()
        os.fsync(new.fileno())
        # Whole, or not at all; of several processes that start together one is the first, the others read its.
        with suppress(FileExistsError):
            os.link(new.name, path)
    return path.read_text()


def origins(hosts: list[str]) -> list[str]:
    """The addresses that forms may come from when a proxy in front speaks https for these hosts."""
    return [f"https://{'*' + host if host.startswith('.') else host}" for host in hosts if host != "*"]


DATA_DIR = Path(env.str("DATA_DIR", str(BASE_DIR / "data"))).resolve()
DEBUG = env.bool("DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY", "") or kept_secret(DATA_DIR / "secret_key")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])

SITE_NAME = env.str("SITE_NAME", "Chatsite")
SITE_ACCENT = env.str("SITE_ACCENT", "")
SIGN_UP = choice("SIGN_UP", "invite", "open", "closed")
# Whether people issue API keys for themselves; administrators always can.
USER_KEYS = env.bool("USER_KEYS", True)

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", ".localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=origins(ALLOWED_HOSTS))
BEHIND_HTTPS = env.bool("BEHIND_HTTPS", False)

INSTALLED_APPS = [
    "chat.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "channels",
    "django_htmx",
    "chat.apps.ChatConfig",
]

# Each of these runs synchronously, so that a page costs one thread hop and not two for every middleware.
MIDDLEWARE = [
    "chat.pages.policy.content_security_policy",
    "chat.pages.health.checks",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "chatsite.urls"
ASGI_APPLICATION = "chatsite.asgi.application"
APPEND_SLASH = False

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "chat.pages.policy.csp_nonce",
                "chat.pages.site.site",
            ],
        },
    }
]
# Native form controls and their messages are styled once, in static/css.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

DATABASE_URL = env.str("DATABASE_URL", "") or f"sqlite:///{DATA_DIR / 'chatsite.sqlite3'}"
DATABASES = {"default": env.db_url_config(DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A connection of its own for every lookup of a socket would cost more than the lookup.
    DATABASES["default"]["CONN_MAX_AGE"] = None
    DATABASES["default"]["OPTIONS"] = {
        # A transaction that reads and then writes would otherwise fail at once under load, and not wait.
        "transaction_mode": "IMMEDIATE",
        "timeout": 10,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    # Each request has a thread, but not a connection, of its own: the server gives out a hundred in all.
    DATABASES["default"]["OPTIONS"] = {"pool": {"min_size": 2, "max_size": 20, "timeout": 10}}
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

REDIS_URL = env.str("REDIS_URL", "")
if REDIS_URL:
    CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [REDIS_URL]},
        }
    }
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
else:
    CHANNEL_LAYERS = {"default": {"BACKEND": "chat.live.memory_layer.MemoryChannelLayer"}}

AUTH_USER_MODEL = "chat.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "chat.pages.accounts.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_FORMS = {
    "login": "chat.pages.account_forms.SignInForm",
    "signup": "chat.pages.account_forms.SignUpForm",
}
ACCOUNT_EMAIL_VERIFICATION = "none"
# Nor does the sign-up form tell who else has an account: it takes an address that is known already.
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_EMAIL_SUBJECT_PREFIX = f"[{SITE_NAME}] "
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
# Wrong passphrases of a shared conversation: by link and address, and by link.
ACCOUNT_RATE_LIMITS = {"share_by_address": "5/5m/key", "share": "100/h/key"}
# Attempts are counted by address. Behind proxies, the client's is this far from the end of X-Forwarded-For.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", 1 if BEHIND_HTTPS else 0)
# Seconds that a link to choose a new password, or to sign in once, is good for.
PASSWORD_RESET_TIMEOUT = 60 * 60 * 24

SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_HTTPS
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if BEHIND_HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# The longest question, in characters, and room for it in a form.
MESSAGE_MAX_LENGTH = env.int("MESSAGE_MAX_LENGTH", 500_000)
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000
# The largest file that goes with a question, in bytes.
ATTACHMENT_MAX_SIZE = env.int("ATTACHMENT_MAX_SIZE", 20 * 1024 * 1024)
# The largest file of conversations that can be imported, in bytes.
IMPORT_MAX_SIZE = env.int("IMPORT_MAX_SIZE", 1024 * 1024 * 1024)

# Whether a conversation can be shared with anyone who has its link, and for how many days at most; 0 is for ever.
SHARE_PUBLIC = env.bool("SHARE_PUBLIC", True)
SHARE_LONGEST_DAYS = env.int("SHARE_LONGEST_DAYS", 0)

# The largest request of a program, in bytes: pictures and files travel inside it.
API_MAX_BODY = env.int("API_MAX_BODY", 32 * 1024 * 1024)
# Whose pages may call the API from a browser: "*", or origins such as https://app.example.com.
CORS_ALLOWED_ORIGINS = env.list("CORS_ALLOWED_ORIGINS", default=[])

EMAIL_URL = env.str("EMAIL_URL", "consolemail://")
vars().update(env.email_url_config(EMAIL_URL))
# Without a mail server, mail only appears in the terminal of the site, and pages must not promise any.
SENDS_MAIL = not EMAIL_URL.startswith(("consolemail:", "dummymail:"))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", f"{SITE_NAME} <noreply@localhost>")

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "chat.pages.assets.VersionedStorage"},
}
# Files are served from where they lie, under addresses that change with their content.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_MAX_AGE = 0 if DEBUG else 60 * 60 * 24 * 365
MEDIA_ROOT = DATA_DIR / "media"

LANGUAGE_CODE = "en-us"
TIME_ZONE = env.str("TIME_ZONE", "UTC")
USE_TZ = True
USE_I18N = False

# What `serve` registers as upstreams: {family: {"api_key": …, "base_url": …}} for each family that is set.
# DashScope is the service that answers for Qwen, and gives its name to the key.
ENVIRONMENT_UPSTREAMS = {
    "qwen" if name == "DASHSCOPE" else name.lower(): {"api_key": api_key, "base_url": base_url}
    for name in ("OPENAI", "ANTHROPIC", "GEMINI", "DEEPSEEK", "DASHSCOPE", "COMPATIBLE")
    for api_key, base_url in [(env.str(f"{name}_API_KEY", ""), env.str(f"{name}_BASE_URL", ""))]
    if api_key or base_url
}
if "compatible" in ENVIRONMENT_UPSTREAMS and not ENVIRONMENT_UPSTREAMS["compatible"]["base_url"]:
    raise ImproperlyConfigured("COMPATIBLE_API_KEY is set without COMPATIBLE_BASE_URL.")

# Whether `serve` looks for model servers on this machine: Ollama, LM Studio, llama.cpp, vLLM. What it finds is
# written into the database, and with any but SQLite another machine may be the one that asks there.
DETECT_LOCAL_SERVERS = env.bool("DETECT_LOCAL_SERVERS", DATABASES["default"]["ENGINE"].endswith("sqlite3"))

# Days for which requests are kept in the log, and their bodies where an administrator had these recorded.
# 0 is for ever. What was spent stays counted in balances and on the page of usage.
REQUEST_LOG_DAYS = days("REQUEST_LOG_DAYS", 90)
REQUEST_BODY_DAYS = days("REQUEST_BODY_DAYS", 7)
# With what a collector asks for /metrics, as a Bearer token. Without one only superusers see them.
METRICS_TOKEN = env.str("METRICS_TOKEN", "")

# Seconds: to connect to an upstream, of silence between two bytes, and for a whole answer.
UPSTREAM_CONNECT_TIMEOUT = env.float("UPSTREAM_CONNECT_TIMEOUT", 10)
UPSTREAM_SILENCE_TIMEOUT = env.float("UPSTREAM_SILENCE_TIMEOUT", 180)
UPSTREAM_TOTAL_TIMEOUT = env.float("UPSTREAM_TOTAL_TIMEOUT", 1800)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "WARNING")},
    # A page that does not exist, or a visitor who calls the site by a name that it does not have, is not the
    # operator's concern; what fails on the site is.
    "loggers": {
        "django.request": {"level": "ERROR"},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
    },
}
