"""A project's judgments as annotations, and annotations as judgments of a project."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

import msgspec

from annotate.adjudication import Method, Settled
from annotate.classify.project_gold import project_gold
from annotate.codebook import SKIP
from annotate.errors import EmptyInput, InputError, OffsetMismatch
from annotate.exchange.annotation import Annotation, place_of
from annotate.exchange.annotations import Placed
from annotate.store import Decision, Imported, Judgment, Store, Unit
from annotate.types import Sentence

_MICROSECONDS: Final = 1_000_000
Place = tuple[str, int, int]


class Held(NamedTuple):
    """What a project holds: annotations in page order, and the texts of their articles by id."""

    annotations: list[Annotation]
    texts: dict[str, str]


def judged_in(
    store: Store,
    *,
    rounds: Sequence[int] | None = None,
    coder: str | None = None,
    gold: Method | None = None,
    every: bool = False,
) -> Held:
    """Return a project's judgments as annotations.

    Parameters
    ----------
    rounds
        By number; None for all.
    coder
        Only this coder's judgments.
    gold
        One annotation a sentence, by a rule, instead of one a judgment; see :mod:`annotate.adjudication`.
    every
        Also the sentences that nobody judged.

    Raises
    ------
    EmptyInput
        If there is nothing to return.
    """
    of: dict[Place, list[Annotation]] = {}
    if gold is None:
        names = {one.id: one.name for one in store.rounds()}
        for judgment in store.judgments(rounds=rounds):
            if coder in {None, judgment.coder}:
                place = judgment.article, judgment.start, judgment.end
                of.setdefault(place, []).append(_of_judgment(judgment, names[judgment.round]))
    else:
        settled = project_gold(store, by=gold, rounds=rounds, coder=coder).settled
        fingerprint = store.codebook().fingerprint
        for row in settled.rows:
            of[row.document, row.start, row.end] = [_of_settled(row, settled.method, fingerprint)]
    held = Held([], {})
    for page in store.pages():
        for unit in page.units:
            s = unit.sentence
            found = of.get((s.article, s.start, s.end), [Annotation(s)] if every else [])
            held.annotations.extend(msgspec.structs.replace(one, sentence=s) for one in _latest(found))
            if found:
                held.texts[page.article.id] = page.article.text
    if not held.annotations:
        raise EmptyInput("nothing was judged here", remedy="label first, or add --all for every sentence")
    return held


def bring_in(
    store: Store,
    found: Sequence[Placed],
    *,
    source: str,
    sha256: str,
    name: str | None = None,
    dry_run: bool = False,
) -> Imported:
    """Bring other people's judgments into a project as a round of purpose ``import``: all or none, each once.

    Parameters
    ----------
    found
        Read by :func:`annotate.exchange.annotations.read_annotations`; what nobody judged is passed over.
    source, sha256
        Of the file.
    name
        The round's; without one it is made of the hash.
    dry_run
        Check everything, store nothing.

    Raises
    ------
    OffsetMismatch
        If a sentence is not as it is in the project.
    InputError
        If the project has no such sentence, a judgment names no coder, or one is of a codebook unknown here.
    ProjectError, CodebookError
        See :meth:`annotate.store.Store.import_decisions`.
    """
    judged = [(where, one) for where, one in found if one.judged]
    if not judged:
        raise EmptyInput("holds no judgment", where=source, remedy="label some sentences first")
    units = _units(store, {one.sentence.article for _, one in judged})
    entries = [_entry(where, one, _unit_of(where, one.sentence, units, store)) for where, one in judged]
    # What was exported from here and comes back unchanged is no second judgment.
    here = {(one.unit, one.coder, one.label, str(one.variables)) for one in store.judgments()}
    new = [one for one in entries if (one.unit, one.coder, one.label, str(one.variables)) not in here]
    places = {entry.client: where for entry, (where, _) in zip(entries, judged, strict=True)}
    called = name or f"import-{sha256[:8]}"
    brought = store.import_decisions(called, new, source=source, sha256=sha256, places=places, dry_run=dry_run)
    return brought._replace(known=brought.known + len(entries) - len(new))


def foreign_codebooks(store: Store, found: Iterable[Placed]) -> dict[str, int]:
    """Return how many judgments were made under codebooks that are not the one in use, by fingerprint."""
    own = store.codebook().fingerprint
    counts: dict[str, int] = {}
    for _, one in found:
        if one.judged and one.codebook not in (None, own):
            counts[str(one.codebook)] = counts.get(str(one.codebook), 0) + 1
    return counts


def _of_judgment(judgment: Judgment, round_: str) -> Annotation:
    return Annotation(
        sentence=Sentence(judgment.article, 0, 0, judgment.start, judgment.end, ""),
        label=judgment.label,
        coder=judgment.coder,
        skipped=judgment.label is None and not judgment.variables,
        unsure=judgment.unsure,
        note=judgment.note,
        variables=judgment.variables,
        time=datetime.fromtimestamp(judgment.time / _MICROSECONDS, UTC).isoformat(),
        round=round_,
        codebook=judgment.codebook,
    )


def _of_settled(row: Settled, method: Method, fingerprint: str) -> Annotation:
    """Return a gold label; who supports it, and who does not, stands in the note."""
    sides = [("for", row.supporters), ("against", row.others)]
    note = "; ".join(f"{word}: {', '.join(coders)}" for word, coders in sides if coders)
    return Annotation(
        sentence=Sentence(row.document, 0, 0, row.start, row.end, ""),
        label=None if row.label == SKIP else row.label,
        coder=f"{method}, adjudicated by {row.decided_by}" if row.decided_by else method,
        note=note or None,
        probabilities={} if row.decided_by else row.probabilities,  # who decides needs no shares
        codebook=fingerprint,
    )


def _latest(annotations: list[Annotation]) -> list[Annotation]:
    """Return the last judgment of each coder, where a sentence was coded in several rounds."""
    return list({one.coder: one for one in sorted(annotations, key=lambda one: one.time or "")}.values())


def _units(store: Store, articles: Iterable[str]) -> dict[str, dict[tuple[int, int], Unit]]:
    pages = ((article, store.find_page(article)) for article in sorted(articles))
    return {
        article: {(unit.sentence.start, unit.sentence.end): unit for unit in page.units}
        for article, page in pages
        if page is not None
    }


def _unit_of(where: str, sentence: Sentence, units: Mapping[str, Mapping[tuple[int, int], Unit]], store: Store) -> int:
    if sentence.article not in units:
        raise InputError(
            f"the project has no article {sentence.article!r}", where=where, remedy="add it first: nutgraf add"
        )
    unit = units[sentence.article].get((sentence.start, sentence.end))
    page = store.find_page(sentence.article)
    assert page is not None
    here = page.article.text[sentence.start : sentence.end]
    if here != sentence.text:
        raise OffsetMismatch(where=where, expected=sentence.text, found=here)
    if unit is None:
        raise InputError(
            f"{place_of(sentence)} is no sentence of the project, which splits the article elsewhere",
            where=where,
            remedy="judge the sentences that nutgraf exported",
        )
    return unit.id


def _entry(where: str, one: Annotation, unit: int) -> Decision:
    if one.coder is None:
        raise InputError("names no coder", where=where, remedy="say who judged with --coder")
    # The same judgment has the same name wherever it comes from, and is brought in once.
    parts = (one.sentence.article, one.sentence.start, one.sentence.end, one.coder, one.label, one.variables, one.time)
    digest = hashlib.sha256(msgspec.json.encode(parts, order="sorted")).hexdigest()
    told = {"round": one.round, "codebook": one.codebook, "time": one.time}
    return Decision(
        client=f"import:{digest[:40]}",
        coder=one.coder,
        round=0,
        unit=unit,
        kind="skip" if one.skipped else "judgment",
        label=one.label,
        variables=one.variables,
        unsure=one.unsure,
        note=one.note,
        shown={"imported": {name: value for name, value in told.items() if value}},
        client_time=None if one.time is None else _milliseconds(one.time, where),
    )


def _milliseconds(time: str, where: str) -> int:
    try:
        return round(datetime.fromisoformat(time).timestamp() * 1000)
    except (ValueError, OverflowError) as error:
        raise InputError(f"the time {time!r} is no date", where=where, remedy="write 2026-03-14T09:30:00Z") from error
