"""Files as a browser asks for them: shown when their bytes are harmless, in parts, to whoever sees them."""

import pytest
from django.test import Client

from agents.models import Agent
from conversations.models import Attachment, Blob, Conversation, Entry, MessageVersion
from helpdesk.lib import clock
from tests.conversations.files.pictures import picture

pytestmark = pytest.mark.django_db
FILM = b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + bytes(range(256)) * 8


def kept(conversation: Conversation, content: bytes, content_type: str = "image/png", name: str = "a") -> Attachment:
    entry = Entry.objects.filter(conversation=conversation, kind="message").earliest("pk")
    blob = Blob.keep(content)
    return Attachment.objects.create(
        entry=entry, filename=name, content_type=content_type, blob_id=blob, thumbnail_id=blob
    )


def path(file: Attachment, what: str = "media") -> str:
    return f"/attachments/{file.pk}/{what}/"


def test_a_picture_is_shown_and_nothing_in_it_runs(client: Client, agent: Agent, conversation: Conversation) -> None:
    client.force_login(agent)
    answer = client.get(path(kept(conversation, picture(), "text/html")))
    assert (answer.status_code, answer.content) == (200, picture())
    assert answer.headers["Content-Type"] == "image/png" and answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["Content-Disposition"].startswith("inline")


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<html><script>1</script>",
        b"%PDF-1.7",
        b"MZ",
        b"",
    ],
)
def test_all_else_is_a_download(client: Client, agent: Agent, conversation: Conversation, content: bytes) -> None:
    client.force_login(agent)
    file = kept(conversation, content, "image/png", "a.png")
    assert client.get(path(file)).status_code == 404
    answer = client.get(f"/attachments/{file.pk}/")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment") and answer.content == content


@pytest.mark.parametrize(
    ("asked", "status", "expected", "said"),
    [
        ("bytes=0-9", 206, FILM[:10], "bytes 0-9/2072"), ("bytes=2000-", 206, FILM[2000:], "bytes 2000-2071/2072"),
        ("bytes=-5", 206, FILM[-5:], "bytes 2067-2071/2072"), ("bytes=-9999", 206, FILM, "bytes 0-2071/2072"),
        ("bytes=0-99999", 206, FILM, "bytes 0-2071/2072"), ("bytes=2072-", 416, b"", "bytes */2072"),
        ("bytes=-0", 416, b"", "bytes */2072"), ("bytes=5-2", 200, FILM, None), ("bytes=-", 200, FILM, None),
        ("bytes=0-1,5-6", 200, FILM, None), ("lines=0-1", 200, FILM, None), ("bytes=x", 200, FILM, None),
        (f"bytes={'9' * 18}-{'9' * 18}", 416, b"", "bytes */2072"), (f"bytes={'9' * 30}-", 200, FILM, None),
    ],
)  # fmt: skip
def test_a_film_is_given_in_parts(
    client: Client, agent: Agent, conversation: Conversation, asked: str, status: int, expected: bytes, said: str | None
) -> None:
    client.force_login(agent)
    answer = client.get(path(kept(conversation, FILM)), headers={"Range": asked})
    assert (answer.status_code, answer.content, answer.headers.get("Content-Range")) == (status, expected, said)
    assert answer.headers["Content-Type"] == "video/mp4"


@pytest.mark.parametrize("what", ["media", "thumbnail"])
def test_who_may_see_the_message_sees_its_files(
    client: Client, colleague: Agent, outsider: Agent, conversation: Conversation, what: str
) -> None:
    file = kept(conversation, picture())
    assert client.get(path(file, what)).status_code == 302
    client.force_login(outsider)
    assert client.get(path(file, what)).status_code == 404
    client.force_login(colleague)
    assert client.get(path(file, what)).status_code == 200
    Blob.objects.update(scan_state=Blob.Scan.INFECTED)
    assert client.get(path(file, what)).status_code == 404


def test_earlier_versions_are_shown_on_demand(
    client: Client, colleague: Agent, outsider: Agent, conversation: Conversation
) -> None:
    message = Entry.objects.filter(conversation=conversation, kind="message").earliest("pk").message
    MessageVersion.objects.create(message=message, text="<b>First</b> words", at=clock.now())
    address = f"/messages/{message.pk}/versions/"
    assert client.get(address).status_code == 302
    client.force_login(outsider)
    assert client.get(address).status_code == 404
    client.force_login(colleague)
    assert "&lt;b&gt;First&lt;/b&gt; words" in client.get(address).content.decode()
    message.deleted_at = clock.now()
    message.save()
    assert client.get(address).status_code == 404
