"""A person with the contact page open in a browser without scripts, as the tests play them."""

import html
import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation

from channels_app import intake
from channels_app.models import Channel, RawEvent
from conversations.models import Entry
from tests.factories import make_channel

HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
WORDS = {"text": "They are too small.", "name": "Giulia Rossi", "email": "Giulia@Example.test", "order_number": "10433"}


def make_form(**fields: Any) -> Channel:
    """Make a contact page."""
    config = {"takes_files": True, **fields.pop("config", {})}
    return make_channel(name=fields.pop("name", "Form"), kind="webform", config=config, **fields)


def a_file(name: str = "boots.png", content: bytes = PNG) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def file_all() -> Entry:
    """Let the worker have its turn; return the newest entry."""
    for event in RawEvent.objects.filter(state=RawEvent.State.NEW).order_by("pk"):
        intake.process(event.pk)
    return Entry.objects.filter(kind=Entry.Kind.MESSAGE).latest("pk")


@dataclass
class Person:
    """One browser. hidden: what the form that is open carries along without showing it."""

    channel: Channel
    clock: time_machine.Traveller
    language: str = "en"
    hidden: dict[str, list[str]] = field(default_factory=dict)
    client: Client = field(default_factory=lambda: Client(enforce_csrf_checks=True))

    @property
    def place(self) -> str:
        return f"/help/{self.language}/contact/{self.channel.public_key}/"

    def open(self, topic: str = "return", **more: str) -> Any:
        """Open the second step and read what it says, for longer than a program would."""
        # What the page speaks is the page's alone: the desk, in the same thread here, has its own language.
        with translation.override("en"):
            answer = self.client.get(self.place, {"topic": topic, **more})
        self._read(answer)
        self.clock.shift(timedelta(seconds=20))
        return answer

    def send(self, *files: SimpleUploadedFile, **said: Any) -> Any:
        """Fill the form in and press Send."""
        with translation.override("en"):
            answer = self.client.post(self.place, {**self.hidden, **WORDS, **said, "files": list(files)})
        if answer.status_code != 302:
            self._read(answer)
        return answer

    def _read(self, answer: Any) -> None:
        self.hidden = {}
        for name, value in HIDDEN.findall(answer.content.decode()):
            self.hidden.setdefault(name, []).append(html.unescape(value))
