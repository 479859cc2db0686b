"""Plays stories through the product's own doors, each step at the time when it happened."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction

from agents.models import Agent, Team
from channels_app.models import Channel
from conversations import timeline
from conversations.filing import Arrival, file_message
from conversations.locks import lock_customer
from conversations.models import Conversation, Delivery, Entry
from conversations.models.conversation import Topic
from conversations.models.delivery import DeliveryPart
from conversations.models.savedview import SeenMarker
from conversations.models.thread import Thread
from customers.identify import Profile, identify
from customers.models import Customer, Identity
from customers.normalise import normalise
from helpdesk.lib import clock
from helpdesk.lib.inbound import InboundFile, InboundMessage, Party, Proof, Robot
from helpdesk.lib.outbound import Route
from helpdesk.seeds.pictures import boot
from helpdesk.seeds.story import Address, Span, Step, Story

ZONES = {"it": "Europe/Rome", "ro": "Europe/Bucharest", "en": "Europe/London"}
PRIVATE = {"Invoices": "billing"}
MINUTE = timedelta(minutes=1)
# How far an answer came, by the look of its channel; any other: delivered.
ARRIVED = {"email": "sent", "whatsapp": "read", "telegram": "read", "chat": "read"}


@dataclass(frozen=True, slots=True)
class Stage:
    """Who and what a play needs: channels by look, agents by first name, teams by slug."""

    now: datetime
    channels: dict[str, Channel]
    agents: dict[str, Agent]
    teams: dict[str, Team]


@dataclass(slots=True)
class Play:
    """One conversation while it is being played."""

    story: Story
    span: Span
    stage: Stage
    look: str = ""
    thread: Thread | None = None
    conversation: Conversation | None = None

    def step(self, step: Step) -> None:
        """Let one thing happen now."""
        verb = {"reply": self._reply, "lost": self._reply, "note": self._note, "call": self._call}.get(step.what)
        if verb is None:
            self._write(step)
        else:
            self._take()
            verb(step)

    def end(self) -> None:
        """Bring the conversation to the state in which the story leaves it."""
        assert self.conversation is not None
        self._take()
        by = self.stage.agents.get(self.span.owner)
        if self.span.end == "wait":
            self.conversation.wait(by=by)
        elif self.span.end == "resolve":
            self.conversation.resolve(by=by)
        elif self.span.until is not None:
            self.conversation.snooze(by=by, until=self.stage.now + self.span.until)

    def _write(self, step: Step) -> None:
        is_robot = step.what == "robot"
        self.look = self.look if is_robot else step.what
        channel = self.stage.channels[self.look]
        entry, _is_new = file_message(Arrival(channel, self._inbound(step, channel, is_robot), clock.now()))
        self.conversation, self.thread = entry.conversation, entry.message.thread
        self._settle()

    def _inbound(self, step: Step, channel: Channel, is_robot: bool) -> InboundMessage:
        address = next(one for one in self.story.addresses if one.kind == channel.identity_kind)
        is_same = self.thread is not None and self.thread.channel_id == channel.pk
        # A chat has one thread for ever, a mail's thread begins with its conversation.
        key = "" if self.look == "email" else address.value
        return InboundMessage(
            sender=Party(address.kind, address.value, name=self.story.name, as_written=address.value),
            external_id="",
            text=step.words,
            subject=self.span.subject if self.look == "email" else "",
            thread_key=self.thread.external_id if self.thread is not None and is_same else key,
            files=(InboundFile("foto.png", "image/png", boot()),) if step.has_picture else (),
            proof=Proof.TOKEN if is_same else Proof.PROVEN,
            robot=Robot.AUTO_REPLY if is_robot else Robot.NONE,
            language=self.story.language,
        )

    def _settle(self) -> None:
        """Give a new conversation its subject, topic and, where only some may read it, its team."""
        assert self.conversation is not None
        if self.conversation.topic_id is not None:
            return
        topic = Topic.objects.get_or_create(parent=None, name=self.span.topic)[0]
        rows = Conversation.objects.filter(pk=self.conversation.pk)
        rows.update(topic=topic, subject=self.span.subject)
        self.conversation.topic = topic
        if team := PRIVATE.get(self.span.topic):
            owner = self.stage.agents.get(self.span.owner)
            self.conversation.assign(by=self.stage.agents["Sam"], agent=owner, team=self.stage.teams[team])

    def _take(self) -> None:
        """Let the owner take what is nobody's."""
        assert self.conversation is not None
        owner = self.stage.agents.get(self.span.owner)
        self.conversation.refresh_from_db()
        if owner is not None and self.conversation.assignee_id is None:
            self.conversation.take(by=owner)

    def _by(self, step: Step) -> Agent:
        return self.stage.agents[step.who or self.span.owner]

    def _reply(self, step: Step) -> None:
        assert self.conversation is not None and self.thread is not None
        route = Route(self.thread.channel_id, self.thread.identity_id)
        entry = self.conversation.reply(by=self._by(step), text=step.words, to=route)
        state = "failed" if step.what == "lost" else ARRIVED.get(self.look, "delivered")
        error = "The phone was switched off for two days." if step.what == "lost" else ""
        # Within this transaction, so that no sender ever sees them: what is past is not sent today.
        deliveries = Delivery.objects.filter(message_id=entry.pk)
        deliveries.update(state=state, error=error, attempts=1, made_at=clock.now(), sent_at=clock.now())
        DeliveryPart.objects.filter(delivery__in=deliveries).update(state=state, error=error)

    def _note(self, step: Step) -> None:
        assert self.conversation is not None
        self.conversation.note(by=self._by(step), text=step.words)

    def _call(self, step: Step) -> None:
        assert self.conversation is not None
        with lock_customer(self.conversation) as (customer, locked):
            timeline.record(
                timeline.New(
                    kind=Entry.Kind.CALL,
                    customer=customer,
                    conversation=locked,
                    by=self._by(step),
                    data={"text": step.words},
                )
            )


def play(stories: list[Story], stage: Stage) -> None:
    """Let everything happen in the order of time, in one transaction."""
    with transaction.atomic():
        first = Entry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        for at, act in sorted(_acts(stories, stage), key=lambda one: one[0]):
            with clock.at(at):
                act()
        _forget_bells(first, stage)


def _acts(stories: list[Story], stage: Stage) -> Iterator[tuple[datetime, Callable[[], None]]]:
    for story in stories:
        begins = min(span.times(stage.now)[0] for span in story.spans)
        yield begins - MINUTE, partial(_arrive, story)
        for span in story.spans:
            play = Play(story, span, stage)
            times = span.times(stage.now)
            yield from ((at, partial(play.step, step)) for at, step in zip(times, span.steps, strict=True))
            yield min(times[-1] + 2 * MINUTE, stage.now), play.end


def _arrive(story: Story) -> None:
    """Make the customer with all their identities."""
    first, *others = story.addresses
    profile = Profile(name=story.name, language=story.language, display=_display(first))
    identity, _created = identify(first.kind, first.value, profile)
    Customer.objects.filter(pk=identity.customer_id).update(time_zone=ZONES[story.language])
    if first.is_verified:
        Identity.objects.filter(pk=identity.pk).update(verified_at=clock.now())
    Identity.objects.bulk_create(
        Identity(
            customer_id=identity.customer_id,
            kind=one.kind,
            value=normalise(one.kind, one.value),
            display=_display(one),
            verified_at=clock.now() if one.is_verified else None,
        )
        for one in others
    )


def _display(address: Address) -> str:
    return address.value if normalise(address.kind, address.value) != address.value else ""


def _forget_bells(first: int, stage: Stage) -> None:
    """Nobody is notified today of what happened long ago."""
    old = Entry.objects.filter(pk__gt=first, done_at=None, recorded_at__lt=stage.now - timedelta(hours=12))
    old.update(done_at=clock.real())


def remember_reading(agents: list[Agent]) -> None:
    """What is settled has been read by everybody; of the open ones the owner has read some."""
    markers = []
    for row in Conversation.objects.select_related("customer"):
        is_settled = row.status != Conversation.Status.OPEN
        owners = [one for one in agents if one.pk == row.assignee_id and row.pk % 2]
        readers = agents if is_settled else owners
        markers += [SeenMarker(agent=one, conversation=row, seen_seq=row.customer.last_seq) for one in readers]
    SeenMarker.objects.bulk_create(markers)
