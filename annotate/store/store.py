"""The store of a project: everything that happens goes in here, and everything known comes out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from functools import lru_cache, partial
from pathlib import Path
from typing import Final

from annotate.store import articles, codebooks, decisions, imports, rounds, rows, work
from annotate.store import backup as backups
from annotate.store import verify as verification
from annotate.store.articles import Added, Split
from annotate.store.base import new_client
from annotate.store.entries import Decision, Entry, Receipt
from annotate.store.imports import Imported
from annotate.store.ledger import Event, Verified
from annotate.store.people import People
from annotate.store.plans import Batch, Draw, Move, Plan, Round, Suggested
from annotate.store.values import Assignment, Frame, Judgment, Page, Progress, Unit
from annotate.store.work import Moment
from annotate.store.writer import Clock, Job, Transaction, clock
from annotate.types import Article, Codebook

_CACHED_PAGES: Final = 256
_ADDED_AT_ONCE: Final = 200


class Store(People):
    """A project's database.

    Any number of processes may have it open. Everything that writes returns only when it is on disk; what can't be
    stored raises and leaves nothing behind. Methods may be called from any thread.

    Made by :func:`annotate.store.create_store` or :func:`annotate.store.open_store`; close it, or use it in a ``with``
    statement.

    Parameters
    ----------
    now
        Returns microseconds since 1970, UTC.
    """

    def __init__(self, place: str | Path, *, now: Clock = clock) -> None:
        super().__init__(place, now=now)
        self.page = lru_cache(_CACHED_PAGES)(self._page)

    # -- keeping it safe -----------------------------------------------------------------------------------------

    def verify(self, *, head: str | None = None) -> Verified:
        """Check that nothing was changed since it was written; ``head`` is a hash noted down earlier."""
        with self.reading() as connection:
            return verification.verify(connection, head=head)

    def rebuild(self) -> int:
        """Set anew what is in force from the events; return how many assignments were wrong."""
        return self.write(lambda transaction: verification.rebuild(transaction.connection))

    def damage(self) -> list[str]:
        """Return what the database itself says is damaged; PostgreSQL checks its pages as it reads them."""
        with self.reading() as connection:
            if connection.dialect.name != "sqlite":
                return []
            found = connection.exec_driver_sql("PRAGMA integrity_check(20)").scalars().all()
        return [line for line in found if line != "ok"]

    def backup(self, target: str | Path, *, force: bool = False) -> Path:
        """Copy the store to a file while it is in use; a folder gets a file named by the time."""
        path = Path(target)
        path = path / backups.backup_name(self.engine) if path.is_dir() else path
        return backups.backup(self.engine, path, force=force)

    # -- judgments -----------------------------------------------------------------------------------------------

    def submit(self, entry: Entry) -> Future[Receipt]:
        """Send a decision, a step or a remark; the future has its receipt when it is on disk.

        The future raises what :func:`annotate.store.decisions.take` raises. Await it with ``asyncio.wrap_future``.
        """
        return self._writer.submit(Job(lambda transaction: self._take(transaction, entry), alone=False, wanted=entry))

    def take(self, entry: Entry) -> Receipt:
        """Send a decision, a step or a remark and wait until it is on disk."""
        return self.submit(entry).result()

    def take_all(self, entries: Iterable[Entry]) -> list[Receipt]:
        """Send many and wait until all are on disk; the first refusal is raised, after the others were stored."""
        futures = [self.submit(entry) for entry in entries]
        return [future.result() for future in futures]

    def following(self, round_: int, coder: str, *, after: int | None = None) -> Assignment | None:
        """Return the next open unit of a coder's queue, or the next that must be coded again, or None when done.

        Parameters
        ----------
        after
            Look behind this place of the queue first, then from its beginning.
        """
        with self.reading() as connection:
            return work.following(connection, round_, coder, after=after)

    def at(self, round_: int, coder: str, position: int, *, back: bool = False) -> Assignment | None:
        """Return what stands at a place of a coder's queue, else next behind it (or before it), or None."""
        with self.reading() as connection:
            return work.at(connection, round_, coder, position, back=back)

    def assigned(self, round_: int, coder: str, units: Sequence[int]) -> dict[int, Assignment]:
        """Return a coder's assignments among some units, by unit."""
        with self.reading() as connection:
            return work.assigned(connection, round_, coder, units)

    def in_force(self, round_: int, *, coder: str | None = None, article: int | None = None) -> list[Event]:
        """Return the decisions in force in a round, of a coder and on an article where asked, by unit."""
        with self.reading() as connection:
            return work.in_force(connection, round_, coder=coder, article=article)

    def adjudicated(self, round_: int) -> list[Event]:
        """Return the adjudications in force in a round, by unit."""
        with self.reading() as connection:
            return work.adjudicated(connection, round_)

    def comments(self, round_: int, coder: str | None = None) -> list[Event]:
        """Return the comments in a round, of a coder where asked, in order."""
        with self.reading() as connection:
            return work.comments(connection, round_, coder)

    def history(self, unit: int, round_: int | None = None) -> list[Event]:
        """Return everything that happened to a unit, in order."""
        with self.reading() as connection:
            return work.history(connection, unit, round_)

    def course(self, round_: int, coder: str) -> list[Event]:
        """Return what a coder decided, took back and took up again in a round, in order."""
        with self.reading() as connection:
            return work.course(connection, round_, coder)

    def events(self, *, after: int = 0) -> Iterator[Event]:
        """Yield all events behind a number, in order."""
        with self.reading() as connection:
            yield from work.events(connection, after=after)

    def judgments(self, *, rounds: Sequence[int] | None = None, moment: Moment = "now") -> list[Judgment]:
        """Return coders' decisions in force, by round, unit and coder; ``undiscussed``: before any discussion."""
        with self.reading() as connection:
            return list(work.judgments(connection, rounds=rounds, moment=moment))

    def progress(self, round_: int | None = None, coder: str | None = None) -> list[Progress]:
        """Return how far each coder is in each round."""
        with self.reading() as connection:
            return work.progress(connection, round_, coder)

    # -- articles ------------------------------------------------------------------------------------------------

    def add_articles(self, split: Iterable[Split], *, on_chunk: Callable[[Added], None] | None = None) -> Added:
        """Add articles with their sentences; those that are there already, unchanged, stay as they are.

        They are stored in chunks, so that a running session need not wait; a call that was cut off is simply repeated.

        Raises
        ------
        InputError
            If an article's text is not the one stored under its id, or no database can hold it.
        """
        total = Added(0, 0, 0)
        chunk: list[Split] = []
        for one in split:
            chunk.append(one)
            if len(chunk) == _ADDED_AT_ONCE:
                total = self._add_chunk(chunk, total, on_chunk)
                chunk = []
        return self._add_chunk(chunk, total, on_chunk) if chunk else total

    def set_clusters(self, clusters: Mapping[str, str]) -> None:
        """Say which articles are near-duplicates: article id to the id of the one that stands for its cluster."""
        self.write(lambda transaction: articles.set_clusters(transaction, clusters))
        self.page.cache_clear()

    def page_of(self, unit: int) -> Page:
        """Return the article that a unit stands in, with all its units."""
        with self.reading() as connection:
            number = articles.article_of(connection, unit)
        return self.page(number)

    def find_page(self, article: str) -> Page | None:
        """Return an article by its id with all its units, or None."""
        with self.reading() as connection:
            number = articles.number_of(connection, article)
        return None if number is None else self.page(number)

    def pages(self) -> Iterator[Page]:
        """Yield every article with its units, in the order they were added."""
        with self.reading() as connection:
            yield from articles.pages(connection)

    def articles(self) -> Iterator[Article]:
        """Yield every article, in the order they were added."""
        with self.reading() as connection:
            yield from articles.every(connection)

    def pages_with(self, units: Sequence[int]) -> Iterator[Page]:
        """Yield the articles that some units stand in, in the order they were added, each with all its units."""
        with self.reading() as connection:
            numbers = articles.numbers_with(connection, units)
        yield from map(self.page, numbers)

    def units(self, numbers: Sequence[int]) -> list[Unit]:
        """Return units by their numbers, in the order given."""
        with self.reading() as connection:
            return articles.units(connection, numbers)

    def frame(self) -> list[Frame]:
        """Return every unit with what a design needs to know of it."""
        with self.reading() as connection:
            return articles.frame(connection)

    def counts(self) -> tuple[int, int]:
        """Return the numbers of articles and units."""
        with self.reading() as connection:
            return articles.counts(connection)

    # -- codebooks -----------------------------------------------------------------------------------------------

    def codebook(self, fingerprint: str | None = None) -> Codebook:
        """Return the codebook in use, or one that was."""
        with self.reading() as connection:
            known = self._known_codebooks(connection)
        return known.present if fingerprint is None else known.get(fingerprint)

    def stale(self, made: Iterable[tuple[str | None, str]]) -> set[tuple[str | None, str]]:
        """Return which decisions, given as label and codebook's fingerprint, a later codebook asks to be made again."""
        with self.reading() as connection:
            known = self._known_codebooks(connection)
        return {one for one in made if known.again(*one) is not None}

    def adopt(self, codebook: Codebook, *, again: Iterable[str] | None = None) -> int:
        """Take a codebook into use; return how many units must be coded again.

        Parameters
        ----------
        again
            The labels whose units must be coded again, ``("*",)`` for all; None derives them from what changed.
        """

        def adopt(transaction: Transaction) -> int:
            known = codebooks.Codebooks(transaction.connection)
            if known.changes and known.present.fingerprint == codebook.fingerprint:
                return 0
            asked = again
            if asked is None:
                asked = codebooks.to_code_again(known.present, codebook) if known.changes else ()
            return codebooks.adopt(transaction, codebook, asked, new_client())

        return self.write(adopt)

    # -- rounds --------------------------------------------------------------------------------------------------

    def create_round(self, plan: Plan) -> Round:
        """Make a round; see :func:`annotate.store.rounds.create` for what is refused."""
        fingerprint = self.codebook().fingerprint
        return self.write(lambda transaction: rounds.create(transaction, plan, fingerprint, new_client()))

    def extend_round(self, round_: int, batch: Batch) -> None:
        """Let an active round grow; see :func:`annotate.store.rounds.extend` for what is refused."""
        self.write(lambda transaction: rounds.extend(transaction, round_, batch, new_client()))

    def growth(self, round_: int) -> list[Event]:
        """Return the events that drew a round's units: the one that made it, then one for each batch."""
        with self.reading() as connection:
            return rounds.growth(connection, round_)

    def round(self, round_: int | str) -> Round:
        """Return a round by number or name."""
        with self.reading() as connection:
            return rounds.get(connection, round_)

    def rounds(self) -> list[Round]:
        """Return all rounds in the order they were made."""
        with self.reading() as connection:
            return rounds.every(connection)

    def rounds_of(self, coder: str) -> list[int]:
        """Return the numbers of the rounds that a coder has units in."""
        with self.reading() as connection:
            return work.rounds_of(connection, coder)

    def draws(self, round_: int) -> list[Draw]:
        """Return what was drawn in a round: its ledger."""
        with self.reading() as connection:
            return rounds.draws(connection, round_)

    def drawn(self) -> dict[int, set[str]]:
        """Return, for every unit ever drawn, the purposes it was drawn for."""
        with self.reading() as connection:
            return rounds.drawn(connection)

    def assignments(self, round_: int, coder: str | None = None) -> list[Assignment]:
        """Return who is to code what in a round, in the order of the queues."""
        with self.reading() as connection:
            return rounds.assignments(connection, round_, coder)

    def move(self, round_: int, moves: Sequence[Move]) -> None:
        """Give open units to other coders; see :func:`annotate.store.rounds.move`."""
        self.write(lambda transaction: rounds.move(transaction, round_, moves, new_client()))

    def close_round(self, round_: int) -> None:
        """Close a round: nothing is decided in it any more."""
        self.write(lambda transaction: rounds.close(transaction, round_, new_client()))

    def set_answers(self, round_: int, answers: Mapping[int, tuple[str, str | None]]) -> None:
        """Store the known answers of a training round: unit to label and explanation."""
        self.write(lambda transaction: rounds.set_answers(transaction, round_, answers))

    def answers(self, round_: int) -> dict[int, tuple[str, str | None]]:
        """Return the known answers of a round: unit to label and explanation."""
        with self.reading() as connection:
            return rounds.answers(connection, round_)

    def set_suggestions(self, model: str, suggestions: Mapping[int, tuple[str, Mapping[str, float]]]) -> None:
        """Store what a model says of units: label and probabilities."""
        self.write(lambda transaction: rounds.set_suggestions(transaction, model, suggestions))

    def suggestion(self, model: str, unit: int) -> tuple[str, dict[str, float]] | None:
        """Return the label and probabilities that a model gave a unit, or None."""
        with self.reading() as connection:
            return rounds.suggestion(connection, model, unit)

    def suggested(self, round_: int, model: str) -> list[Suggested]:
        """Return coders' first judgments in a round of units that a model has labelled, in the order they were made."""
        with self.reading() as connection:
            return rounds.suggested(connection, round_, model)

    def import_decisions(
        self,
        name: str,
        entries: Sequence[Decision],
        *,
        source: str,
        sha256: str,
        places: Mapping[str, str] | None = None,
        dry_run: bool = False,
    ) -> Imported:
        """Bring in judgments made elsewhere as a round of their own, at once or not at all; what is known stays.

        Parameters
        ----------
        entries
            Whose client ids tell what was brought in before; their rounds do not count.
        source, sha256
            The file's or server's name, and the SHA-256 of what it gave.
        places
            Where entries stand in the source, by their clients, for messages.
        dry_run
            Do all of it, and take it back.

        Raises
        ------
        ProjectError
            If there is a round of this name, or a coder can't be called so.
        CodebookError, InputError
            See :func:`annotate.store.decisions.take`.
        """
        bring = partial(imports.bring_in, name=name, entries=entries, source=source, sha256=sha256, places=places or {})
        try:
            return self.write(partial(bring, dry_run=dry_run))
        except imports.Rehearsed as done:
            return done.brought

    def record_import(self, round_: int, source: str, sha256: str) -> Event:
        """Say where a round's judgments came from: a file's or server's name, and the SHA-256 of what it gave."""

        def record(transaction: Transaction) -> Event:
            variables = {"sha256": sha256}
            return rows.event(
                transaction.append("import", new_client(), round=round_, note=source, variables=variables)
            )

        return self.write(record)

    # -- inside --------------------------------------------------------------------------------------------------

    def _page(self, number: int) -> Page:
        """Return an article by its number, with all its units; kept in memory, for it never changes."""
        with self.reading() as connection:
            return articles.page(connection, number)

    def _add_chunk(self, chunk: list[Split], total: Added, on_chunk: Callable[[Added], None] | None) -> Added:
        added = self.write(lambda transaction: articles.add(transaction, chunk, new_client()))
        if on_chunk is not None:
            on_chunk(added)
        return Added(*(one + other for one, other in zip(total, added, strict=True)))

    def _take(self, transaction: Transaction, entry: Entry) -> Receipt:
        assert self._codebooks is not None
        return decisions.take(transaction, entry, self._codebooks)
