"""Who stands behind the tokens of many sockets at once: the same as behind each alone."""

from datetime import timedelta

import pytest

from channels_app import intake
from channels_app.adapters.webchat import arriving, presence, visitors
from channels_app.adapters.webchat.arriving import Asking
from channels_app.models import Channel, RawEvent
from channels_app.models import Visitor as Row
from customers.identify import identify
from customers.models import Identity
from helpdesk.lib import clock
from tests.channels_app.webchat.talking import SITE, Visitor, make_widget

pytestmark = pytest.mark.django_db
PAGE = {"url": f"{SITE}/boots/", "title": "Boots"}


def come(widget: Channel, *, says: bool = True) -> tuple[Visitor, Row]:
    """A browser that was given a token, and has written."""
    visitor = Visitor(widget.public_key)
    visitor.arrive(page=PAGE)
    if says:
        visitor.say("Hello")
        intake.process(RawEvent.objects.latest("pk").pk)
    return visitor, Row.objects.latest("pk")


def asking(visitor: Visitor, site: object = SITE, key: str = "") -> Asking:
    return Asking(key or visitor.key, visitor.token, site, PAGE)


def test_many_who_come_at_once_are_who_they_are_alone() -> None:
    widget, other = make_widget(), make_widget()
    wrote, wrote_row = come(widget)
    silent, silent_row = come(widget, says=False)
    proved, proved_row = come(widget)
    mail, _made = identify(Identity.Kind.EMAIL, "giulia@example.test")
    Row.objects.filter(pk=proved_row.pk).update(proved=mail)
    come_back = come(widget)
    Row.objects.filter(pk=come_back[1].pk).update(came_by=wrote_row.key)
    known = arriving.known_by(
        [
            asking(wrote), asking(silent), asking(proved), asking(come_back[0]),
            asking(wrote, "https://evil.example.test"), asking(wrote, None), asking(wrote, key=other.public_key),
            asking(wrote, key="0" * 32), Asking(widget.public_key, "x" * 43, SITE, None),
            Asking(widget.public_key, ["a"], SITE, None),
        ]
    )  # fmt: skip
    assert known[4:] == [None] * 6
    for row, one in zip((wrote_row, silent_row, proved_row, come_back[1]), known, strict=False):
        row.refresh_from_db()
        own = visitors.own_identity(row)
        assert one is not None
        assert (one.visitor, one.key, one.customer) == (row.pk, row.key, own.customer_id if own else 0)
        assert set(one.audiences) == set(visitors.audiences_of(visitors.identities_of(row)))
    assert known[2] is not None
    assert f"visitor.identity.{mail.pk}" in known[2].audiences
    assert known[1] is not None
    assert known[1].audiences == ()


def test_who_comes_is_here_again_and_who_is_shown_out_is_not() -> None:
    widget = make_widget()
    (back, back_row), (moved, moved_row), (foreign, foreign_row) = come(widget), come(widget), come(widget)
    gone = clock.real() - timedelta(minutes=5)
    Row.objects.update(left_at=gone, seen_at=gone)
    presence.leave(foreign_row.key)
    there = {"url": f"{SITE}/returns/", "title": "Returns"}
    arriving.known_by(
        [
            asking(back), Asking(moved.key, moved.token, SITE, there), asking(foreign, "https://evil.example.test"),
        ]
    )  # fmt: skip
    for row in (back_row, moved_row, foreign_row):
        row.refresh_from_db()
    assert [row.left_at for row in (back_row, moved_row)] == [None, None]
    assert min(back_row.seen_at, moved_row.seen_at) > gone
    assert (back_row.page["url"], moved_row.page["url"]) == (PAGE["url"], there["url"])
    assert (foreign_row.left_at, foreign_row.seen_at) == (gone, gone)
    assert [presence.is_here(row.key) for row in (back_row, moved_row, foreign_row)] == [True, True, False]


def test_a_widget_that_is_paused_knows_nobody() -> None:
    widget = make_widget()
    visitor, _row = come(widget)
    Channel.objects.filter(pk=widget.pk).update(state="paused")
    assert arriving.known_by([asking(visitor)]) == [None]
    assert visitors.find_widget(widget.public_key) is None
