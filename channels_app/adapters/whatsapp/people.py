"""Who somebody is on WhatsApp: a number, an id within our business (BSUID), or both. Pure.

People may take a user name and hide their number; then `from` and `wa_id` are absent and only the BSUID comes
(provider documentation, read 2026-11). What came together belongs to one person.
"""

import re
from dataclasses import dataclass, field

from channels_app.adapters._meta.reading import Json, dicts, mapping, text
from helpdesk.lib.inbound import Party

KIND = "whatsapp"
# The realm of BSUIDs: they are no numbers, and never written like one.
BSUID = "bsuid"
_BSUID = re.compile(r"[A-Z]{2}\.(?:[A-Z]+\.)?[A-Za-z0-9]{1,128}")


def is_bsuid(value: str) -> bool:
    """Whether it is an id within a business and no number."""
    return bool(_BSUID.fullmatch(value))


def party(value: str, name: str = "") -> Party:
    """Write a number or a BSUID as an address; a number with its plus sign."""
    if not value:
        return Party(KIND, "", name=name)
    if value.isascii() and value.isdigit():
        return Party(KIND, f"+{value}", name=name)
    return Party(KIND, value, realm=BSUID if is_bsuid(value) else "", name=name)


def parties(*values: str) -> tuple[Party, ...]:
    """Write several, without the empty and the doubled."""
    return tuple(party(value) for value in dict.fromkeys(values) if value)


@dataclass(frozen=True, slots=True)
class Person:
    """A sender: the number if it came, else the BSUID; the rest as aliases."""

    id: str
    name: str = ""
    username: str = ""
    aliases: tuple[Party, ...] = ()


@dataclass(slots=True)
class People:
    """The address cards of one change. They belong to messages by their ids, never by their place."""

    value: Json
    cards: list[Json] = field(init=False)

    def __post_init__(self) -> None:
        self.cards = dicts(self.value.get("contacts"))

    def sender(self, item: Json, number_key: str, user_key: str) -> Person:
        """Say who an item is from, by its number and its BSUID."""
        number, user = text(item.get(number_key)), text(item.get(user_key))
        card = self._card(number, user)
        number = number or text(card.get("wa_id"))
        profile = mapping(card.get("profile"))
        ids = [number, user, text(card.get("user_id")), text(card.get("parent_user_id"))]
        ids += [text(item.get("parent_user_id"))]
        found = next((one for one in ids if one), "")
        return Person(
            id=found,
            name=text(profile.get("name"))[:200],
            username=text(profile.get("username"))[:200],
            aliases=parties(*[one for one in ids if one != found]),
        )

    def aliases(self, number: str, user: str) -> tuple[Party, ...]:
        """Return what else is known of somebody who has this number or this BSUID."""
        card = self._card(number, user)
        ids = [text(card.get(key)) for key in ("wa_id", "user_id", "parent_user_id")]
        return parties(*[one for one in [user, *ids] if one != number])

    def _card(self, number: str, user: str) -> Json:
        for card in self.cards:
            pairs = ((number, text(card.get("wa_id"))), (user, text(card.get("user_id"))))
            if any(one and one == other for one, other in pairs):
                return card
        # Nobody is named in the message itself: one card is whoever wrote.
        return self.cards[0] if len(self.cards) == 1 and not number and not user else {}
