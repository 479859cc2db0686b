"""Speaks to what the fault runner plays: one POST for a message, in pieces, each with its key."""

import json
from typing import TYPE_CHECKING, ClassVar

from django import forms
from django.http import HttpRequest

from channels_app import asking
from channels_app.adapters._base import Adapter
from helpdesk.lib.http import Ask
from helpdesk.lib.inbound import Inbound, InboundMessage, InvalidSignature, Malformed, Party, RawInput
from helpdesk.lib.outbound import Capabilities, Outbound, SendError, Sent, SentPart

if TYPE_CHECKING:
    from channels_app.models import Channel


class ParrotForm(forms.Form):
    """Where messages go."""

    url = forms.URLField()


class ParrotAdapter(Adapter):
    """A provider of messages who is asked by HTTP. People are known by mail addresses, as the runner names them."""

    kind: ClassVar[str] = "parrot"
    label: ClassVar[str] = "Parrot"
    icon: ClassVar[str] = "chat"
    identity_kind: ClassVar[str] = "email"
    capabilities: ClassVar[Capabilities] = Capabilities(
        max_text_characters=1_000, max_files_bytes=0, in_pieces=True, per_second=100
    )
    ConfigForm: ClassVar[type[forms.Form]] = ParrotForm

    def verify(self, request: HttpRequest, channel: "Channel") -> None:
        raise InvalidSignature

    def dedupe_key(self, raw: RawInput) -> str:
        return raw.body.hex()[:200]

    def parse(self, raw: RawInput) -> list[Inbound]:
        try:
            said = json.loads(raw.body)
            sender = Party(kind=self.identity_kind, value=said["from"])
            return [InboundMessage(sender, said["from"], said["text"], thread_key=said["from"])]
        except (ValueError, KeyError, TypeError) as error:
            raise Malformed("This is no message.") from error

    def send(self, channel: "Channel", outbound: Outbound) -> Sent:
        said = json.dumps({"to": outbound.to.value, "text": outbound.text, "key": outbound.piece_key})
        ask = Ask(channel.config["url"], method="POST", body=said.encode(), is_ours=True)
        answer = asking.call(channel, ask, what="send", sends=True)
        if error := asking.passing(answer):
            raise error
        if answer.status != 200:
            raise SendError("rejected_recipient", "There is nobody there.", provider_code=str(answer.status))
        name = str(asking.json_of(answer)["id"])
        return Sent(name, (SentPart(outbound.recipients[0].position, name),))


adapter = ParrotAdapter()
