"""Who asks at the same moment is answered together."""

import asyncio

import pytest

from helpdesk.lib.together import AT_ONCE, Together


class Trouble(Exception):
    """What a look may fail with."""


def test_those_who_ask_while_another_look_is_under_way_are_asked_for_together() -> None:
    looks: list[int] = []

    async def look(numbers: list[int]) -> list[int]:
        looks.append(len(numbers))
        await asyncio.sleep(0)
        return [2 * number for number in numbers]

    async def scene() -> list[int]:
        together = Together(look, (Trouble,))
        return await asyncio.gather(*(together.ask(number) for number in range(AT_ONCE + 50)))

    assert asyncio.run(scene()) == [2 * number for number in range(AT_ONCE + 50)]
    assert looks == [AT_ONCE, 50]


def test_trouble_is_told_to_everybody_who_asked_and_the_next_are_asked_for_again() -> None:
    is_well = False

    async def look(numbers: list[int]) -> list[int]:
        if not is_well:
            raise Trouble
        return numbers

    async def scene() -> None:
        nonlocal is_well
        together = Together(look, (Trouble,))
        found = await asyncio.gather(together.ask(1), together.ask(2), return_exceptions=True)
        assert [type(one) for one in found] == [Trouble, Trouble]
        is_well = True
        assert await together.ask(3) == 3

    asyncio.run(scene())


def test_who_has_gone_meanwhile_takes_nothing_from_the_others() -> None:
    async def look(numbers: list[int]) -> list[int]:
        await asyncio.sleep(0)
        return numbers

    async def scene() -> None:
        together = Together(look, (Trouble,))
        gone, there = asyncio.ensure_future(together.ask(1)), asyncio.ensure_future(together.ask(2))
        await asyncio.sleep(0)
        gone.cancel()
        assert await there == 2
        with pytest.raises(asyncio.CancelledError):
            await gone

    asyncio.run(scene())
