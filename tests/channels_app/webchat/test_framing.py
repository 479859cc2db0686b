"""What a shop's page loads, and who may show it."""

import gzip
from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client

from agents.models import Calendar
from channels_app.adapters.webchat.views import framing
from tests.channels_app.webchat.talking import SITE, make_widget
from tests.factories import make_channel

pytestmark = pytest.mark.django_db


def test_only_listed_sites_may_show_the_frame(client: Client) -> None:
    widget = make_widget()
    answer = client.get(f"/widget/{widget.public_key}/?lang=it")
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))
    assert policy["frame-ancestors"].split()[0] == SITE
    assert "'none'" not in policy["frame-ancestors"]
    assert (policy["script-src"], policy["style-src"], policy["default-src"]) == ("'self'", "'self'", "'none'")
    assert "X-Frame-Options" not in answer.headers
    assert '<html lang="it"' in answer.content.decode()


def test_the_loader_is_one_file_for_all_that_other_sites_may_run(client: Client) -> None:
    plain = client.get("/widget/v1/loader.js")
    small = client.get("/widget/v1/loader.js", headers={"accept-encoding": "gzip, br"})
    assert gzip.decompress(small.content) == plain.content
    assert plain.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert plain.headers["Cache-Control"] == "public, max-age=300"
    assert client.get("/widget/v1/loader.js", headers={"if-none-match": plain.headers["ETag"]}).status_code == 304
    for words in ("Chat with us", "Scrivici", "Scrie-ne"):
        assert words.encode() in plain.content


def test_the_widget_is_as_light_as_promised(client: Client) -> None:
    assert len(framing._gzipped()) <= 5 * 1024


def test_the_line_to_paste_knows_another_way() -> None:
    widget = make_widget()
    assert "data-mail" not in widget.adapter.snippet_of(widget)
    make_channel(kind="email", config={"address": "help@example.test"}, brand=widget.brand)
    assert 'data-mail="help@example.test"' in widget.adapter.snippet_of(widget)


@pytest.mark.parametrize(
    ("ahead", "hour"), [("60", "09:00"), ("120", "10:00"), ("-210", "04:30"), ("x", "09:00"), ("9" * 99, "09:00")]
)
def test_the_frame_says_times_by_the_browsers_clock_from_the_start(
    client: Client, clock: time_machine.Traveller, ahead: str, hour: str
) -> None:
    widget = make_widget()
    clock.move_to(datetime(2026, 11, 29, 12, tzinfo=UTC))
    slots = [{"weekday": day, "from": "09:00", "to": "18:00"} for day in range(5)]
    widget.calendar = Calendar.objects.create(name="Office", time_zone="Europe/Rome", slots=slots)
    widget.save()
    assert hour in client.get(f"/widget/{widget.public_key}/", {"ahead": ahead}).content.decode()
