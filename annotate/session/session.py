"""What all requests of a session share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Final, ParamSpec, TypeVar

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request

from annotate.session.arrivals import Arrivals
from annotate.session.figures import Effect, Found
from annotate.session.limits import Failures
from annotate.session.settings import Settings
from annotate.session.visitors import Visitor, Visitors
from annotate.store import Round, Store

P = ParamSpec("P")
T = TypeVar("T")

READERS: Final = 8
"""Threads that read the store at once; its pool of connections holds as many."""


class Session:
    """A store that is being served.

    Parameters
    ----------
    now
        Returns microseconds since 1970, UTC.
    """

    def __init__(self, store: Store, settings: Settings, now: Callable[[], int]) -> None:
        self.store = store
        self.settings = settings
        self.now = now
        self.visitors = Visitors(store, settings, now)
        self.failures = Failures()
        self.project = _identity(store)
        self.figures: dict[int, tuple[int, Found]] = {}
        self.effects: dict[int, tuple[int, Effect | None]] = {}
        self.computing = asyncio.Lock()
        self.given_out = asyncio.Event()
        self.ends = False
        self._rounds: dict[int, Round] = {}
        self._answers: dict[int, dict[int, tuple[str, str | None]]] = {}
        self._limiter: CapacityLimiter | None = None
        self._arrivals: Arrivals | None = None

    def arrivals(self) -> Arrivals:
        """Return where requests wait for the store's writer; a loop has its own."""
        loop = asyncio.get_running_loop()
        known = self._arrivals
        if known is None or known.loop is not loop:
            known = self._arrivals = Arrivals(loop)
        return known

    async def read(self, work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        """Do something that waits for the store in a thread."""
        if self._limiter is None:
            self._limiter = CapacityLimiter(READERS)
        return await to_thread.run_sync(partial(work, *arguments, **named), limiter=self._limiter)

    def give_out(self) -> None:
        """Let every page that waits look whether its coder has other units now."""
        self.given_out.set()
        self.given_out = asyncio.Event()

    def end(self) -> None:
        """Let no page wait any longer: the session is being stopped."""
        self.ends = True
        self.give_out()

    async def visitor(self, request: Request) -> Visitor | None:
        """Return who sends a request, None if nobody who is signed in."""
        remembered = self.visitors.remember(request)
        return remembered if remembered is not None else await self.read(self.visitors.find, request)

    async def round(self, number: int) -> Round:
        """Return a round; what it shows coders never changes, so it is kept."""
        known = self._rounds.get(number)
        return known if known is not None else await self.read(self.known_round, number)

    def known_round(self, number: int) -> Round:
        """Return a round, as :meth:`round` does, to a thread.

        Raises
        ------
        ProjectError
            If there is none.
        """
        if number not in self._rounds:
            self._rounds[number] = self.store.round(number)
        return self._rounds[number]

    def answers(self, round_: Round) -> dict[int, tuple[str, str | None]]:
        """Return the known answers of a training round: unit to label and explanation."""
        if round_.id not in self._answers:
            self._answers[round_.id] = self.store.answers(round_.id)
        return self._answers[round_.id]


def _identity(store: Store) -> str:
    """Return what tells this project from any other that was ever served at the same address."""
    first = next(iter(store.events()))
    return str(first.variables["id"])
