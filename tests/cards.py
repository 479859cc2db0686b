"""A channel of no provider whose messages leave in pieces, for tests: cards are kept in a list."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import ClassVar

from channels_app import adapters
from channels_app.adapters._base import Adapter
from channels_app.models import Channel
from conversations import timeline
from conversations.models import Conversation
from customers.identify import Profile, identify
from helpdesk.lib import clock
from helpdesk.lib.inbound import Party
from helpdesk.lib.outbound import Capabilities, FileRule, Outbound, SendError, Sent, SentPart
from tests import factories, paper

ABLE = Capabilities(
    max_text_characters=40,
    max_files_bytes=1_000_000,
    undo_seconds=10,
    in_pieces=True,
    max_caption_characters=20,
    file_rules=(FileRule("image", 100, ("image/png",)), FileRule("audio", 100)),
    reply_window_hours=24,
    has_templates=True,
    has_reactions=True,
    has_edits=True,
    has_deletes=True,
    has_quotes=True,
    quick_replies=3,
    has_typing=True,
    has_read_receipts=True,
    per_second=1_000,
)


@dataclass
class Box:
    """The provider: what it took, and what it says at which number of call (from 0). before: runs before it answers."""

    taken: list[Outbound] = field(default_factory=list)
    asked: int = 0
    fails: dict[int, SendError] = field(default_factory=dict)
    before: Callable[[Outbound], None] | None = None
    aliases: tuple[Party, ...] = ()
    acts: list[tuple[str, ...]] = field(default_factory=list)
    fails_acts: SendError | None = None

    def take(self, outbound: Outbound) -> Sent:
        """Accept one card, or raise."""
        number, self.asked = self.asked, self.asked + 1
        if self.before is not None:
            self.before(outbound)
        if number in self.fails:
            raise self.fails[number]
        self.taken.append(outbound)
        name = f"card-{outbound.piece_key}"
        return Sent(name, (SentPart(outbound.recipients[0].position, name),), self.aliases)

    def act(self, *said: str) -> None:
        """Note a reaction, an edit, a deletion; or raise."""
        if self.fails_acts is not None:
            raise self.fails_acts
        self.acts.append(said)


class CardsAdapter(Adapter):
    """Sends cards."""

    kind: ClassVar[str] = "cards"
    label: ClassVar[str] = "Cards"
    icon: ClassVar[str] = "chat"
    identity_kind: ClassVar[str] = "other"
    capabilities: ClassVar[Capabilities] = ABLE
    ConfigForm = paper.PaperConfig

    def __init__(self) -> None:
        self.box, self.able = Box(), ABLE

    def capabilities_of(self, channel: Channel) -> Capabilities:
        return self.able

    def send(self, channel: Channel, outbound: Outbound) -> Sent:
        return self.box.take(outbound)

    def react(self, channel: Channel, party: Party, external_id: str, emoji: str) -> None:
        self.box.act("react", party.value, external_id, emoji)

    def edit(self, channel: Channel, party: Party, external_id: str, text: str) -> None:
        self.box.act("edit", party.value, external_id, text)

    def withdraw(self, channel: Channel, party: Party, external_id: str) -> None:
        self.box.act("withdraw", party.value, external_id)

    def hide(self, channel: Channel, external_id: str, *, is_hidden: bool) -> None:
        self.box.act("hide" if is_hidden else "show", external_id)

    def typing(self, channel: Channel, party: Party, external_id: str) -> None:
        self.box.act("typing", party.value, external_id)

    def mark_read(self, channel: Channel, party: Party, external_id: str) -> None:
        self.box.act("mark_read", party.value, external_id)


adapter = CardsAdapter()
adapters.all().setdefault("cards", adapter)


def empty() -> Box:
    """Begin anew: nothing taken, everything possible."""
    adapter.box, adapter.able = Box(), ABLE
    return adapter.box


def can(**changes: object) -> None:
    """Change what the channel can do, until `empty`."""
    adapter.able = replace(adapter.able, **changes)  # type: ignore[arg-type]


def make_comment(**fields: object) -> Conversation:
    """Let somebody write a card that hangs in public; no window is open."""
    conversation = make_conversation(**fields)  # type: ignore[arg-type]
    conversation.threads.update(kind="comment")
    entry = conversation.entries.get()
    timeline.touch(entry, data={**entry.data, "event": "comment", "comment": {"post": "post-1"}})
    return conversation


def make_conversation(*, value: str = "giulia.t", **fields: object) -> Conversation:
    """Let somebody write a card; their window is open."""
    channel = factories.make_channel(kind="cards", **fields)
    identify("other", value, Profile(name="Giulia Tedesco"))
    inbound = replace(
        factories.make_inbound(address="giulia@example.test", thread_key=value, external_id=f"in-{channel.pk}-{value}"),
        sender=Party(kind="other", value=value),
    )
    conversation = factories.receive(channel=channel, inbound=inbound).conversation
    assert conversation is not None
    conversation.threads.update(last_in_at=clock.now())
    return conversation
