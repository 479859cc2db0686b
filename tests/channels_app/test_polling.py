"""Polling: one at a time per account, and a failing account is told on its channel."""

import pytest
from django.db import connection

from channels_app import polling
from channels_app.models import Channel
from helpdesk.lib.outbound import SendError
from tests import paper
from tests.waiting import together

pytestmark = pytest.mark.django_db


def test_what_an_account_answers_is_kept_on_its_channel(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: paper.PaperAdapter, channel: Channel) -> int:
        raise SendError("credentials", "The password was refused.")

    monkeypatch.setattr(paper.PaperAdapter, "fetch", refuse)
    assert polling.poll(channel.pk) == 0
    channel.refresh_from_db()
    assert channel.health["poll_error"] == "The password was refused."


def test_a_poll_that_works_again_forgets_the_error(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    Channel.objects.filter(pk=channel.pk).update(health={"poll_error": "The password was refused."})
    monkeypatch.setattr(paper.PaperAdapter, "fetch", lambda self, channel: 3)
    assert polling.poll(channel.pk) == 3
    channel.refresh_from_db()
    assert channel.health["poll_error"] == ""


@pytest.mark.django_db(transaction=True)
def test_two_polls_of_one_account_do_not_overlap(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    inner: list[int | None] = []

    def fetch(self: paper.PaperAdapter, channel: Channel) -> int:
        inner.extend(together(lambda: polling.poll(channel.pk)))
        return 1

    monkeypatch.setattr(paper.PaperAdapter, "fetch", fetch)
    assert (polling.poll(channel.pk), inner) == (1, [None])
    assert connection.is_usable()
