"""Writing down what somebody sent, as parse.py reads it: stored first, understood later, once however often sent."""

import hashlib
import json
from dataclasses import dataclass

from django.utils.translation import gettext as _

from channels_app import intake
from channels_app.adapters.webform import files, stamping
from channels_app.adapters.webform.adapter import NAME_HEADER
from channels_app.adapters.webform.topics import Topic
from channels_app.models import Channel, RawEvent
from helpdesk.lib import files as kinds


@dataclass(frozen=True, slots=True)
class Said:
    """A form that was looked at. nonce: of the form that it was written in."""

    nonce: str
    topic: Topic
    answers: dict[str, str]
    text: str
    name: str
    email: str
    language: str
    chosen: list[files.Chosen]
    suspicion: str = ""

    @property
    def digest(self) -> str:
        """Name the message: the same for the same words in the same form, another for words that were changed."""
        said = [
            self.nonce, self.topic.name, self.answers, self.text, self.name, self.email,
            [[one.name, one.sha256] for one in self.chosen],
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def is_kept(channel: Channel, said: Said) -> bool:
    """Whether this very message came before: it costs nobody one of those that they may send."""
    return RawEvent.objects.filter(channel=channel, dedupe_key=said.digest).exists()


def keep(channel: Channel, said: Said) -> str:
    """Store a message; return the number by which its sender can name it. Raises DatabaseError, intake.TooBig."""
    reference = stamping.reference(said.digest)
    body = {
        "id": said.digest[:40],
        "topic": said.topic.name,
        "answers": said.answers,
        "text": said.text,
        "name": said.name,
        "email": said.email,
        "language": said.language,
        "subject": f"{_(said.topic.label)} ({reference})",
        "reference": reference,
        "suspicion": said.suspicion,
        "files": [
            {"ref": one.key, "name": one.name, "mime": one.mime, "size": one.size, "type": kinds.kind_of(one.mime)}
            for one in said.chosen
        ],
    }
    files.name(channel, said.chosen)
    headers = {"content-type": "application/json", NAME_HEADER: said.digest}
    intake.store(channel, body=json.dumps(body).encode(), headers=headers)
    return reference
