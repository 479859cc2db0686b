"""What a played customer can do: the form of "Simulate a customer message", and the event that is made of it."""

import secrets
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from channels_app.adapters._sandbox import Simulator
from channels_app.models import Channel
from channels_app.sandbox import planning, posting, samples
from customers.normalise import normalise
from helpdesk.lib import clock
from helpdesk.lib.events import SAID, Event, EventKind

TEXT = "text"
WORDS: dict[str, Any] = {
    TEXT: _("Text"), "image": _("Photo"), "voice": _("Voice message"), "audio": _("Sound"), "video": _("Video"),
    "file": _("Document"), "sticker": _("Sticker"), "location": _("Place"), "contact": _("Contact card"),
    "edit": _("Change of a message"), "delete": _("Message taken back"), "reaction": _("Reaction"),
    "postback": _("Press of a button"), "form_reply": _("Filled-in form"), "order": _("Order"),
    "story_mention": _("Mention in a story"), "comment": _("Public comment"), "mention": _("Public mention"),
    "opt_in": _("Wants messages"), "opt_out": _("Wants no more messages"), "referral": _("Came by an advertisement"),
    "follow": _("Began to follow"), "unfollow": _("Stopped following"), "unsupported": _("Something unknown"),
    "echo": _("Answer from another program"), "conversation_started": _("Opened the chat"), "join": _("Joined a group"),
    "leave": _("Left a group"), "system": _("Word of the provider"),
}  # fmt: skip
# What a channel plays that its customers do not do by hand.
UNOFFERED = {"status", "handshake", "typing", "ignored", "verify_ping", "test_event"}
ABOUT = {EventKind.EDIT, EventKind.DELETE, EventKind.REACTION}
EMOJI = "👍"
STARTS = {"whatsapp": "+39 02 5550 1420", "phone": "+39 02 5550 1420", "email": "giulia@example.test",
          "line": "U4af4980629555014255501425550142a"}  # fmt: skip
POST, STORY = "sandbox-post-1", "https://files.sandbox.invalid/telaio-sample-photo.png"


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing a customer can do. file: of a message."""

    kind: EventKind
    file: str = ""


class SayingForm(forms.Form):
    """Who does what. about: the message an edit, a reaction or a withdrawal is about."""

    what = forms.ChoiceField(label=_("What happens"))
    sender = forms.CharField(label=_("From"), max_length=200)
    name = forms.CharField(label=_("Name"), max_length=120, required=False)
    text = forms.CharField(label=_("Text"), max_length=4_000, required=False, widget=forms.Textarea(attrs={"rows": 3}))
    about = forms.ChoiceField(
        label=_("About which message"), required=False,
        help_text=_("For a change, a reaction or a message taken back."),
    )  # fmt: skip

    def __init__(self, *args: Any, channel: Channel, simulator: Simulator, **kwargs: Any) -> None:
        said = planning.plan_of(channel).said
        kind = channel.identity_kind
        first = (
            {"sender": said[0]["from"], "name": said[0]["name"]} if said else {"sender": STARTS.get(kind, "guest-1")}
        )
        super().__init__(*args, **{"label_suffix": "", "auto_id": "saying-%s", "initial": first, **kwargs})
        self.channel, self.offered = channel, choices(simulator)
        self.fields["what"].choices = [(name, WORDS.get(name, name.replace("_", " "))) for name in self.offered]  # type: ignore[attr-defined]
        self.fields["about"].choices = _messages(channel, said)  # type: ignore[attr-defined]
        for name, field in self.fields.items():
            field.widget.attrs |= {"class": "input", "autocomplete": "off", "dir": "auto"}
            if name in {"sender", "name"}:
                field.widget.attrs |= {"translate": "no", "spellcheck": "false"}

    def clean_sender(self) -> str:
        """Spell the address as everywhere; a provider's own ids stay as they are."""
        given: str = self.cleaned_data["sender"]
        try:
            return normalise(self.channel.identity_kind, given)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error

    def happen(self) -> None:
        """Let it happen through the provider's door. Raises posting.NotTaken."""
        event = self.event()
        if event.sender_name:
            planning.call_by_name(self.channel, event.sender_id, event.sender_name)
        posting.post(self.channel, event)
        if event.kind in SAID:
            said = {
                "id": event.message_id,
                "from": event.sender_id,
                "name": event.sender_name,
                "words": event.text[:60],
            }
            planning.remember(self.channel, said)

    def event(self) -> Event:
        """Return what was chosen as an event."""
        said = self.cleaned_data
        choice = self.offered[said["what"]]
        is_about, text = choice.kind in ABOUT, said["text"]
        is_reaction, is_comment = (
            choice.kind == EventKind.REACTION,
            choice.kind in {EventKind.COMMENT, EventKind.MENTION},
        )
        return Event(
            choice.kind, sender_id=said["sender"], sender_name=said["name"], message_id=_new_id(),
            conversation_id=POST if is_comment else "", target_id=said["about"] if is_about else "",
            text="" if is_reaction else text or _stand_in(choice), reaction=(text or EMOJI) if is_reaction else "",
            payload=text or "sandbox" if choice.kind == EventKind.POSTBACK else "",
            files=(samples.file_of(choice.file),) if choice.file else (),
            story_url=STORY if choice.kind == EventKind.STORY_MENTION else "", occurred_at=clock.now(),
        )  # fmt: skip


def choices(simulator: Simulator) -> dict[str, Choice]:
    """Return what can be chosen, a message once for each sort of file, in the simulator's order."""
    found: dict[str, Choice] = {}
    for kind in simulator.kinds:
        if kind == EventKind.MESSAGE:
            found[TEXT] = Choice(EventKind.MESSAGE)
            found |= {file: Choice(EventKind.MESSAGE, file) for file in simulator.files}
        elif kind not in UNOFFERED:
            found[kind] = Choice(EventKind(kind))
    return found


def _messages(channel: Channel, said: list[dict[str, str]]) -> list[tuple[str, str]]:
    theirs = [(one["id"], f"{one['name'] or one['from']}: {one['words'] or '…'}") for one in said]
    ours = channel.sandbox_messages.order_by("-pk")[: planning.SAID_MAX]
    return [*theirs, *[(row.external_id, f"→ {row.recipient}: {row.text[:60] or '…'}") for row in ours]]


def _new_id() -> str:
    # Digits: some providers count their messages.
    return str(secrets.randbelow(9 * 10**8) + 10**8)


def _stand_in(choice: Choice) -> str:
    """What is said when nothing was typed; a file needs no words."""
    if choice.file or choice.kind not in SAID | {EventKind.EDIT}:
        return ""
    return str(WORDS[TEXT] if choice.kind == EventKind.MESSAGE else WORDS.get(choice.kind, choice.kind))
