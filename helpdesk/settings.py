"""The one settings file. Everything that differs between installations comes from the environment, strictly parsed."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from helpdesk import embedded, env, logs, timetable

VERSION = "0.1.0"

# --- Core ---------------------------------------------------------------------------------------------------------

BASE_DIR = Path(__file__).resolve().parent.parent

# Whoever names a key or hosts means it: that is production, where both and the database must be given. With nothing
# set this is a desk on loopback with its own databases (what `serve` starts) and a key it keeps by itself.
PRODUCTION = env.boolean("PRODUCTION", bool(env.text("SECRET_KEY") or env.text("ALLOWED_HOSTS")))
DEBUG = env.boolean("DEBUG", False)
SECRET_KEY = env.text("SECRET_KEY") or ("" if PRODUCTION else env.kept_secret(embedded.HOME.dev / "secret_key"))
if not SECRET_KEY:
    raise env.BadEnvironment("SECRET_KEY", "is missing (or give SECRET_KEY_FILE); a desk cannot run without it")
# Older keys still read what they signed: give the former one here while a new one takes over.
SECRET_KEY_FALLBACKS = env.listing("SECRET_KEY_FALLBACKS")

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
ALLOWED_HOSTS = env.listing("ALLOWED_HOSTS", () if PRODUCTION else LOOPBACK)
if not ALLOWED_HOSTS:
    raise env.BadEnvironment("ALLOWED_HOSTS", "is missing: name the hosts this desk answers for")
PUBLIC_URL = env.origin("PUBLIC_URL", f"https://{ALLOWED_HOSTS[0]}" if PRODUCTION else "http://127.0.0.1:8000")
HTTPS = urlsplit(PUBLIC_URL).scheme == "https"

INSTALLED_APPS = [
    "helpdesk",
    "agents",
    "customers",
    "conversations",
    "channels_app",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "channels",
    "rest_framework",
    "drf_spectacular",
    "django_vite",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
]

MIDDLEWARE = [
    "helpdesk.headers.SecurityHeaders",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "agents.middleware.AgentLanguage",
    "agents.middleware.WithoutNul",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "helpdesk.urls"
ASGI_APPLICATION = "helpdesk.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates", *sorted(BASE_DIR.glob("channels_app/adapters/*/templates"))],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- Database -----------------------------------------------------------------------------------------------------

DATABASE: dict[str, Any] = env.database("DATABASE_URL", "" if PRODUCTION else embedded.HOME.database_url)
DATABASE_POOL_MAX = env.integer("DATABASE_POOL_MAX", 0)
DATABASE_LOCK_SECONDS = env.integer("DATABASE_LOCK_SECONDS", 4, least=1)
DATABASE_STATEMENT_SECONDS = env.integer("DATABASE_STATEMENT_SECONDS", 5, least=1)
DATABASE["OPTIONS"] = {
    # Only statements that ask for it are prepared (helpdesk/lib/sql.py), never the ORM's.
    "prepare_threshold": 1_000_000_000 if env.boolean("DATABASE_PREPARE", True) else None,
    # A server that is away is noticed within seconds, not after the kernel's minutes.
    "connect_timeout": 5,
    "keepalives_idle": 30,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "options": f"-c lock_timeout={DATABASE_LOCK_SECONDS}s -c statement_timeout={DATABASE_STATEMENT_SECONDS}s",
    **DATABASE["OPTIONS"],
}
if DATABASE_POOL_MAX:
    # The web process serves each request from a thread of its own: a pool, not one connection per thread.
    DATABASE["OPTIONS"]["pool"] = {"min_size": 1, "max_size": DATABASE_POOL_MAX, "timeout": 5, "max_idle": 300}
else:
    DATABASE["CONN_MAX_AGE"] = 300
DATABASE["CONN_HEALTH_CHECKS"] = True
DATABASES = {"default": DATABASE}

# Rate limits live in PostgreSQL: emptying Redis must not hand out fresh attempts at a password.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "helpdesk_cache"}}

# --- Redis and Celery ---------------------------------------------------------------------------------------------

REDIS_URL = env.redis_url("REDIS_URL", "" if PRODUCTION else embedded.HOME.redis_url)
# Redis' publish/subscribe knows no database numbers, so two desks on one server are told apart by their database.
HUB_PREFIX = f"telaio:{DATABASE['NAME']}"
REDIS_SOCKET_SECONDS = env.integer("REDIS_SOCKET_SECONDS", 2, least=1)

CELERY_BROKER_URL = env.broker_url(REDIS_URL)
# A worker that lost the broker ends and is started afresh by whoever supervises it, and waits for the broker then:
# one that reconnects may count lost acknowledgements against its prefetch and never take a task again (seen with
# kombu 5.7 when Redis is killed; celery/celery#8030 and its kin).
CELERY_BROKER_CONNECTION_RETRY = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_CONNECTION_TIMEOUT = REDIS_SOCKET_SECONDS
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "global_keyprefix": f"{HUB_PREFIX}:",
    # A job whose worker died comes back after this; the sweeper is faster, so this only bounds the leftovers.
    "visibility_timeout": 600,
    "socket_timeout": REDIS_SOCKET_SECONDS,
    "socket_connect_timeout": REDIS_SOCKET_SECONDS,
    "socket_keepalive": True,
    "health_check_interval": 10,
}
# Tasks only say "look at row N": results are of no use, doubles find the work done, lost ones are swept.
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SOFT_TIME_LIMIT = 90
CELERY_TASK_TIME_LIMIT = 120
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 2000
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 400_000
# Celery would open a connection to the database for each task, which costs more than to file a mail. It is kept, as
# long as CONN_MAX_AGE says and at most for so many tasks; helpdesk/celery.py lets dead ones go.
CELERY_DB_REUSE_MAX = 1000
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_TIMEZONE = "UTC"
CELERY_TASK_DEFAULT_QUEUE = "in"
CELERY_TASK_ROUTES = timetable.routes()
CELERY_BEAT_SCHEDULE = timetable.schedule()
# What may take longer than any other task: it reads one moment of everything, so it cannot be done in pieces.
LONG_TASKS_SECONDS = {"helpdesk.export": 6 * 3600}

# --- Language and time --------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("it", "Italiano"), ("ro", "Română")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True

# --- Files --------------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_BUILT = BASE_DIR / "static" / "dist"
STATICFILES_DIRS = [
    *([STATIC_BUILT] if STATIC_BUILT.is_dir() else []),
    *sorted(BASE_DIR.glob("channels_app/adapters/*/static")),
]
# Vite puts a hash of the content into every name, so the built files are served as they are, for ever.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_IMMUTABLE_FILE_TEST = r"^.+-[0-9A-Za-z_-]{8}\.[a-z0-9.]+$"
DJANGO_VITE = {
    "default": {"dev_mode": False, "manifest_path": STATIC_BUILT / ".vite" / "manifest.json", "static_url_prefix": ""},
}
MEDIA_ROOT = Path(env.text("MEDIA_ROOT") or BASE_DIR / ("media" if PRODUCTION else ".dev/media"))
MEDIA_URL = env.text("MEDIA_URL", "/media/")
# Beside the media, never below: whatever serves those must not serve these.
EXPORT_DIR = Path(env.text("EXPORT_DIR") or BASE_DIR / ("exports" if PRODUCTION else ".dev/exports"))
EXPORT_KEEP_DAYS = env.integer("EXPORT_KEEP_DAYS", 7, least=1)

# --- Signing in ---------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "agents.Agent"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "agents.signin.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
ACCOUNT_TEMPLATE_EXTENSION = "html"
ACCOUNT_RATE_LIMITS = {
    "login": env.text("LOGIN_RATE", "60/m/ip"),
    "login_failed": env.text("LOGIN_FAILED_RATE", "20/10m/ip,5/5m/key"),
    "reset_password": "20/m/ip,5/h/key",
    "reset_password_from_key": "20/m/ip",
    "change_password": "5/m/user",
    "reauthenticate": "10/m/user",
}
# How many reverse proxies stand before the desk: their addresses are not the visitor's.
TRUSTED_PROXIES_COUNT = env.integer("TRUSTED_PROXIES_COUNT", 0)
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES_COUNT
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Telaio"
# Browsers allow passkeys on plain http only for localhost, where the library asks for leave.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS

SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = env.integer("SESSION_DAYS", 14, least=1) * 86_400
CSRF_COOKIE_NAME = "__Host-csrftoken" if HTTPS else "csrftoken"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
LANGUAGE_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"

# --- Headers ------------------------------------------------------------------------------------------------------

SECURE_SSL_REDIRECT = HTTPS and env.boolean("SSL_REDIRECT", True)
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES_COUNT else None
SECURE_HSTS_SECONDS = 63_072_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'"],
        "media-src": ["'self'", "blob:"],
        # Older browsers do not count sockets to one's own host as 'self'.
        "connect-src": ["'self'", PUBLIC_URL.replace("http", "ws", 1)],
        "frame-src": ["'self'"],
        "worker-src": ["'self'"],
        "manifest-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    },
}

# --- Mail ---------------------------------------------------------------------------------------------------------

SMTP_URL = env.text("SMTP_URL")
SMTP_LISTEN = env.address("SMTP_LISTEN")
LMTP_LISTEN = env.address("LMTP_LISTEN")
OUTBOX_DIR = Path(env.text("OUTBOX_DIR") or BASE_DIR / ".dev" / "outbox")
# The desk's own mail to agents (a forgotten password) leaves by the same server as replies.
MAIL = env.mail_server("SMTP_URL")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if SMTP_URL else 'dummy'}.EmailBackend"
EMAIL_HOST, EMAIL_PORT = MAIL.host, MAIL.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = MAIL.user, MAIL.password
EMAIL_USE_TLS, EMAIL_USE_SSL = MAIL.starttls, MAIL.tls
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("MAIL_FROM", f"Telaio <desk@{urlsplit(PUBLIC_URL).hostname}>")

# --- Limits -------------------------------------------------------------------------------------------------------

RAW_KEEP_DAYS = env.integer("RAW_KEEP_DAYS", 90, least=1)
INBOUND_BODY_MAX_BYTES = env.integer("INBOUND_BODY_MAX_BYTES", 25 * 1024 * 1024, least=1024)
INBOUND_ATTEMPTS_MAX = env.integer("INBOUND_ATTEMPTS_MAX", 5, least=1)
BLOB_INLINE_MAX_BYTES = env.integer("BLOB_INLINE_MAX_BYTES", 65_536)
PARSER_TIMEOUT_SECONDS = env.integer("PARSER_TIMEOUT_SECONDS", 10, least=1)
PARSER_MEMORY_BYTES = env.integer("PARSER_MEMORY_BYTES", 512 * 1024 * 1024, least=64 * 1024 * 1024)
PARSER_PARTS_MAX = env.integer("PARSER_PARTS_MAX", 100, least=1)
PARSER_DEPTH_MAX = env.integer("PARSER_DEPTH_MAX", 20, least=1)
PARSER_HEADERS_MAX_BYTES = env.integer("PARSER_HEADERS_MAX_BYTES", 65_536, least=1024)
PARSER_HEADER_MAX_BYTES = env.integer("PARSER_HEADER_MAX_BYTES", 16_384, least=1024)
PARSER_ADDRESSES_MAX = env.integer("PARSER_ADDRESSES_MAX", 200, least=1)
DELIVERY_TIMEOUT_SECONDS = env.integer("DELIVERY_TIMEOUT_SECONDS", 60, least=1)
IMPORT_FILE_MAX_BYTES = env.integer("IMPORT_FILE_MAX_BYTES", 512 * 1024 * 1024, least=1024)
REOPEN_DAYS = env.integer("REOPEN_DAYS", 14)
WEBHOOK_TIMEOUT_SECONDS = env.integer("WEBHOOK_TIMEOUT_SECONDS", 10, least=1)
WEBHOOK_KEEP_DAYS = env.integer("WEBHOOK_KEEP_DAYS", 30, least=4)
UNDO_SEND_SECONDS = env.integer("UNDO_SEND_SECONDS", 10)
# A channel's own host may stand in a private network only if its host:port is listed here.
PRIVATE_HOSTS_ALLOWED = env.addresses("PRIVATE_HOSTS_ALLOWED")
DATA_UPLOAD_MAX_MEMORY_SIZE = INBOUND_BODY_MAX_BYTES
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500

# --- What apps hang in ----------------------------------------------------------------------------------------------

AFTER_ENTRY: tuple[str, ...] = (
    "conversations.known.facts.after_entry",
    "conversations.searching.filling.after_entry",
    "conversations.notify.after_entry",
    "conversations.merging.suggesting.after_entry",
    "conversations.webhooks.noting.after_entry",
)
AGENT_LEFT: tuple[str, ...] = ("conversations.live.kick",)
TEAM_PRIVACY: tuple[str, ...] = ("conversations.seeing_anew_sql.of_team",)
# Each names an agents.settings_pages.SettingsPage, in the order of the index of /settings/.
SETTINGS_PAGES: tuple[str, ...] = (
    "agents.staff.people_views.PAGE",
    "agents.staff.team_views.PAGE",
    "agents.staff.role_views.PAGE",
    "agents.staff.brand_views.PAGE",
    "agents.hours.views.PAGE",
    "channels_app.views.channel.PAGE",
    "customers.views.PAGE",
    "conversations.views.settings.PAGE",
    "conversations.views.notice.PAGE",
    "conversations.views.webhook.PAGE",
    "agents.programs.pages.PAGE",
    "conversations.views.importing.PAGE",
    "helpdesk.exports.views.PAGE",
    "conversations.views.clock.PAGE",
    "conversations.views.audit.PAGE",
)
# Each a function of conversations.searching.search.Group, in the order of the page of /search/.
SEARCH_GROUPS: tuple[str, ...] = (
    "conversations.searching.groups.customers",
    "conversations.searching.groups.conversations",
    "conversations.searching.groups.orders",
    "conversations.searching.groups.messages",
)

# --- API ----------------------------------------------------------------------------------------------------------

API_REQUESTS_PER_MINUTE = env.integer("API_REQUESTS_PER_MINUTE", 600)

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["agents.tokens.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated", "conversations.api.doors.HasScope"],
    "DEFAULT_THROTTLE_CLASSES": ["conversations.api.doors.PerToken"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["conversations.api.parsing.Json"],
    "DEFAULT_SCHEMA_CLASS": "conversations.api.describing.Description",
    "DEFAULT_METADATA_CLASS": None,
    # Its parameters in the address are ours alone: unknown ones are refused.
    "URL_FORMAT_OVERRIDE": None,
    "EXCEPTION_HANDLER": "conversations.api.problems.answer",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Telaio API",
    "VERSION": "1",
    # From 3.1 on a bearer token may name the scopes it needs.
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_NAME_OVERRIDES": {
        "DeliveryStateEnum": "conversations.models.Delivery.State",
        "ChannelStateEnum": "channels_app.models.Channel.State",
        "ConsentStateEnum": "customers.models.Consent.State",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "conversations.api.describing.describe_scopes",
    ],
}

# --- Logging ------------------------------------------------------------------------------------------------------

LOG_LEVEL = env.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))
LOG_JSON = env.boolean("LOG_JSON", PRODUCTION)
LOGGING = logs.configuration(LOG_LEVEL, as_json=LOG_JSON)
