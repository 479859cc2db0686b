"""The one way a change of a setting, and what else administrators must be able to look up, is written down."""

from typing import Any

from agents.models import Agent, AuditRow

HIDDEN = "(hidden)"
SECRET_WORDS = ("password", "secret", "token", "smtp_url", "key")


def changed(by: Agent | None, thing: str, before: dict[str, Any], after: dict[str, Any]) -> None:
    """Record that something changed; values whose names sound secret are not kept.

    thing: what kind, and after a space which one ("company 7"). A row of a customer is named by its number under
    "customer" or "other": whoever looks sees its name if they may.
    """
    AuditRow.objects.create(by=by, thing=thing, before=_hide(before), after=_hide(after))


def _hide(values: dict[str, Any]) -> dict[str, Any]:
    return {k: HIDDEN if any(w in k for w in SECRET_WORDS) else v for k, v in values.items()}
