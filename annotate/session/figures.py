"""How far coders agree, computed in a process of its own: neither its memory nor its work slows the coders down.

The process reads a :class:`Question` from standard input and writes a :class:`Found` to standard output.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal

import msgspec

from annotate.errors import NutgrafError
from annotate.types import Said, Variable

_CHOSEN: Final = ("not", "chosen")
_PATIENCE: Final = 120.0
_BOOTSTRAPS: Final = 1000


class Row(msgspec.Struct, frozen=True, array_like=True):
    """A judgment: where, by whom, its label (None for a skip), the groups it belongs to, the answers to variables."""

    article: str
    start: int
    end: int
    coder: str
    label: str | None
    groups: Mapping[str, str] = {}
    answers: Mapping[str, str | list[str]] = {}


class Question(msgspec.Struct, frozen=True, tag="agreement"):
    """The judgments of a round, made before any discussion, and what the codebook asks besides the label."""

    labels: tuple[str, ...]
    rows: tuple[Row, ...]
    variables: tuple[Variable, ...] = ()


class Choices(msgspec.Struct, frozen=True, tag="effect"):
    """Coders' first labels of units that a model has labelled too.

    Parameters
    ----------
    rows
        Article, arm, whether it is the model's label, milliseconds of work, whether it was changed since, and to the
        model's label.
    """

    rows: tuple[tuple[str, str, bool, int | None, bool, bool], ...]


class Interval(msgspec.Struct, frozen=True):
    """An estimate with its 95 % interval, None where it is not defined."""

    estimate: float | None
    low: float | None = None
    high: float | None = None
    note: str = ""


class Found(msgspec.Struct, frozen=True, omit_defaults=True):
    """Agreement in a round.

    Parameters
    ----------
    problem
        Why there is no figure.
    verdict, cautions
        What the figures allow to conclude, and what they warn of.
    labels, variables, pairs, weeks
        Alpha of each label against the rest, of each variable (of a multiple choice: of each value, chosen or not), of
        each pair of coders, of each week; with the number of units.
    """

    problem: Said | None = None
    units: int = 0
    articles: int = 0
    alpha: Interval | None = None
    percent: Interval | None = None
    verdict: Said | None = None
    cautions: tuple[Said, ...] = ()
    labels: tuple[tuple[str, int, Interval], ...] = ()
    variables: tuple[tuple[str, int, Interval], ...] = ()
    pairs: tuple[tuple[str, int, Interval], ...] = ()
    weeks: tuple[tuple[str, int, Interval], ...] = ()


class Effect(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a model's suggestions did to coders.

    Parameters
    ----------
    seen, unseen
        How many choices were made having seen the model's label, and without.
    alike_seen, alike_unseen, difference
        The share that is the model's label, and how much larger it is where that was seen.
    seconds_seen, seconds_unseen
        Time of a decision.
    changed, adopted
        First choices changed since, and those of them changed to the model's label.
    """

    seen: int
    unseen: int
    alike_seen: Interval
    alike_unseen: Interval
    difference: Interval
    seconds_seen: Interval
    seconds_unseen: Interval
    changed: int = 0
    adopted: int = 0


async def compute(question: Question) -> Found:
    """Compute agreement in a process of its own."""
    told = await _ask(question)
    return Found(problem=Said(told)) if isinstance(told, str) else msgspec.json.decode(told, type=Found)


async def effect(choices: Choices) -> Effect | None:
    """Compute the effect of suggestions in a process of its own; return None if that failed."""
    told = await _ask(choices)
    return None if isinstance(told, str) else msgspec.json.decode(told, type=Effect)


async def _ask(question: Question | Choices) -> bytes | str:
    """Return what the process answers, or why it does not."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from annotate.session.figures import main; main()",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        told, _ = await asyncio.wait_for(process.communicate(msgspec.json.encode(question)), _PATIENCE)
    except TimeoutError:
        process.kill()
        await process.wait()
        return "the computation took too long; use nutgraf agree"
    return "the computation failed; use nutgraf agree" if process.returncode else told


def answer(question: Question) -> Found:
    """Return how far the coders agree."""
    # Here, not above: whoever only asks need not load what computes.
    from annotate.agreement import Rating, certify, tabulate  # noqa: PLC0415
    from annotate.agreement.verdict import judge, warn  # noqa: PLC0415

    ratings = (Rating(row.article, row.start, row.end, row.coder, row.label, row.groups) for row in question.rows)
    try:
        certificate = certify(tabulate(ratings, question.labels), bootstraps=_BOOTSTRAPS)
    except NutgrafError as error:
        return Found(problem=Said(str(error), _missing(question)))
    return Found(
        units=certificate.units,
        articles=certificate.articles,
        alpha=_interval(certificate.overall["alpha"]),
        percent=_interval(certificate.overall["percent"]),
        verdict=judge(certificate.overall["alpha"]),
        cautions=warn(certificate),
        labels=tuple((row.label, row.units, _interval(row.alpha)) for row in certificate.by_label),
        variables=tuple(_of_variables(question)),
        pairs=tuple((" – ".join(row.coders), row.units, _interval(row.alpha)) for row in certificate.by_pair),
        weeks=tuple(
            (row.value, row.units, _interval(row.alpha)) for row in certificate.by_group if row.group == "week"
        ),
    )


def _missing(question: Question) -> str:
    """Return the name of what there is too little of for a figure."""
    labelling = len({row.coder for row in question.rows if row.label is not None})
    return "no_label" if labelling == 0 else "one_coder" if labelling == 1 else "nothing_shared"


def _of_variables(question: Question) -> Iterator[tuple[str, int, Interval]]:
    for variable in question.variables:
        answered = [(row, row.answers[variable.key]) for row in question.rows if variable.key in row.answers]
        if not variable.multiple:
            rows = [(row, str(answer)) for row, answer in answered]
            yield from _of_one(variable.name, rows, variable.keys, variable.scale)
            continue
        for value in variable.values:
            rows = [(row, _CHOSEN[value.key in answer]) for row, answer in answered]
            yield from _of_one(f"{variable.name}: {value.name}", rows, _CHOSEN, "nominal")


def _of_one(
    name: str, rows: Sequence[tuple[Row, str]], values: tuple[str, ...], scale: Literal["nominal", "ordinal"]
) -> Iterator[tuple[str, int, Interval]]:
    """Yield how far coders agree on one variable, nothing where no unit has two answers."""
    from annotate.agreement import Rating, Scale, tabulate  # noqa: PLC0415 - as above
    from annotate.agreement.measures import measure  # noqa: PLC0415

    # An answer given under an earlier codebook may be none of today's.
    ratings = [Rating(row.article, row.start, row.end, row.coder, value) for row, value in rows if value in values]
    paired = tabulate(ratings, values).paired()
    if paired.units:
        ordered = Scale(scale, tuple(map(float, range(len(values)))))
        found = measure(paired, ordered, seed=0, bootstraps=_BOOTSTRAPS, by_label=False, by_pair=False).found
        yield name, len(paired.units), _interval(found["alpha",])


def compare(choices: Choices) -> Effect:
    """Return what suggestions did to coders."""
    from annotate.agreement.suggestions import Choice, suggestion_effect  # noqa: PLC0415 - as above

    found = suggestion_effect((Choice(*row) for row in choices.rows), bootstraps=_BOOTSTRAPS)
    return Effect(
        seen=found.seen.choices,
        unseen=found.unseen.choices,
        alike_seen=_interval(found.seen.alike),
        alike_unseen=_interval(found.unseen.alike),
        difference=_interval(found.difference),
        seconds_seen=_interval(found.seen.seconds),
        seconds_unseen=_interval(found.unseen.seconds),
        changed=found.changed,
        adopted=found.adopted,
    )


def _interval(found: Any) -> Interval:
    return Interval(found.estimate, found.low, found.high, found.note)


def main() -> None:
    """Answer the question on standard input."""
    asked: Question | Choices = msgspec.json.decode(sys.stdin.buffer.read(), type=Question | Choices)
    told = answer(asked) if isinstance(asked, Question) else compare(asked)
    sys.stdout.buffer.write(msgspec.json.encode(told))
