"""The live line in trouble: a burst, a browser that reads nothing, Redis away, everybody back at once."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError, transaction

from agents.models import Agent, Team
from channels_app.models import Channel
from conversations import consumers, live
from conversations.models import Conversation, Entry
from helpdesk.bench import crowd
from helpdesk.lib import hub as hub_module
from helpdesk.lib.inbound import Proof
from tests.factories import make_inbound, receive
from tests.helpdesk.test_hub import Line
from tests.sockets import Sockets
from tests.sockets import play as play_in_asgi
from tests.web import Web, play, until

pytestmark = pytest.mark.django_db(transaction=True)
PLACE = "/customers/{}/entries/"


@sync_to_async
def write(conversation: Conversation, count: int = 1) -> list[int]:
    """Let the customer write so many messages in one transaction, so that all hints leave at once."""
    address, key = conversation.customer.identities.get().value, conversation.threads.get().external_id
    channel = conversation.threads.get().channel
    with transaction.atomic():
        return [
            receive(channel=channel, inbound=make_inbound(address=address, proof=Proof.TOKEN, thread_key=key)).pk
            for _ in range(count)
        ]


async def shown_by_rest(web: Web, agent: Agent, customer: int) -> set[int]:
    """The newest entries as a page that is loaded now would show them."""
    answer = await web.get(PLACE.format(customer), agent)
    assert answer.status_code == 200
    return set(map(int, crowd._ARTICLE.findall(answer.text)))


@pytest.mark.parametrize(
    "count",
    [pytest.param(40, id="within one answer"), pytest.param(300, id="too many for one answer", marks=pytest.mark.slow)],
)
def test_after_a_burst_the_page_is_equal_to_what_rest_gives(
    conversation: Conversation, agent: Agent, count: int
) -> None:
    async def scene(web: Web) -> None:
        socket = await web.open(agent, conversation.customer_id)
        assert socket.page is not None
        page, written = socket.page, await write(conversation, count)
        await until(lambda: written[-1] in page.hand and not page.asked.is_set() and not page.is_busy)
        assert await shown_by_rest(web, agent, conversation.customer_id) <= set(page.hand)
        assert len(socket.known) == count or socket.resyncs

    play(scene)


def test_a_burst_does_not_end_a_healthy_socket(agent: Agent, team: Team) -> None:
    async def scene(web: Web) -> None:
        socket = await web.open(agent)
        for number in range(3 * hub_module.QUEUE_MAX):
            live.publish([f"team.{team.pk}"], frame(number))
        await until(lambda: len(socket.known) == 3 * hub_module.QUEUE_MAX)
        assert socket.resyncs == []

    play(scene)


def test_a_browser_that_reads_nothing_is_let_go_and_costs_others_nothing(
    agent: Agent, colleague: Agent, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "SEND_SECONDS", 1.0)
    monkeypatch.setattr(hub_module, "JUDGE_SECONDS", 0.05)
    monkeypatch.setattr(consumers, "GOOD_BYE_SECONDS", 0.1)

    async def scene(web: Web) -> None:
        deaf, well = await web.open_deaf(agent), await web.open(colleague)
        await until(lambda: len(consumers.hub()._all) == 2)
        for number in range(250):
            await sync_to_async(live.publish)([f"team.{team.pk}"], frame(number, padding="x" * 50_000))
        await until(lambda: len(well.known) == 250)
        await until(lambda: len(consumers.hub()._all) == 1)
        assert [one[2] for one in well.heard] == list(range(250))
        assert well.resyncs == []
        deaf.transport.abort()

    play(scene)


def over_a_line(settings: Any, scene: Callable[[Web, Line], Awaitable[None]]) -> None:
    """Play a scene whose hub reaches Redis over a line that the scene can break; who publishes does not."""

    async def run(web: Web) -> None:
        line = Line()
        await line.open()
        real = live._client(settings.REDIS_URL)
        settings.REDIS_URL = f"unix://{line.path}"
        try:
            with patch.object(live, "_client", lambda url: real):
                await scene(web, line)
        finally:
            await line.cut()
            line.folder.cleanup()

    play(run)


def test_while_redis_is_away_pages_work_and_afterwards_nothing_is_missing(
    conversation: Conversation, agent: Agent, colleague: Agent, settings: Any
) -> None:
    async def scene(web: Web, line: Line) -> None:
        socket = await web.open(agent, conversation.customer_id)
        assert socket.page is not None
        page = socket.page
        await line.cut()
        await until(lambda: socket.downs, 10)
        written = await write(conversation)
        for path in ("/inbox/unassigned/", f"/customers/{conversation.customer_id}/"):
            assert (await web.get(path, agent)).status_code == 200
        late = crowd.Socket(web.url, socket.cookie, None)
        web.opened.append(late)
        await asyncio.wait_for(late.connect(), 3)
        await until(lambda: late.downs, 3)
        Path(line.path).unlink(missing_ok=True)
        await line.open()
        await until(lambda: socket.resyncs and late.resyncs)
        await until(lambda: written[0] in page.hand)
        again = await write(conversation)
        await until(lambda: again[0] in page.hand and again[0] in late.known)

    over_a_line(settings, scene)


def test_a_redis_that_is_silent_is_said_within_ten_seconds(
    conversation: Conversation, agent: Agent, settings: Any
) -> None:
    live.publish(["all"], frame(0))

    async def scene(web: Web, line: Line) -> None:
        socket = await web.open(agent)
        line.is_open.clear()
        await until(lambda: socket.downs, 8.5)  # the page waits 1.5 s more before it shows its banner
        line.is_open.set()
        await until(lambda: socket.resyncs)

    over_a_line(settings, scene)


def test_a_socket_that_could_not_be_looked_after_is_closed_to_come_again(
    conversation: Conversation, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(agent: Agent) -> None:
        raise OperationalError("no connection is free")

    async def scene(sockets: Sockets) -> None:
        socket = await sockets.open(agent)
        monkeypatch.setattr(consumers, "sight_of", fail)
        await socket.say("watch", customer=conversation.customer_id)
        assert await socket.closed() == consumers.TRY_AGAIN

    play_in_asgi(scene)


def test_when_everybody_comes_back_at_once_nothing_is_missing(
    conversation: Conversation, agent: Agent, channel: Channel
) -> None:
    async def scene(web: Web) -> None:
        sockets = [await web.open(agent, conversation.customer_id) for _ in range(4)]
        sockets += [await web.open(agent) for _ in range(16)]
        for socket in sockets:
            await socket.close(hard=True)
        await until(lambda: not consumers.hub()._all)
        missed = await write(conversation, 3)
        await asyncio.gather(*(socket.open() for socket in sockets))
        pages = [socket.page for socket in sockets if socket.page is not None]
        await until(lambda: all(set(missed) <= set(page.hand) for page in pages))
        then = await write(conversation)
        await until(lambda: all(then[0] in socket.known for socket in sockets))
        everything = await sync_to_async(lambda: set(Entry.objects.values_list("pk", flat=True)))()
        await until(lambda: all(set(page.hand) == everything for page in pages))

    play(scene)


def frame(number: int, **more: Any) -> dict[str, Any]:
    """A frame like those that announce an entry."""
    return {"type": "hint", "entry": number, "touched_seq": number, "conversation": 1, "customer": -1, **more}
