"""Wait for a server that is away for a moment, and say so; give up after a while."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, TypeVar

from annotate.exchange.servers.server import ServerAway

T = TypeVar("T")

_FIRST_WAIT: Final = 0.5  # seconds
_LONGEST_WAIT: Final = 5.0


class Watch:
    """Whoever watches a push or a pull; this one does not care."""

    def expect(self, steps: int, what: str) -> None:
        """Hear how many steps there will be."""

    def step(self, steps: int) -> None:
        """Hear that some were done."""

    def tell(self, line: str) -> None:
        """Hear of a trouble that does not end the work."""


class Patience:
    """Ask a server again while it is away.

    Parameters
    ----------
    seconds
        How long it may be away before its error is raised.
    sleep, clock
        In seconds; a test brings its own.
    """

    def __init__(
        self,
        seconds: float,
        watch: Watch,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.seconds = seconds
        self.watch, self._sleep, self._clock = watch, sleep, clock

    def ask(self, question: Callable[[], T]) -> T:
        """Return the answer to a question that may be asked twice.

        Raises
        ------
        ServerAway
            If there was none in all the time.
        """
        began, wait = self._clock(), _FIRST_WAIT
        while True:
            try:
                return question()
            except ServerAway as trouble:
                if self._clock() - began + wait > self.seconds:
                    raise
                self.watch.tell(f"{trouble.problem}; asking again")
            self._sleep(wait)
            wait = min(2 * wait, _LONGEST_WAIT)
