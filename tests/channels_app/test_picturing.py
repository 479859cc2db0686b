"""Pictures that providers tell of people: fetched once, drawn small, kept with the address."""

import io
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from agents.models import Agent, AuditRow, Workspace
from channels_app import learning, picturing
from channels_app.models import Channel
from conversations import people
from conversations.files import drawing
from conversations.merging import merge
from conversations.models import Blob, Picture
from customers.models import Identity
from helpdesk.lib.events import Event, EventFile, EventKind
from helpdesk.lib.inbound import Party
from helpdesk.lib.outbound import Media, MediaGone, ProviderProfile, SendError
from tests.conversations.files.pictures import bomb, picture
from tests.factories import make_agent, make_customer

pytestmark = pytest.mark.django_db
ADA = Party("email", "ada@example.test")
URL = "https://faces.example.test/ada.jpg"


class Teller:
    """A provider that tells a picture with the name."""

    gives: Media | Exception = Media(picture("PNG", (200, 100)))
    asked: list[EventFile]

    def fetch_media(self, channel: Channel, file: EventFile) -> Media:
        self.asked.append(file)
        if isinstance(self.gives, Exception):
            raise self.gives
        return self.gives


@pytest.fixture
def teller(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> Teller:
    found, kind = Teller(), type(channel.adapter)
    found.asked = []
    told = ProviderProfile(name="Ada", picture_url=URL)
    monkeypatch.setattr(kind, "tells_pictures", True)
    monkeypatch.setattr(kind, "profile", lambda self, channel, party: told)
    monkeypatch.setattr(kind, "fetch_media", lambda self, *given: found.fetch_media(*given))
    return found


@pytest.fixture
def ada() -> Identity:
    return make_customer(name="Ada", address=ADA.value).identities.get()


def face(identity: Identity) -> Picture:
    return Picture.objects.create(identity=identity, blob_id=Blob.keep(b"face"))


def test_a_picture_is_fetched_and_kept_as_a_small_square(channel: Channel, teller: Teller, ada: Identity) -> None:
    assert learning.fetch_profile(channel, ADA)
    found = Picture.objects.get(identity=ada)
    small = Image.open(io.BytesIO(bytes(found.blob.content)))
    assert (small.format, small.size, [one.url for one in teller.asked]) == ("WEBP", (96, 96), [URL])
    # The middle was cut out: both halves are there.
    assert small.getpixel((5, 48))[0] > 200 and small.getpixel((90, 48))[2] > 200


@pytest.mark.parametrize(
    "gives",
    [
        MediaGone("gone"), SendError("connection", "silent", retryable=True), Media(b"<html>"), Media(b""),
        Media(bomb()), Media(b"\x89PNG\r\n\x1a\n" + b"\0" * picturing.MAX_BYTES),
    ],
    ids=["gone", "silent", "no picture", "empty", "bomb", "too large"],
)  # fmt: skip
def test_what_is_no_picture_leaves_nothing(channel: Channel, teller: Teller, ada: Identity, gives: Any) -> None:
    teller.gives = gives
    assert not picturing.fetch(channel, ada, ProviderProfile(picture_url=URL))
    assert not Picture.objects.exists() and not Blob.objects.exists()


def test_a_newer_picture_takes_the_place_of_the_old(
    channel: Channel, teller: Teller, ada: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = face(ada).blob_id
    monkeypatch.setattr(drawing, "draw", lambda *what, **how: drawing.Drawn(b"new", 96, 96))
    assert picturing.fetch(channel, ada, ProviderProfile(picture_ref="f-1"))
    assert bytes(Picture.objects.get().blob.content) == b"new" and not Blob.objects.filter(pk=old).exists()


def test_a_workspace_that_wants_none_asks_for_none(channel: Channel, teller: Teller, ada: Identity) -> None:
    Workspace.get()
    Workspace.objects.update(fetches_pictures=False)
    assert not learning.fetch_profile(channel, ADA)
    assert not teller.asked and not Picture.objects.exists()


def test_a_message_with_a_name_asks_for_the_picture(
    channel: Channel, teller: Teller, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[Any] = []
    monkeypatch.setattr(learning, "ring", lambda *args: rung.append(args))
    named = Event(EventKind.MESSAGE, sender_id=ADA.value, sender_name="Ada")
    learning.ask_for_name(channel, named, "filed"), learning.ask_for_name(channel, named, "copy")
    assert len(rung) == 1


def test_it_goes_along_when_people_are_joined_and_comes_back(ada: Identity, agent: Agent) -> None:
    face(ada)
    other, before = make_customer(name="Ada L.", address="other@example.test"), ada.customer
    record = merge.merge(other, before, by=agent)
    assert Picture.objects.get().identity.customer == other
    merge.undo(record, by=agent)
    assert Picture.objects.get().identity.customer == before


def test_an_address_that_is_taken_away_takes_its_picture_along(ada: Identity, agent: Agent) -> None:
    face(ada)
    people.remove_identity(ada, by=agent)
    assert not Picture.objects.exists() and not Blob.objects.exists()


def test_the_panel_shows_it_from_this_desk(client: Client, ada: Identity, agent: Agent) -> None:
    kept = face(ada)
    client.force_login(agent)
    address = f"/customers/{ada.customer_id}/identities/{ada.pk}/picture/"
    page = client.get(f"/customers/{ada.customer_id}/panel/").content.decode()
    assert f'src="{address}?{kept.blob_id[:8]}"' in page
    answer = client.get(address)
    assert (answer.content, answer["Content-Type"], answer["X-Content-Type-Options"]) == (
        b"face", "image/webp", "nosniff"
    )  # fmt: skip
    assert "sandbox" in answer["Content-Security-Policy"] and answer["Cache-Control"].startswith("private")
    stranger = make_customer(name="Stan", address="stan@example.test")
    assert client.get(f"/customers/{stranger.pk}/identities/{ada.pk}/picture/").status_code == 404


def test_an_administrator_switches_it_off(client: Client, agent: Agent) -> None:
    client.force_login(make_agent(name="Alma", role="admin"))
    client.post("/settings/channels/pictures/", {"on": "0"})
    assert not Workspace.get().fetches_pictures
    assert AuditRow.objects.get(thing="channels").after == {"fetches_pictures": False}
    client.force_login(agent)
    assert client.post("/settings/channels/pictures/", {"on": "1"}).status_code == 403
    assert not Workspace.get().fetches_pictures
