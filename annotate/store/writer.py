"""One thread writes; it commits what has gathered while it was busy in one transaction, then answers all of it.

Synchronising to disk is what takes time. With many coders at once a commit carries many decisions, and nobody is told
"saved" before it is.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from typing import Any, Final, TypeVar

import msgspec
from sqlalchemy import Connection, Engine, RootTransaction, func, insert, literal_column, select, update
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError

from annotate.errors import StoreRefused
from annotate.store import schema
from annotate.store.arrays import array_rows
from annotate.store.chain import GENESIS, link
from annotate.store.engine import WRITING, describe, in_words

T = TypeVar("T")
Clock = Callable[[], int]
"""Returns microseconds since 1970, UTC."""

_BATCH: Final = 512
_ENCODER: Final = msgspec.json.Encoder(order="sorted")
_EVENT: Final = schema.event
_INSERT_EVENTS: Final = insert(_EVENT)
# A literal, for an index of these events alone: asked before every commit, in a ledger of any length.
LAST_CODEBOOK: Final = select(func.max(_EVENT.c.seq)).where(_EVENT.c.kind == literal_column("'codebook'"))
"""Asks for the event by which the codebook in use came, NULL if there is none."""
_TIP: Final = select(
    _EVENT.c.seq, _EVENT.c.hash, _EVENT.c.server_time, LAST_CODEBOOK.scalar_subquery().label("codebook_event")
).where(_EVENT.c.seq == select(func.max(_EVENT.c.seq)).scalar_subquery())
_MARKS: Final = array_rows("marks")
_MARK: Final = (
    update(schema.assignment)
    .where(schema.assignment.c.id == _MARKS.c.value[0].as_integer())
    .values(
        decision=_MARKS.c.value[1].as_integer(),
        label=_MARKS.c.value[2].as_string(),
        again=_MARKS.c.value[3].as_integer(),
    )
)
_COLUMNS: Final = tuple(column.name for column in _EVENT.columns)


def clock() -> int:
    """Return the time in microseconds since 1970, UTC."""
    return time.time_ns() // 1000


class Transaction:
    """What one transaction appends: events linked to the chain's end, and the assignments they settle.

    Both are written when it ends, in two statements, however many there are.
    """

    def __init__(self, connection: Connection, now: Clock) -> None:
        self.connection = connection
        self._now = now
        tip = connection.execute(_TIP).one_or_none()
        self.seq: int = 0 if tip is None else tip.seq
        self.time: int = 0 if tip is None else tip.server_time
        self._hash: str = GENESIS if tip is None else tip.hash
        self.codebook_event: int = 0 if tip is None else tip.codebook_event or 0
        self.rows: dict[int, dict[str, Any]] = {}
        self.marks: dict[int, tuple[int, int | None, str | None, int | None]] = {}
        self.found: dict[Any, Any] = {}

    def append(self, kind: str, client: str, **columns: Any) -> dict[str, Any]:
        """Append an event and return its row; values that are mappings or tuples are stored as JSON."""
        row: dict[str, Any] = dict.fromkeys(_COLUMNS)
        row |= {name: _stored(value) for name, value in columns.items()}
        self.seq += 1
        # A clock that was set back never makes the ledger run backwards.
        self.time = max(self._now(), self.time)
        row |= {"seq": self.seq, "kind": kind, "client": client, "server_time": self.time}
        row["unsure"] = bool(row["unsure"])
        self._hash = row["hash"] = link(self._hash, row)
        self.rows[self.seq] = row
        return row

    def mark(self, assignment: int, *, decision: int | None, label: str | None, again: int | None) -> None:
        """Say what is in force for an assignment."""
        self.marks[assignment] = (assignment, decision, label, again)

    def flush(self) -> None:
        """Write what was appended."""
        if self.rows:
            self.connection.execute(_INSERT_EVENTS, list(self.rows.values()))
        if self.marks:
            self.connection.execute(_MARK, {"marks": list(self.marks.values())})
        self.rows, self.marks = {}, {}


class Job:
    """Work for the writer: what to do in a transaction, and the future that gets its result once it is on disk.

    Parameters
    ----------
    work
        Raises before it appends anything, or not at all.
    alone
        Whether it writes by itself too, and so needs a transaction of its own.
    wanted
        What ``gather`` should look up for a whole batch at once.
    """

    __slots__ = ("alone", "future", "wanted", "work")

    def __init__(self, work: Callable[[Transaction], Any], *, alone: bool, wanted: Any = None) -> None:
        self.work, self.alone, self.wanted = work, alone, wanted
        self.future: Future[Any] = Future()


class Writer:
    """The thread that writes.

    Parameters
    ----------
    gather
        Called with a batch's transaction and what its jobs want, before they are done.
    """

    def __init__(
        self, engine: Engine, gather: Callable[[Transaction, Sequence[Any]], None], now: Clock = clock
    ) -> None:
        self._engine = engine.execution_options(**{WRITING: True})
        self._gather = gather
        self._now = now
        self._where = describe(engine.url)
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._connection: Connection | None = None
        self._closed = False
        self._closing = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="nutgraf-writer", daemon=True)
        self._thread.start()

    def submit(self, job: Job) -> Future[Any]:
        """Queue a job and return its future.

        Raises
        ------
        StoreRefused
            If the store is closed.
        """
        with self._closing:
            if self._closed:
                raise StoreRefused("is closed", where=self._where, remedy="open it again")
            self._jobs.put(job)
        return job.future

    def close(self) -> None:
        """Do what was queued, then stop."""
        with self._closing:
            if not self._closed:
                self._closed = True
                self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        try:
            self._work()
        finally:
            self._let_go()

    def _work(self) -> None:
        left: Job | None = None
        while True:
            job = left or self._jobs.get()
            left = None
            if job is None:
                return
            batch = [job]
            closing = False
            while not job.alone and len(batch) < _BATCH:
                try:
                    following = self._jobs.get_nowait()
                except queue.Empty:
                    break
                if following is None:
                    closing = True
                    break
                if following.alone:
                    left = following
                    break
                batch.append(following)
            self._do([job for job in batch if job.future.set_running_or_notify_cancel()])
            if closing:
                return

    def _do(self, batch: list[Job]) -> None:
        try:
            answers = self._commit(batch)
        except SQLAlchemyError as error:
            self._let_go()
            if len(batch) > 1 and not isinstance(error, OperationalError | InterfaceError):
                # One of them is to blame, such as for a unit that does not exist: the others shall not suffer.
                for job in batch:
                    self._do([job])
                return
            refusal = in_words(error, self._where)
            for job in batch:
                job.future.set_exception(refusal)
        except Exception as error:  # whoever waits must hear of it; the thread goes on
            for job in batch:
                job.future.set_exception(error)
        else:
            for job, (result, problem) in zip(batch, answers, strict=True):
                if problem is not None:
                    job.future.set_exception(problem)
                else:
                    job.future.set_result(result)

    def _commit(self, batch: list[Job]) -> list[tuple[Any, Exception | None]]:
        answers: list[tuple[Any, Exception | None]] = []
        with self._begin() as begun:
            transaction = Transaction(begun.connection, self._now)
            wanted = [job.wanted for job in batch if job.wanted is not None]
            if wanted:
                self._gather(transaction, wanted)
            for job in batch:
                try:
                    answers.append((job.work(transaction), None))
                except SQLAlchemyError:
                    raise
                except Exception as refusal:
                    if job.alone:
                        raise
                    answers.append((None, refusal))
            transaction.flush()
        return answers

    def _begin(self) -> RootTransaction:
        """Begin a transaction on the thread's connection; if that was lost since the last one, on another."""
        if self._connection is not None:
            try:
                return self._connection.begin()
            except DBAPIError as error:
                if not error.connection_invalidated:
                    raise
                self._let_go()
        self._connection = self._engine.connect()
        return self._connection.begin()

    def _let_go(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _stored(value: Any) -> Any:
    """Return a value as its column holds it: JSON text for what is nested, nothing for what is empty."""
    if isinstance(value, Mapping | tuple | list | msgspec.Struct):
        return _ENCODER.encode(value).decode() if value else None
    return value
