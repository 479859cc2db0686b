"""Links to files: for whoever has them, for a while, and never more than a download."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.test import Client

from agents.models import Agent
from conversations.files import links
from conversations.models import Blob, FileLink
from helpdesk.lib import clock
from helpdesk.lib.outbound import OutboundFile

pytestmark = pytest.mark.django_db
PAGE = OutboundFile("Fattură <b>.html", "text/html", b"<script>alert(1)</script>")


@pytest.fixture
def path(agent: Agent) -> str:
    return urlsplit(links.make(PAGE, by=agent)).path


def test_whoever_has_it_gets_the_file_as_a_download(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200 and answer.content == PAGE.data
    headers = answer.headers
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["Content-Disposition"].startswith("attachment; filename*=utf-8''Fattur%C4%83")
    assert headers["X-Content-Type-Options"] == "nosniff" and "sandbox" in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "no-referrer" and "noindex" in headers["X-Robots-Tag"]
    assert client.head(path).status_code == 200 and client.post(path).status_code == 405


def test_colleagues_and_others_get_it_alike(client: Client, colleague: Agent, outsider: Agent, path: str) -> None:
    for who in (colleague, outsider):
        client.force_login(who)
        assert client.get(path).status_code == 200


def test_its_secret_is_long_and_not_kept(path: str) -> None:
    token = path.strip("/").rpartition("/")[2]
    kept = FileLink.objects.get()
    assert len(token) >= 43 and token not in str(kept.__dict__)
    assert links.make(PAGE, by=None).rpartition("/files/")[2] != token + "/"


@pytest.mark.parametrize("token", ["", "x", "a" * 43, "a" * 5_000, "%00", "../"])
def test_no_other_token_opens_anything(client: Client, path: str, token: str) -> None:
    assert client.get(f"/files/{token}/").status_code == 404


def test_it_ends_after_thirty_days_and_for_harmful_files(client: Client, path: str) -> None:
    kept = FileLink.objects.get()
    assert timedelta(days=29) < kept.expires_at - clock.real() <= timedelta(days=30)
    Blob.objects.update(scan_state=Blob.Scan.INFECTED)
    assert client.get(path).status_code == 404
    Blob.objects.update(scan_state=Blob.Scan.CLEAN)
    FileLink.objects.update(expires_at=clock.real())
    assert client.get(path).status_code == 404


def test_a_name_out_of_the_dark_is_absent_as_any_page(client: Client) -> None:
    assert client.get("/files/").status_code == 404
