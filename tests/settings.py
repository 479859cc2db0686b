"""The product's settings with what tests need: their own servers, a fast hasher, no surroundings."""

import os

from helpdesk import embedded

# The caller's environment must not decide what a test sees.
for name in (
    "SECRET_KEY",
    "ALLOWED_HOSTS",
    "PUBLIC_URL",
    "DEBUG",
    "SMTP_URL",
    "SMTP_LISTEN",
    "LMTP_LISTEN",
    "PRODUCTION",
):
    os.environ.pop(name, None)
    os.environ.pop(f"{name}_FILE", None)

PLACE = embedded.Place(embedded.HOME.dev, os.environ.get("TEST_PLACE", "test"))
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
os.environ["DATABASE_URL"] = os.environ.get("TEST_DATABASE_URL") or PLACE.database_url
os.environ["REDIS_URL"] = os.environ.get("TEST_REDIS_URL") or PLACE.redis_url
os.environ["SECRET_KEY"] = "only-for-tests-" + "0123456789abcdefghijklmnopqrstuvwxyz"
os.environ["PRODUCTION"] = "false"
os.environ["LOG_LEVEL"] = "WARNING"

from helpdesk.settings import *  # noqa: E402, F403
from helpdesk.settings import DATABASES, HUB_PREFIX  # noqa: E402

# Each worker of a parallel run has a database of its own, and so its own corner of Redis.
DATABASES["default"]["NAME"] = f"test_{WORKER}"
HUB_PREFIX = f"{HUB_PREFIX}:{WORKER}"
CELERY_BROKER_TRANSPORT_OPTIONS = {"global_keyprefix": f"{HUB_PREFIX}:", "socket_timeout": 5}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
MEDIA_ROOT = PLACE.dev / "test-media" / WORKER
OUTBOX_DIR = PLACE.dev / "test-outbox" / WORKER
# Tests ask as often as they like; those of the limit set one.
API_REQUESTS_PER_MINUTE = 0
