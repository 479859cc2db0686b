"""Which channels there are: made, changed, paused, given new keys and removed by administrators; each audited.

Of an account the audit rows keep what is no secret, and of secrets that they were replaced.
"""

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django import forms
from django.db import transaction
from django.db.models import ProtectedError

from agents import audit, timing
from agents.models import Agent, Brand, Calendar, Team, Workspace
from channels_app import adapters
from channels_app.models import Channel, new_public_key
from conversations.files import bytes_of
from helpdesk.lib import clock, crypto

THING = "channels"
OVERLAP = timedelta(hours=24)
VERIFY_TOKEN = "verify_token"


class Refused(ValueError):
    """It cannot be so now: taken (the name), played (no sandboxes here), used (something was said through it)."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an administrator asks for. account: the values of the kind's form, secrets included."""

    name: str
    brand: Brand
    team: Team | None = None
    is_sandbox: bool = False
    join_unproven: bool = False
    trusted_authserv: str = ""
    account: dict[str, Any] = field(default_factory=dict)
    calendar: Calendar | None = None


def make(kind: str, wanted: Wanted, *, by: Agent) -> Channel:
    """Make a channel, with a verify token where its provider asks for one. Raises Refused, KeyError."""
    adapter = adapters.get(kind)
    with transaction.atomic():
        row = Channel(kind=kind)
        token = {VERIFY_TOKEN: new_token()} if adapter.has_verify_token else {}
        _fill(row, wanted, {**token, **wanted.account})
        row.save()
        audit.changed(by, THING, {}, {"channel": row.name, "kind": row.kind, **_said(row)})
        return row


def change(channel: Channel, wanted: Wanted, *, by: Agent) -> None:
    """Change what a channel is; what its adapter keeps in the account beside the form stays. Raises Refused."""
    with transaction.atomic():
        row = _locked(channel)
        before, kept = _said(row), account_of(row)
        _fill(row, wanted, {**kept, **wanted.account})
        row.save(update_fields=[
            "name", "brand", "default_team", "is_sandbox", "join_unproven", "trusted_authserv", "sealed_config",
            "address", "look", "calendar",
        ])  # fmt: skip
        after, replaced = _said(row), _replaced(row, kept)
        if before != after or replaced:
            more = {"replaced": replaced} if replaced else {}
            audit.changed(by, THING, {"channel": channel.name, **before}, {"channel": row.name, **after, **more})


def pause(channel: Channel, *, by: Agent) -> None:
    """Let nothing leave through it until it is resumed; what waits is kept. What comes is taken."""
    _move(channel, Channel.State.PAUSED, by)


def resume(channel: Channel, *, by: Agent) -> None:
    """Let what waits leave."""
    _move(channel, Channel.State.ACTIVE, by)


def forget_warnings(channel: Channel) -> None:
    """Take away what the provider warned of: somebody has seen it. The channel's log keeps it."""
    with transaction.atomic():
        row = _locked(channel)
        row.health = {name: value for name, value in row.health.items() if name != "warnings"}
        row.save(update_fields=["health"])


def remove(channel: Channel, *, by: Agent) -> None:
    """Delete it. Raises Refused when something came or went through it: then it can only be paused."""
    try:
        with transaction.atomic():
            row = _locked(channel)
            audit.changed(by, THING, {"channel": row.name, "kind": row.kind, **_said(row)}, {"act": "removed"})
            left = list(row.uploads.values_list("blob_id", flat=True))
            row.delete()
            bytes_of.forget_unused(left)
    except ProtectedError as error:
        raise Refused("used") from error


def fetch_pictures(*, is_on: bool, by: Agent) -> None:
    """Say whether providers are asked for pictures of who writes from now on; those that are here stay."""
    with transaction.atomic():
        row = Workspace.objects.select_for_update(no_key=True).get(pk=Workspace.get().pk)
        if row.fetches_pictures != is_on:
            Workspace.objects.filter(pk=row.pk).update(fetches_pictures=is_on)
            audit.changed(by, THING, {"fetches_pictures": row.fetches_pictures}, {"fetches_pictures": is_on})


def is_used(channel: Channel) -> bool:
    """Whether something came or went through it."""
    return any(rows.exists() for rows in (channel.raw_events, channel.threads, channel.deliveries))


def roll_key(channel: Channel, *, by: Agent, overlaps: bool) -> None:
    """Give it another address on the web; with overlap the former one is answered too, for a day."""
    with transaction.atomic():
        row = _locked(channel)
        row.former_key = row.public_key if overlaps else ""
        row.former_key_until = clock.real() + OVERLAP if overlaps else None
        row.public_key = new_public_key()
        row.save(update_fields=["public_key", "former_key", "former_key_until"])
        audit.changed(by, THING, {"channel": row.name}, {"act": "address rolled", "overlaps": overlaps})


def roll_token(channel: Channel, *, by: Agent) -> None:
    """Give it another verify token; it counts when a provider calls for the first time, so there is no overlap."""
    with transaction.atomic():
        row = _locked(channel)
        row.config = {**account_of(row), VERIFY_TOKEN: new_token()}
        row.save(update_fields=["sealed_config", "address", "look"])
        audit.changed(by, THING, {"channel": row.name}, {"act": "verify token rolled"})


def account_of(channel: Channel) -> dict[str, Any]:
    """Return the account in clear; nothing of one that was sealed with another SECRET_KEY."""
    try:
        return channel.config
    except crypto.Unreadable:
        return {}


def secret_names(form: type[forms.Form]) -> set[str]:
    """Name the fields of an account that are never shown again."""
    return {name for name, one in form.base_fields.items() if isinstance(one.widget, forms.PasswordInput)}


def new_token() -> str:
    """Return a token for a provider to say: letters and digits, which every provider takes."""
    return secrets.token_hex(20)


def _move(channel: Channel, state: str, by: Agent) -> None:
    with transaction.atomic():
        row = _locked(channel)
        if row.state == state:
            return
        audit.changed(by, THING, {"channel": row.name, "state": row.state}, {"channel": row.name, "state": state})
        row.state, row.down_since, row.down_reason = state, None, ""
        row.save(update_fields=["state", "down_since", "down_reason"])


def _fill(row: Channel, wanted: Wanted, account: dict[str, Any]) -> None:
    if Channel.objects.filter(name__iexact=wanted.name).exclude(pk=row.pk).exists():
        raise Refused("taken")
    if wanted.is_sandbox and not row.is_sandbox and not timing.may_play():
        raise Refused("played")
    row.name, row.brand, row.default_team = wanted.name, wanted.brand, wanted.team
    row.is_sandbox, row.join_unproven = wanted.is_sandbox, wanted.join_unproven
    row.trusted_authserv, row.calendar = wanted.trusted_authserv, wanted.calendar
    row.config = account


def _said(row: Channel) -> dict[str, Any]:
    """Return what an audit row may keep of a channel."""
    hidden = secret_names(row.adapter.ConfigForm) | {VERIFY_TOKEN}
    shown = row.adapter.ConfigForm.base_fields.keys() - hidden
    account = {name: value for name, value in account_of(row).items() if name in shown and value not in ("", None)}
    return {
        "brand": row.brand.name, "team": row.default_team.name if row.default_team else "",
        "is_sandbox": row.is_sandbox, "join_unproven": row.join_unproven,
        "trusted_authserv": row.trusted_authserv, "account": account,
        "calendar": row.calendar.name if row.calendar else "",
    }  # fmt: skip


def _replaced(row: Channel, before: dict[str, Any]) -> list[str]:
    now = account_of(row)
    return sorted(one for one in secret_names(row.adapter.ConfigForm) if now.get(one, "") != before.get(one, ""))


def _locked(channel: Channel) -> Channel:
    return Channel.objects.select_for_update(no_key=True, of=("self",)).get(pk=channel.pk)
