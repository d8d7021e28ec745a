"""How often one may try: a password, an invitation, a link."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Final

TRIES: Final = 5
"""That fail, within ``WINDOW`` seconds, before one has to wait."""

WINDOW: Final = 300.0

_REMEMBERED: Final = 10_000


class Failures:
    """Failed tries by whom they concern, in memory: those who start the server anew may try anew.

    Parameters
    ----------
    now
        Returns seconds that never run backwards.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._failed: OrderedDict[str, deque[float]] = OrderedDict()

    def wait(self, *whom: str) -> int:
        """Return for how many seconds the next try is refused, 0 if it may be made."""
        return max((self._wait(one) for one in whom), default=0)

    def add(self, *whom: str) -> None:
        """Count a failed try."""
        for one in whom:
            failed = self._failed.setdefault(one, deque(maxlen=TRIES))
            failed.append(self._now())
            self._failed.move_to_end(one)
        while len(self._failed) > _REMEMBERED:
            self._failed.popitem(last=False)

    def forget(self, *whom: str) -> None:
        """Forget the failed tries: the right word was said."""
        for one in whom:
            self._failed.pop(one, None)

    def _wait(self, one: str) -> int:
        failed = self._failed.get(one)
        if failed is None or len(failed) < TRIES:
            return 0
        left = failed[0] + WINDOW - self._now()
        return int(left) + 1 if left > 0 else 0
