"""Understanding an update of Telegram's Bot API: exactly one thing that happened (Bot API 10, Update, read 2026-11)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from channels_app.adapters._chat.reading import (
    Json,
    ignored,
    joined,
    kept,
    load,
    moment,
    name_of,
    part,
    parts,
    text,
    whole,
    word,
)  # fmt: skip
from channels_app.adapters.telegram import content
from helpdesk.lib.events import Event, EventKind
from helpdesk.lib.inbound import Ignored, Inbound, Party, RawInput

GROUPS = frozenset({"group", "supergroup"})
BUSINESS = "business_connection_id"
GONE = frozenset({"kicked", "left"})
# What is offered to bots and means nothing to a desk.
NOT_WANTED = frozenset(
    {
        "guest_message", "message_reaction_count", "inline_query", "chosen_inline_result", "shipping_query",
        "pre_checkout_query", "purchased_paid_media", "poll", "poll_answer", "chat_join_request", "chat_boost",
        "removed_chat_boost", "managed_bot", "subscription",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Update:
    """An update's content, with what its delivery said."""

    id: str
    name: str
    body: Json
    # ignore, chat, or '' where no channel is asked.
    groups: str = ""


def read(raw: RawInput) -> list[Inbound]:
    """Return what happened. Raises Malformed."""
    given = load(raw)
    number = name_of(given.get("update_id"))
    groups = word(raw.config.get("groups"))
    found: list[Inbound] = []
    for name, body in given.items():
        reader = READERS.get(name)
        if reader is not None and isinstance(body, dict):
            found += reader(Update(number, name, body, groups))
        elif name in NOT_WANTED:
            found.append(ignored(f"Nothing comes of “{name}”.", event_id=number))
    return found or [Ignored("Telegram tells of something that this desk does not know.")]


def _message(update: Update) -> list[Event]:
    """Somebody wrote, to the bot itself or to a business that the bot works for."""
    message, event = update.body, _around(update)
    if _is_unwanted_group(update, event.chat_type):
        return [ignored("Groups are ignored by this channel.", event_id=update.id)]
    if new_chat := name_of(message.get("migrate_to_chat_id")):
        return [_moved(event, new_chat)]
    is_echo = update.name == "business_message" and _is_by_owner(message)
    said = content.read(message)
    if said.is_empty and not said.unknown:
        return [ignored("Nothing was said: the chat itself changed.", event_id=update.id)]
    code = _start_code(said.text) if event.chat_type == "private" else ""
    if code:
        return [replace(event, kind=EventKind.REFERRAL, ref=code)]
    kind = EventKind.UNSUPPORTED if said.is_empty else EventKind.MESSAGE
    event = replace(_with(event, said, update), kind=kind)
    return [_echo(event, EventKind.ECHO) if is_echo else event]


def _edited(update: Update) -> list[Event]:
    event, said = _around(update), content.read(update.body)
    if _is_unwanted_group(update, event.chat_type):
        return [ignored("Groups are ignored by this channel.", event_id=update.id)]
    edited_at = moment(update.body.get("edit_date")) or event.occurred_at
    event = replace(_with(event, said, update), kind=EventKind.EDIT, target_id=event.message_id, occurred_at=edited_at)
    is_echo = update.name == "edited_business_message" and _is_by_owner(update.body)
    return [_echo(event, EventKind.ECHO_EDIT) if is_echo else event]


def _posted(update: Update) -> list[Event]:
    """Something stands in a broadcast channel that the bot looks after."""
    event = _with(_around(update), content.read(update.body), update)
    if update.name == "edited_channel_post":
        return [replace(event, kind=EventKind.CHANNEL_EDIT, target_id=event.message_id)]
    return [replace(event, kind=EventKind.CHANNEL_POST)]


def _deleted(update: Update) -> list[Event]:
    chat = part(update.body.get("chat"))
    listed = update.body.get("message_ids")
    names = tuple(name for one in (listed if isinstance(listed, list) else []) if (name := name_of(one)))
    if not names:
        return [ignored("It does not say what was deleted.", event_id=update.id)]
    return [
        Event(
            kind=EventKind.DELETE, sender_id=name_of(chat.get("id")), conversation_id=name_of(chat.get("id")),
            chat_type=word(chat.get("type")), target_id=names[0] if len(names) == 1 else "",
            target_ids=names if len(names) > 1 else (), event_id=update.id, sender_name=_name(chat),
            details=kept(business_connection_id=update.body.get(BUSINESS)),
        )
    ]  # fmt: skip


def _reacted(update: Update) -> list[Event]:
    """Signs were put on a message or taken away; the lists of before and after are told whole."""
    body, event = update.body, replace(_around(update), kind=EventKind.REACTION, message_id="")
    event = replace(event, target_id=name_of(body.get("message_id")))
    if _is_unwanted_group(update, event.chat_type):
        return [ignored("Groups are ignored by this channel.", event_id=update.id)]
    before, after = _emojis(body.get("old_reaction")), _emojis(body.get("new_reaction"))
    if after:
        # A person has one sign on a message here: the newest, or what is left of several.
        return [replace(event, reaction=([one for one in after if one not in before] or after)[-1])]
    if before:
        return [replace(event, reaction=before[-1], is_removed=True)]
    return [ignored("The sign is one that only Telegram shows.", event_id=update.id)]


def _emojis(listed: object) -> list[str]:
    return [emoji for one in parts(listed) if (emoji := word(one.get("emoji"), 32))]


def _pressed(update: Update) -> list[Event]:
    """A button under a message of ours was pressed; the message may be missing."""
    body, message = update.body, part(update.body.get("message"))
    event = _around(replace(update, body={**message, "from": body.get("from")}))
    if _is_unwanted_group(update, event.chat_type):
        return [ignored("Groups are ignored by this channel.", event_id=update.id)]
    payload = text(body.get("data"), 1_000) or word(body.get("game_short_name"))
    return [
        replace(
            event, kind=EventKind.POSTBACK, message_id=name_of(body.get("id")), payload=payload,
            target_id=event.message_id or name_of(body.get("inline_message_id")), reply_to="",
            text=_title(message, payload), is_forwarded=False, files=(), occurred_at=None,
        )
    ]  # fmt: skip


def _title(message: Json, payload: str) -> str:
    """Return what stood on the button."""
    rows = part(message.get("reply_markup")).get("inline_keyboard")
    buttons = [button for row in (rows if isinstance(rows, list) else []) for button in parts(row)]
    return next((word(one.get("text")) for one in buttons if payload and one.get("callback_data") == payload), "")


def _own_membership(update: Update) -> list[Event]:
    """The bot was blocked or let in again, or came into a group or out of it."""
    event = replace(_around(update), message_id="")
    before = word(part(update.body.get("old_chat_member")).get("status"))
    now = word(part(update.body.get("new_chat_member")).get("status"))
    if not now or now == before:
        return [ignored("The bot's rights changed.", event_id=update.id)]
    if event.chat_type == "private":
        return [replace(event, kind=EventKind.OPT_OUT if now in GONE else EventKind.OPT_IN, status=now)]
    if (now in GONE) == (before in GONE):
        return [ignored("The bot's rights changed.", event_id=update.id)]
    return [replace(event, kind=EventKind.LEAVE if now in GONE else EventKind.JOIN, status=now)]


def _membership(update: Update) -> list[Event]:
    event = _around(update)
    now = word(part(update.body.get("new_chat_member")).get("status"))
    who = part(part(update.body.get("new_chat_member")).get("user"))
    told = {**event.details, **kept(member_id=name_of(who.get("id")), member_name=_name(who))}
    return [replace(event, kind=EventKind.MEMBER_CHANGE, message_id="", status=now, details=told)]


def _business(update: Update) -> list[Event]:
    """A business lets the bot answer in its name, or no more."""
    state = "connected" if update.body.get("is_enabled") else "disconnected"
    told = kept(business_connection_id=update.body.get("id"))
    return [Event(kind=EventKind.ACCOUNT, status=state, event_id=update.id, details=told)]


def _around(update: Update) -> Event:
    """Return what every message has; the kind is the caller's to say."""
    message, chat = update.body, part(update.body.get("chat"))
    sender = part(message.get("from")) or part(message.get("user"))
    # Whoever speaks in the name of a group or a channel.
    sender = sender or part(message.get("sender_chat")) or part(message.get("actor_chat")) or _itself(chat)
    sender_id = name_of(sender.get("id"))
    replied = part(message.get("reply_to_message"))
    return Event(
        kind=EventKind.MESSAGE,
        sender_id=sender_id,
        sender_name=_name(sender),
        conversation_id=name_of(chat.get("id")),
        chat_type=word(chat.get("type")),
        message_id=name_of(message.get("message_id")),
        # In a forum every message "answers" the one that opened the topic.
        reply_to="" if "forum_topic_created" in replied else name_of(replied.get("message_id")),
        is_forwarded=any(name in message for name in ("forward_origin", "forward_from", "forward_date")),
        event_id=update.id,
        occurred_at=_moment(message),
        language=word(sender.get("language_code"), 8),
        # In a group the customer is the group, which has no number.
        aliases=() if word(chat.get("type")) in GROUPS else content.own_number(message, sender_id),
        hints=_hints(message, word(chat.get("type"))),
        details=content.details_of(message),
    )


def _with(event: Event, said: content.Content, update: Update) -> Event:
    """Add what was said; where a whole group is one conversation, with the name of whoever said it."""
    told = {**event.details, **kept(unknown=said.unknown)}
    is_one_of_many = update.groups == "chat" and event.chat_type in GROUPS and event.sender_name and said.text
    words = f"{event.sender_name}: {said.text}" if is_one_of_many else said.text
    return replace(event, text=words, files=said.files, duration_seconds=said.duration_seconds, details=told)


def _hints(message: Json, chat_type: str) -> dict[str, str]:
    """Return what an answer must carry to arrive at the same place."""
    found = {"business": name_of(message.get(BUSINESS))} if message.get(BUSINESS) else {}
    if chat_type in GROUPS:
        found["topic"] = name_of(message.get("message_thread_id")) if message.get("is_topic_message") else ""
    return found


def _moved(event: Event, new_chat: str) -> Event:
    """The group became a supergroup, with another id."""
    alias = Party(kind="telegram", value=new_chat)
    told = {**event.details, "migrate_to_chat_id": new_chat}
    return replace(event, kind=EventKind.SYSTEM, aliases=(alias,), details=told)


def _echo(event: Event, kind: EventKind) -> Event:
    """Turn it round: the business itself wrote, on its phone."""
    return replace(
        event, kind=kind, direction="out", sender_id="", sender_name="", recipient_id=event.conversation_id,
        hints={}, aliases=(), language="",
    )  # fmt: skip


def _is_by_owner(message: Json) -> bool:
    """Whether the business wrote: a private chat bears the customer's id."""
    sender, chat = part(message.get("from")), part(message.get("chat"))
    by_us = bool(message.get("sender_business_bot"))
    return by_us or (bool(sender) and name_of(sender.get("id")) != name_of(chat.get("id")))


def _is_unwanted_group(update: Update, chat_type: str) -> bool:
    return chat_type in GROUPS and update.groups == "ignore"


def _start_code(said: str) -> str:
    """Return the code of a link that opened the chat: `/start code`."""
    command, _, code = said.partition(" ")
    return code.strip()[:64] if command == "/start" else ""


def _itself(chat: Json) -> Json:
    """Return the chat as whoever speaks in it: a person's private one, or a broadcast channel."""
    return chat if word(chat.get("type")) in {"private", "channel"} else {}


def _name(who: Json) -> str:
    return joined(who.get("first_name"), who.get("last_name")) or word(who.get("title")) or word(who.get("username"))


def _moment(message: Json) -> datetime | None:
    # A message that was deleted or is too old says 0.
    return moment(message.get("date")) if whole(message.get("date")) else None


READERS: dict[str, Callable[[Update], list[Event]]] = {
    "message": _message,
    "business_message": _message,
    "edited_message": _edited,
    "edited_business_message": _edited,
    "channel_post": _posted,
    "edited_channel_post": _posted,
    "deleted_business_messages": _deleted,
    "message_reaction": _reacted,
    "callback_query": _pressed,
    "my_chat_member": _own_membership,
    "chat_member": _membership,
    "business_connection": _business,
}
