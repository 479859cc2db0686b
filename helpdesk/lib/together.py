"""Questions that come at the same moment are asked at once: after a restart everybody comes at once."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

AT_ONCE = 100

Q = TypeVar("Q")
A = TypeVar("A")


class Together(Generic[Q, A]):
    """Asks for those who wait, a hundred at most, while more of them gather. One per event loop.

    look: answers each question, in their order. trouble: what it may fail with; everybody who asked hears of that.
    """

    def __init__(self, look: Callable[[list[Q]], Awaitable[Sequence[A]]], trouble: tuple[type[Exception], ...]) -> None:
        self._look, self._trouble = look, trouble
        self._waiting: list[tuple[Q, asyncio.Future[A]]] = []
        self._task: asyncio.Task[None] | None = None

    async def ask(self, question: Q) -> A:
        """Return the answer to one question; raises what `look` raised."""
        found: asyncio.Future[A] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, found))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._ask_all())
        return await found

    async def _ask_all(self) -> None:
        while self._waiting:
            came, self._waiting = self._waiting[:AT_ONCE], self._waiting[AT_ONCE:]
            try:
                answers = await self._look([question for question, _found in came])
            except self._trouble as error:
                for _question, found in came:
                    if not found.done():
                        found.set_exception(error)
            else:
                for (_question, found), answer in zip(came, answers, strict=True):
                    # Whoever asked may have gone meanwhile.
                    if not found.done():
                        found.set_result(answer)
