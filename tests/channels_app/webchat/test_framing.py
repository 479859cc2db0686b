"""What a shop's page loads, and who may show it."""

import gzip

import pytest
from django.test import Client

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
