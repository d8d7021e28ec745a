"""Prove that a store is what it was when it was written, or name the first thing that is not."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import Connection, select

from annotate.codebook import fingerprint
from annotate.store import articles, rounds, rows, schema
from annotate.store.chain import GENESIS, link
from annotate.store.codebooks import Codebooks
from annotate.store.ledger import Flaw, Verified
from annotate.store.work import Standing

_AT_ONCE: Final = 5000
_EVENT: Final = schema.event
_ASSIGNMENT: Final = schema.assignment


def verify(connection: Connection, *, head: str | None = None) -> Verified:
    """Check the chain of events, the articles, the draws, and what is said to be in force.

    Parameters
    ----------
    head
        A hash noted down earlier: it must stand in the chain. Without one, a chain whose end was cut off, or that was
        written anew from beginning to end, can't be told from a true one.
    """
    chain = _Chain(connection)
    flaws = list(chain.flaws())
    if head is not None and head not in chain.hashes:
        flaws.append(Flaw(f"hash {head[:12]}…", "was noted down earlier and is not in the chain: events were removed"))
    flaws += _article_flaws(connection, chain.said["articles"])
    flaws += _round_flaws(connection, chain.said["round"], _batches(chain))
    flaws += _assignment_flaws(connection, chain.said["round"] | chain.said["assign"] | chain.said["draw"])
    flaws += _codebook_flaws(connection)
    flaws += _standing_flaws(connection, chain)
    return Verified(chain.events, chain.head, tuple(flaws))


class _Chain:
    """The events read from first to last, and what they said that other tables must match."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.events = 0
        self.head = GENESIS
        self.hashes: set[str] = set()
        self.said: dict[str, dict[int, dict[str, Any]]] = {"articles": {}, "round": {}, "assign": {}, "draw": {}}
        self.standing = Standing()

    def flaws(self) -> Iterator[Flaw]:
        """Read all events; yield the first that does not fit, and go on no further in the chain."""
        expected, time, broken = 1, 0, False
        for row in _events(self._connection):
            seq = row["seq"]
            if not broken and seq != expected:
                broken = True
                yield Flaw(f"event {expected}", "is missing")
            elif not broken and row["hash"] != link(self.head, row):
                broken = True
                yield Flaw(f"event {seq}", f"was changed after it was written ({_in_words(row)})")
            elif not broken and row["server_time"] < time:
                broken = True
                yield Flaw(f"event {seq}", "is older than the one before it")
            self.head, time, expected = row["hash"], row["server_time"], seq + 1
            self.hashes.add(row["hash"])
            self.events += 1
            self._take(row)

    def _take(self, row: dict[str, Any]) -> None:
        if row["kind"] in self.said:
            self.said[row["kind"]][row["seq"]] = {**rows.mapping(row["variables"]), "round": row["round"]}
        elif row["coder"] is not None and row["round"] is not None and row["unit"] is not None:
            self.standing.take(row["seq"], row["kind"], (row["round"], row["unit"], row["coder"]), row["supersedes"])


def _events(connection: Connection) -> Iterator[dict[str, Any]]:
    after = 0
    while True:
        query = select(_EVENT).where(_EVENT.c.seq > after).order_by(_EVENT.c.seq).limit(_AT_ONCE)
        found = connection.execute(query).mappings().all()
        yield from ({**row, "unsure": bool(row["unsure"])} for row in found)
        if len(found) < _AT_ONCE:
            return
        after = found[-1]["seq"]


def _article_flaws(connection: Connection, said: dict[int, dict[str, Any]]) -> Iterator[Flaw]:
    table = schema.article
    query = select(table).order_by(table.c.event, table.c.id)
    seen: set[int] = set()
    for event, group in _grouped(connection, query, "event"):
        seen.add(event)
        changed = [row["key"] for row in group if articles.text_digest(row["text"]) != row["sha256"]]
        yield from (Flaw(f"article {key!r}", "its text was changed after it was added") for key in changed)
        if changed:
            continue
        numbers = [row["id"] for row in group]
        units = (
            select(schema.unit).where(schema.unit.c.article.between(numbers[0], numbers[-1])).order_by(schema.unit.c.id)
        )
        digest = articles.digest(group, connection.execute(units).mappings().all())
        if said.get(event, {}).get("sha256") != digest:
            where = f"articles {group[0]['key']!r} to {group[-1]['key']!r}"
            yield Flaw(where, "an article or unit was added, removed or changed after they were added")
    yield from (Flaw(f"event {event}", "its articles are missing") for event in sorted(said.keys() - seen))


def _batches(chain: _Chain) -> dict[int, list[Any]]:
    """Return what each round has grown by: round to its draws, each as unit, probability, reason and stratum."""
    grown: dict[int, list[Any]] = {}
    for event in chain.said["draw"].values():
        grown.setdefault(event["round"], []).extend(event["draws"])
    return grown


def _round_flaws(
    connection: Connection, said: dict[int, dict[str, Any]], batches: dict[int, list[Any]]
) -> Iterator[Flaw]:
    draw = schema.draw
    seen: set[int] = set()
    for row in connection.execute(select(schema.round_).order_by(schema.round_.c.id)).mappings().all():
        seen.add(row["event"])
        drawn = select(draw).where(draw.c.round == row["id"]).order_by(draw.c.unit)
        grown = {one[0]: one for one in batches.get(row["id"], ())}
        rows_ = connection.execute(drawn).mappings().all()
        later = {one["unit"]: [one["unit"], one["probability"], one["reason"], one["stratum"]] for one in rows_}
        if any(later.get(unit) != one for unit, one in grown.items()):
            yield Flaw(f"round {row['name']!r}", "a batch it has grown by was changed after it was drawn")
        digest = rounds.digest(dict(row), [one for one in rows_ if one["unit"] not in grown])
        if said.get(row["event"], {}).get("sha256") != digest:
            yield Flaw(f"round {row['name']!r}", "its draws, seed or design were changed after it was drawn")
    yield from (Flaw(f"event {event}", "its round is missing") for event in sorted(said.keys() - seen))


def _assignment_flaws(connection: Connection, said: dict[int, dict[str, Any]]) -> Iterator[Flaw]:
    query = select(_ASSIGNMENT).order_by(_ASSIGNMENT.c.since, _ASSIGNMENT.c.id)
    digests = {event: rounds.assigned_digest(group) for event, group in _grouped(connection, query, "since")}
    nothing = hashlib.sha256().hexdigest()
    for event in sorted(said.keys() | digests.keys()):
        if said.get(event, {}).get("assignments") != digests.get(event, nothing):
            yield Flaw(f"assignments of event {event}", "were changed after they were made")


def _codebook_flaws(connection: Connection) -> Iterator[Flaw]:
    for expected, codebook in sorted(Codebooks(connection).by_fingerprint.items()):
        if fingerprint(codebook) != expected:
            yield Flaw(f"codebook {expected[:12]}…", "was changed after it was taken into use")


def _standing_flaws(connection: Connection, chain: _Chain) -> Iterator[Flaw]:
    """Compare what assignments say is in force with what the events say."""
    codebooks = Codebooks(connection)
    query = (
        select(_ASSIGNMENT, _EVENT.c.label.label("decided"), _EVENT.c.codebook)
        .join(_EVENT, _EVENT.c.seq == _ASSIGNMENT.c.decision, isouter=True)
        .order_by(_ASSIGNMENT.c.id)
    )
    for row in connection.execute(query).mappings():
        key = (row["round"], row["unit"], row["coder"])
        again = None if row["decision"] is None else codebooks.again(row["label"], row["codebook"])
        if (row["decision"], row["label"], row["again"]) != (chain.standing.decisions.get(key), row["decided"], again):
            where = f"unit {row['unit']} of {row['coder']} in round {row['round']}"
            yield Flaw(where, "what is in force is not what the events say", rebuilds=True)


def _grouped(connection: Connection, query: Any, column: str) -> Iterator[tuple[int, list[Any]]]:
    found: Iterable[Any] = connection.execute(query).mappings()
    for key, group in groupby(found, key=itemgetter(column)):
        yield key, list(group)


def _in_words(row: dict[str, Any]) -> str:
    who = f" of {row['coder']}" if row["coder"] else ""
    unit = f" about unit {row['unit']}" if row["unit"] else ""
    return f"{row['kind']}{who}{unit}"


def rebuild(connection: Connection) -> int:
    """Set anew what is in force for every assignment from the events; return how many were wrong."""
    chain = _Chain(connection)
    for _ in chain.flaws():
        pass
    codebooks = Codebooks(connection)
    wrong = 0
    labels = {row.seq: (row.label, row.codebook) for row in connection.execute(_decided())}
    for row in connection.execute(select(_ASSIGNMENT).order_by(_ASSIGNMENT.c.id)).mappings().all():
        decision = chain.standing.decisions.get((row["round"], row["unit"], row["coder"]))
        label, codebook = labels[decision] if decision is not None else (None, None)
        again = None if decision is None else codebooks.again(label, codebook)
        true = {"decision": decision, "label": label, "again": again}
        if any(row[column] != value for column, value in true.items()):
            wrong += 1
            connection.execute(_ASSIGNMENT.update().where(_ASSIGNMENT.c.id == row["id"]).values(**true))
    return wrong


def _decided() -> Any:
    return select(_EVENT.c.seq, _EVENT.c.label, _EVENT.c.codebook).where(_EVENT.c.kind.in_(("judgment", "skip")))
