"""A kind of channel for `bench send`: as little as an adapter can be, and a real request for each message.

Whoever imports it knows the kind; the desk itself does not.
"""

import json
from typing import TYPE_CHECKING, ClassVar

from django import forms
from django.http import HttpRequest

from channels_app import adapters, asking
from channels_app.adapters._base import Adapter
from helpdesk.lib.http import Ask
from helpdesk.lib.inbound import Inbound, InboundMessage, InvalidSignature, Malformed, Party, RawInput
from helpdesk.lib.outbound import Capabilities, Outbound, SendError, Sent, SentPart

if TYPE_CHECKING:
    from channels_app.models import Channel

KIND = "courier"


class CourierForm(forms.Form):
    """Where messages go."""

    url = forms.URLField()


class CourierAdapter(Adapter):
    """POSTs each message as JSON and takes the answer's id."""

    kind: ClassVar[str] = KIND
    label: ClassVar[str] = "Courier"
    icon: ClassVar[str] = "sms"
    identity_kind: ClassVar[str] = "other"
    capabilities: ClassVar[Capabilities] = Capabilities(
        max_text_characters=1_000, max_files_bytes=0, in_pieces=True, per_second=1_000
    )
    ConfigForm: ClassVar[type[forms.Form]] = CourierForm

    def verify(self, request: HttpRequest, channel: "Channel") -> None:
        """Let nobody in: the bench stores what it wants."""
        raise InvalidSignature

    def dedupe_key(self, raw: RawInput) -> str:
        """Name a delivery by its bytes."""
        return raw.body.hex()[:200]

    def parse(self, raw: RawInput) -> list[Inbound]:
        """Read {"from", "text"}."""
        try:
            said = json.loads(raw.body)
            sender = Party(kind=self.identity_kind, value=said["from"])
            return [InboundMessage(sender, said["from"], said["text"], thread_key=said["from"])]
        except (ValueError, KeyError, TypeError) as error:
            raise Malformed("This is no message.") from error

    def send(self, channel: "Channel", outbound: Outbound) -> Sent:
        """Ask, and be told an id."""
        said = json.dumps({"to": outbound.to.value, "text": outbound.text, "key": outbound.piece_key})
        ask = Ask(channel.config["url"], method="POST", body=said.encode(), is_ours=True, timeout_seconds=12)
        answer = asking.call(channel, ask, what="send", sends=True)
        if error := asking.passing(answer):
            raise error
        if answer.status != 200:
            raise SendError("rejected_content", "It was refused.", provider_code=str(answer.status))
        name = str(asking.json_of(answer)["id"])
        return Sent(name, (SentPart(outbound.recipients[0].position, name),))


adapter = CourierAdapter()
adapters.all().setdefault(KIND, adapter)
