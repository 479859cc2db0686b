"""What the logs look like: one line per event, and never a secret or the words of a customer."""

from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

# A log call that passes one of these by mistake must not put it on disk.
SECRET_WORDS = ("password", "secret", "token", "authorization", "cookie", "signature", "api_key")
CONTENT_KEYS = {"body", "text", "html", "subject", "raw"}


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Blank the values whose names say that they are secret or written by a customer."""
    for key in event:
        if key in CONTENT_KEYS or any(word in key.lower() for word in SECRET_WORDS):
            event[key] = "[redacted]"
    return event


def configuration(level: str, *, as_json: bool) -> dict[str, Any]:
    """Return Django's LOGGING and set structlog up to end in the same handler."""
    structlog.configure(
        processors=[*_shared(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": structlog.stdlib.ProcessorFormatter, **_formatter(as_json)}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.server": {"handlers": [], "level": level, "propagate": True},
            # These two print what they carry at lower levels.
            "httpx": {"level": "WARNING"},
            "mail.log": {"level": "WARNING"},
        },
    }


def _formatter(as_json: bool) -> dict[str, Any]:
    renderer: Processor = structlog.processors.JSONRenderer()
    if not as_json:
        renderer = structlog.dev.ConsoleRenderer(colors=False)
    last = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, redact, renderer]
    return {"processors": last, "foreign_pre_chain": _shared()}


def _shared() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        redact,
    ]
