"""A message's frame, files and original: headers that keep a stranger's content from running."""

import pytest
from django.test import Client

from agents.models import Agent
from channels_app.models import Channel
from conversations.models import Attachment, Conversation, Message
from helpdesk.lib.inbound import InboundFile
from tests import factories

HTML = '<p>Hello <img data-cid="pic@x"><img data-remote="https://pics.example.test/a.png"></p>'


@pytest.fixture
def mail(channel: Channel, conversation: Conversation) -> Message:
    """A mail with HTML, an inline picture and a file."""
    files = (
        InboundFile("p.png", "image/png", b"\x89PNG\r\n", is_inline=True, content_id="pic@x"),
        InboundFile('fattura "è".html', "text/html", b"<script>alert(1)</script>"),
    )
    inbound = factories.make_inbound(address="giulia@example.test", html=HTML, files=files, has_remote_images=True)
    return factories.receive(channel=channel, inbound=inbound).message


def test_the_frame_runs_nothing_and_loads_nothing_from_elsewhere(client: Client, agent: Agent, mail: Message) -> None:
    client.force_login(agent)
    response = client.get(f"/messages/{mail.pk}/body/", headers={"Sec-Fetch-Dest": "iframe"})
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:;")
    assert policy.endswith("sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox")
    assert "allow-scripts" not in policy and response.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_the_frame_has_its_own_pictures_and_no_remote_ones(client: Client, agent: Agent, mail: Message) -> None:
    client.force_login(agent)
    text = client.get(f"/messages/{mail.pk}/body/").content.decode()
    picture = Attachment.objects.get(content_id="pic@x")
    assert f'src="/messages/{mail.pk}/inline/{picture.pk}/"' in text
    assert 'src="https:' not in text and f'src="/messages/{mail.pk}/image/' not in text


def test_remote_pictures_come_through_us_after_consent(client: Client, agent: Agent, mail: Message) -> None:
    client.force_login(agent)
    assert f'src="/messages/{mail.pk}/image/0/"' in client.get(f"/messages/{mail.pk}/body/?images=1").content.decode()


def test_a_frame_opened_as_a_page_is_absent(client: Client, agent: Agent, mail: Message) -> None:
    client.force_login(agent)
    assert client.get(f"/messages/{mail.pk}/body/", headers={"Sec-Fetch-Dest": "document"}).status_code == 404


@pytest.mark.parametrize("path", ["/messages/{0}/body/", "/messages/{0}/image/0/", "/entries/{0}/original/"])
def test_an_outsider_gets_404(client: Client, outsider: Agent, mail: Message, path: str) -> None:
    client.force_login(outsider)
    assert client.get(path.format(mail.pk)).status_code == 404


def test_a_file_is_a_download_that_no_browser_runs(client: Client, agent: Agent, mail: Message) -> None:
    client.force_login(agent)
    file = Attachment.objects.get(is_inline=False)
    response = client.get(f"/attachments/{file.pk}/")
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response.headers["Content-Disposition"].startswith("attachment; filename*=utf-8''fattura")


def test_an_outsiders_file_is_absent(client: Client, outsider: Agent, mail: Message) -> None:
    client.force_login(outsider)
    assert client.get(f"/attachments/{Attachment.objects.first().pk}/").status_code == 404  # type: ignore[union-attr]


def test_only_plain_pictures_are_shown_inline(client: Client, agent: Agent, mail: Message) -> None:
    client.force_login(agent)
    page = Attachment.objects.get(is_inline=False)
    assert client.get(f"/messages/{mail.pk}/inline/{page.pk}/").status_code == 404


def test_the_timeline_frames_html_without_scripts(client: Client, agent: Agent, mail: Message) -> None:
    client.force_login(agent)
    page = client.get(f"/customers/{mail.customer_id}/").content.decode()
    assert 'sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"' in page
    assert "Show images" in page and "data-remote" not in page
