"""Let active rounds grow while coders work: train and draw in a process of its own, of low priority.

Whatever becomes of that process, the session goes on: it never waits for it, and tries again later if it failed. The
process reads an :class:`Errand` from standard input and writes a :class:`Grown` to standard output.
"""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from annotate.errors import NutgrafError
from annotate.store import Round, Store, open_store

_EVERY: Final = 2.0
_PATIENCE: Final = 900.0
_FIRST_WAIT: Final = 30.0
_LONGEST_WAIT: Final = 600.0
_NICENESS: Final = 15
_LOG: Final = logging.getLogger("uvicorn.error")


class Hungry(msgspec.Struct, frozen=True):
    """An active round, and its coders who will soon have nothing left to code."""

    round: Round
    coders: tuple[str, ...]


class Errand(msgspec.Struct, frozen=True):
    """Which round of which project is to grow for whom."""

    place: str
    round: int
    coders: tuple[str, ...]


class Grown(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of it: how many units, picked by which model; or why there are none."""

    units: int = 0
    model: str | None = None
    problem: str = ""


def hungry(store: Store) -> list[Hungry]:
    """Return the active rounds in which a coder who is still there has no more than half a batch left to code."""
    found = []
    growing = [one for one in store.rounds() if one.settings.growth is not None and one.closed is None]
    gone = {coder.key for coder in store.coders() if coder.left is not None} if growing else set()
    for round_ in growing:
        growth = round_.settings.growth
        assert growth is not None
        open_ = {one.coder: one.open for one in store.progress(round_.id) if one.coder not in gone}
        coders = _wanting(open_, growth.batch, growth.each)
        if coders and len(store.draws(round_.id)) < growth.size:
            found.append(Hungry(round_, coders))
    return found


def _wanting(open_: dict[str, int], batch: int, each: int) -> tuple[str, ...]:
    """Return who gets the next batch, if anybody needs one: who has less than one, and who must code beside them."""
    ordered = sorted(open_, key=lambda coder: (open_[coder], coder))
    if not ordered or open_[ordered[0]] > batch / 2:
        return ()
    low = sum(open_[coder] < batch for coder in ordered)
    return tuple(ordered[: max(low, each)])


class Learner:
    """Looks after the active rounds of a store that is being served; ``on_growth`` is called when one has grown."""

    def __init__(self, store: Store, *, every: float = _EVERY, on_growth: Callable[[], None] = lambda: None) -> None:
        self._store = store
        self._on_growth = on_growth
        self._every = every
        self._not_before: dict[int, float] = {}
        self._waits: dict[int, float] = {}

    async def run(self) -> None:
        """Look again and again until cancelled; then the process that may be at work is ended too."""
        while True:
            await asyncio.sleep(self._every)
            try:
                for one in await asyncio.to_thread(hungry, self._store):
                    if self._not_before.get(one.round.id, 0.0) <= asyncio.get_running_loop().time():
                        self._note(one.round, await send(self._store, one))
            except NutgrafError as error:
                _LOG.warning("%s", error)

    def _note(self, round_: Round, grown: Grown) -> None:
        """Try at once again after a success, ever later after failures."""
        if not grown.problem:
            self._waits.pop(round_.id, None)
            self._on_growth()
            return
        wait = self._waits.get(round_.id, _FIRST_WAIT)
        self._waits[round_.id] = min(2 * wait, _LONGEST_WAIT)
        self._not_before[round_.id] = asyncio.get_running_loop().time() + wait
        _LOG.warning("round %s did not grow: %s; next try in %d s", round_.name, grown.problem, wait)


async def send(store: Store, wanting: Hungry, command: Sequence[str] = ()) -> Grown:
    """Let a round grow in a process of its own and return what became of it."""
    errand = msgspec.json.encode(Errand(store.place, wanting.round.id, wanting.coders))
    # Not a process of the event loop: with uvloop, one that was killed while it started was at times never seen to end.
    process = subprocess.Popen(  # noqa: S603 - our own interpreter
        command or (sys.executable, "-c", "from annotate.session.learner import main; main()"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        told, said = await asyncio.to_thread(process.communicate, errand, _PATIENCE)
    except subprocess.TimeoutExpired:
        return Grown(problem=f"training took more than {_PATIENCE:.0f} s")
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    if process.returncode:
        lines = said.decode("utf-8", "replace").strip().splitlines() or ["it said nothing"]
        return Grown(problem=f"the process ended with {process.returncode}: {lines[-1][:200]}")
    return msgspec.json.decode(told, type=Grown)


def main() -> None:
    """Do the errand on standard input."""
    os.nice(_NICENESS)
    errand = msgspec.json.decode(sys.stdin.buffer.read(), type=Errand)
    # Here, not above: the session's own process never loads what trains.
    from annotate.classify.learning import grow  # noqa: PLC0415

    try:
        with open_store(errand.place) as store:
            batch = grow(store, store.round(errand.round), errand.coders)
        grown = Grown(len(batch.draws), batch.model.get("id"))
    except NutgrafError as error:
        grown = Grown(problem=str(error))
    sys.stdout.buffer.write(msgspec.json.encode(grown))
