"""Logs say what happened, never what was said."""

import logging
import logging.config

import pytest
import structlog

from helpdesk import logs


@pytest.mark.parametrize("key", ["password", "api_token", "Authorization", "smtp_password", "body", "subject", "html"])
def test_secrets_and_words_are_blanked(key: str) -> None:
    event = logs.redact(None, "info", {"event": "kept", key: "hunter2"})
    assert event == {"event": "kept", key: "[redacted]"}


def test_numbers_and_ids_stay() -> None:
    assert logs.redact(None, "info", {"channel": 7, "seconds": 2.5}) == {"channel": 7, "seconds": 2.5}


def test_lines_of_the_standard_library_are_redacted_too() -> None:
    formatter = logging.Formatter()
    shape = logs.configuration("INFO", as_json=True)["formatters"]["lines"]
    formatter = structlog.stdlib.ProcessorFormatter(
        processors=shape["processors"], foreign_pre_chain=shape["foreign_pre_chain"]
    )
    record = logging.LogRecord("some", logging.INFO, "", 0, "said", (), None)
    record.password = "hunter2"
    assert "hunter2" not in formatter.format(record)
