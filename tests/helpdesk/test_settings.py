"""What stops the start, said in one sentence with the variable's name."""

import os
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from helpdesk import checks
from helpdesk.embedded import PROJECT

PRODUCTION = {
    "SECRET_KEY": "b9Z3nKq7-Xw0vR5tYs8uJ2hLmP4cFgDa6eTiOoNlVkQ1xWrSyBzCjHd",
    "ALLOWED_HOSTS": "desk.example.test",
    "DATABASE_URL": "postgresql://desk:db-secret@localhost/desk",
    "REDIS_URL": "redis://localhost:6379/0",
}


def check(*arguments: str, **given: str) -> subprocess.CompletedProcess[str]:
    """Run `manage.py check` in an environment of its own."""
    env = {"PATH": os.defpath, "DJANGO_SETTINGS_MODULE": "helpdesk.settings"} | given
    command = [sys.executable, "manage.py", "check", *arguments]
    return subprocess.run(command, cwd=PROJECT, env=env, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("DEBUG", {"DEBUG": "maybe"}),
        ("UNDO_SEND_SECONDS", {"UNDO_SEND_SECONDS": "ten"}),
        ("SECRET_KEY", {"PRODUCTION": "true"}),
        ("ALLOWED_HOSTS", PRODUCTION | {"ALLOWED_HOSTS": ""}),
        ("DATABASE_URL", PRODUCTION | {"DATABASE_URL": ""}),
        ("REDIS_URL", PRODUCTION | {"REDIS_URL": ""}),
    ],
)
def test_wrong_variable_stops_the_start_by_name(name: str, given: dict[str, str]) -> None:
    result = check(**given)
    assert result.returncode == 1
    assert result.stderr.startswith(f"telaio: {name}: ")
    assert len(result.stderr.splitlines()) == 1


def test_unsafe_production_stops_the_start_and_names_all() -> None:
    result = check(**PRODUCTION | {"DEBUG": "true", "SECRET_KEY": "short"})
    assert result.returncode == 1
    assert [line.split(":")[:2] for line in result.stderr.splitlines()] == [
        ["telaio", " DEBUG"],
        ["telaio", " SECRET_KEY"],
        ["telaio", " SECRET_KEY"],
    ]


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("DEBUG", {"DEBUG": True}),
        ("ALLOWED_HOSTS", {"ALLOWED_HOSTS": ["desk.example.test", "*"]}),
        ("SECRET_KEY", {"SECRET_KEY": "only-40-characters-and-not-one-of-them-x"}),
        ("SECRET_KEY", {"SECRET_KEY": "abc" * 30}),
        ("PUBLIC_URL", {"PUBLIC_URL": "http://desk.example.test", "HTTPS": False}),
    ],
)
def test_dangerous_setting_is_refused_by_name(settings: Any, name: str, changes: dict[str, Any]) -> None:
    for setting, value in (
        {"PRODUCTION": True, "SECRET_KEY": PRODUCTION["SECRET_KEY"], "HTTPS": True} | changes
    ).items():
        setattr(settings, setting, value)
    assert [sentence.split(":")[0] for sentence in checks.unsafe()] == [name]
    with pytest.raises(ImproperlyConfigured, match=f"^{name}: "):
        checks.refuse_unsafe()


def test_places_that_break_on_purpose_are_refused_in_production() -> None:
    result = check(**PRODUCTION | {"TESTING_FAILPOINTS": "1"})
    assert result.returncode == 1
    assert result.stderr.startswith("telaio: TESTING_FAILPOINTS: ")


def test_plain_http_on_this_machine_is_allowed(settings: Any) -> None:
    settings.PRODUCTION, settings.SECRET_KEY = True, PRODUCTION["SECRET_KEY"]
    settings.HTTPS, settings.PUBLIC_URL = False, "http://localhost:8000"
    assert checks.unsafe() == []


def test_production_passes_the_deployment_checks() -> None:
    result = check("--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert (result.returncode, result.stderr.count("WARNING")) == (0, 0), result.stderr


def test_debug_is_off_unless_asked_for() -> None:
    assert settings.DEBUG is False


def test_celery_is_made_durable() -> None:
    assert settings.CELERY_TASK_ACKS_LATE
    assert settings.CELERY_TASK_REJECT_ON_WORKER_LOST
    assert settings.CELERY_WORKER_PREFETCH_MULTIPLIER == 1
    assert settings.CELERY_TASK_SOFT_TIME_LIMIT < settings.CELERY_TASK_TIME_LIMIT
    assert settings.CELERY_TASK_TIME_LIMIT < 600


def test_scheduled_work_expires_within_its_period() -> None:
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        assert entry["options"]["expires"] <= entry["schedule"]
