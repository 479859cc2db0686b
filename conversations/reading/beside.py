"""What stands around a message's words: what it answers, where it is from, what was pressed, who reacted. No markup."""

import json
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from conversations import filling_in
from conversations.models.entry import Entry
from conversations.models.message import Message
from conversations.reading.quoting_sql import quote_of
from conversations.reading.showing import WORDS, text_in, web_in

FIELDS_MAX = 30
# Of an answer to a public comment: who can read it.
READERS = {
    "all": ("globe", gettext_noop("Under the comment, for everybody to read")),
    "them": ("lock", gettext_noop("In a private message")),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A line above the words. link: where it leads outside, '' nowhere; pk: of the entry that it jumps to, 0 none."""

    glyph: str
    words: str
    link: str = ""
    said: str = ""
    pk: int = 0


@dataclass(frozen=True, slots=True)
class Sign:
    """A reaction and whose it is."""

    emoji: str
    who: str
    count: int


@dataclass(frozen=True, slots=True)
class Beside:
    """All that stands around a message's words.

    answers: of a form that is the whole message, by name. form: what was filled in beside the words, with the reference
    that its sender was told. gone: said in place of a deleted text.
    """

    lines: list[Line]
    signs: list[Sign]
    answers: list[tuple[str, str]]
    gone: str = ""
    unsupported: str = ""
    is_edited: bool = False
    form: tuple[tuple[str, str], ...] = ()


def beside(entry: Entry, message: Message) -> Beside:
    """Gather what an entry's data, its quote and its reactions say."""
    if message.deleted_at is not None:
        return Beside([], [], [], gone=_gone(message))
    data: dict[str, Any] = entry.data
    return Beside(
        [*_origin(data), *_quoted(entry, message), *_pressed(data)], _signs(entry, message),
        [] if message.text else _answers(data), unsupported=_unsupported(data), is_edited=message.edited_at is not None,
        form=(*filling_in.shown(data), *((_("Reference"), one) for one in filling_in.references(data)[:1])),
    )  # fmt: skip


def _gone(message: Message) -> str:
    if message.is_inbound and message.deleted_by_id is None:
        return _("The customer deleted this message.")
    return _("This message was removed.")


def _origin(data: dict[str, Any]) -> list[Line]:
    """Say where a message came from, as far as it is not plainly from a chat."""
    lines = []
    if data.get("from") == "provider_app":
        lines.append(Line("out", _("Sent from the provider’s own app")))
    if data.get("read_by") in READERS:
        glyph, words = READERS[data["read_by"]]
        lines.append(Line(glyph, _(words)))
    if data.get("forwarded"):
        lines.append(Line("right", _("Forwarded")))
    product, page = _dict(_dict(data.get("details")).get("product")), _dict(_dict(data.get("details")).get("page"))
    if product:
        named = ", ".join(filter(None, (text_in(product.get("name")), text_in(product.get("price")))))
        lines.append(Line("box", _("Asked about"), web_in(product.get("url")) or web_in(page.get("url")), named))
    elif page:
        lines.append(Line("globe", _("Written on the page"), web_in(page.get("url")), text_in(page.get("title"))))
    comment, referral, story = _dict(data.get("comment")), _dict(data.get("referral")), web_in(data.get("story"))
    if comment:
        post = text_in(comment.get("post"))
        # Some tell the post's words, some its number only.
        lines.append(Line("globe", _("Public comment"), _link(comment, "url", "link"), post if " " in post else ""))
    if referral:
        lines.append(_referral(referral))
    if data.get("event") == "story_mention":
        lines.append(Line("eye", _("Mentions you in a story"), story))
    elif story:
        lines.append(Line("eye", _("Answers a story"), story))
    return lines


def _referral(referral: dict[str, Any]) -> Line:
    headline = text_in(referral.get("headline")) or text_in(referral.get("ad_title"))
    words = _("Came from an ad") if headline or referral.get("ad_id") else _("Came by a link")
    return Line("link", words, _link(referral, "url", "source_url"), headline or text_in(referral.get("ref")))


def _link(told: dict[str, Any], *names: str) -> str:
    return next(filter(None, (web_in(told.get(name)) for name in names)), "")


def _quoted(entry: Entry, message: Message) -> list[Line]:
    quote = quote_of(message)
    if quote is None:
        return []
    who = entry.customer.best_name if quote.is_theirs else quote.who or _("Us")
    said = _("Deleted message") if quote.is_deleted else quote.text or str(WORDS.get(quote.kind, _("No text")))
    return [Line("reply", who, said=said, pk=quote.pk)]


def _pressed(data: dict[str, Any]) -> list[Line]:
    """Say that it was not typed: a payload belongs to a button, or to a form, whose answers are read."""
    payload = data.get("payload")
    is_button = data.get("button") or data.get("event") == "postback"
    is_quick_reply = bool(payload) and not data.get("event") and not _read(payload)
    return [Line("check", _("Pressed a button"))] if is_button or is_quick_reply else []


def _answers(data: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what a form says, where its payload is an object of plain values."""
    plain = (
        (name, value) for name, value in _read(data.get("payload")).items() if isinstance(value, str | int | float)
    )
    return [(str(name)[:80], str(value)[:500]) for name, value in plain if not str(name).startswith("flow_token")][
        :FIELDS_MAX
    ]


def _unsupported(data: dict[str, Any]) -> str:
    if not data.get("unsupported") and data.get("event") not in {"unsupported", "message_error"}:
        return ""
    words, reason = _("Look at it in the provider’s app."), text_in(data.get("unsupported"))
    return f"{words} ({reason})" if reason else words


def _signs(entry: Entry, message: Message) -> list[Sign]:
    """Return each sign once with all whose it is."""
    whose: dict[str, list[str]] = {}
    for one in message.reactions.all():
        whose.setdefault(one.emoji, []).append(_who(entry, one))
    return [Sign(emoji, ", ".join(names), len(names)) for emoji, names in whose.items()]


def _who(entry: Entry, reaction: Any) -> str:
    if reaction.by is not None:
        return str(reaction.by)
    if reaction.identity is None:
        return _("Us")
    if reaction.identity.customer_id == entry.customer_id:
        return entry.customer.best_name
    return str(reaction.identity.label)


def _read(payload: object) -> dict[str, Any]:
    if not isinstance(payload, str) or not payload.startswith("{"):
        return {}
    try:
        return _dict(json.loads(payload))
    except (ValueError, RecursionError):
        return {}


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
