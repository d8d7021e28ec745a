"""Wait in the event loop for what another thread finishes, woken once for all that has gathered."""

from __future__ import annotations

import asyncio
from collections import deque
from concurrent.futures import Future
from functools import partial
from typing import Any, TypeVar

T = TypeVar("T")


class Arrivals:
    """What has arrived for a loop and was not handed out yet.

    The store's writer finishes a batch at once. ``asyncio.wrap_future`` would wake the loop for each of it, and with
    each wake-up the two threads would fight over the interpreter.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._arrived: deque[tuple[asyncio.Future[Any], Future[Any]]] = deque()
        self._called = False

    async def wait(self, outcome: Future[T]) -> T:
        """Return a future's result; what it raises is raised."""
        waiting: asyncio.Future[T] = self.loop.create_future()
        outcome.add_done_callback(partial(self._arrive, waiting))
        return await waiting

    def _arrive(self, waiting: asyncio.Future[Any], outcome: Future[Any]) -> None:
        # In the other thread. Laid down before it is asked whether somebody is coming, so nothing is left lying.
        self._arrived.append((waiting, outcome))
        if not self._called and not self.loop.is_closed():
            self._called = True
            self.loop.call_soon_threadsafe(self._hand_out)

    def _hand_out(self) -> None:
        self._called = False
        while self._arrived:
            waiting, outcome = self._arrived.popleft()
            if waiting.done():  # whoever waited has gone
                continue
            problem = outcome.exception()
            if problem is None:
                waiting.set_result(outcome.result())
            else:
                waiting.set_exception(problem)
