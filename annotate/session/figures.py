"""How far coders agree, computed in a process of its own: neither its memory nor its work slows the coders down.

The process reads a :class:`Question` from standard input and writes a :class:`Found` to standard output.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from annotate.errors import NutgrafError

_PATIENCE: Final = 120.0
_BOOTSTRAPS: Final = 1000


class Question(msgspec.Struct, frozen=True):
    """The judgments of a round, made before any discussion.

    Parameters
    ----------
    rows
        Article, start, end, coder, label (None for a skip), and the groups the judgment belongs to.
    """

    labels: tuple[str, ...]
    rows: tuple[tuple[str, int, int, str, str | None, Mapping[str, str]], ...]


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
    labels, pairs, weeks
        Alpha of each label against the rest, of each pair of coders, of each week; with the number of units.
    """

    problem: str = ""
    units: int = 0
    articles: int = 0
    alpha: Interval | None = None
    percent: Interval | None = None
    verdict: str = ""
    cautions: tuple[str, ...] = ()
    labels: tuple[tuple[str, int, Interval], ...] = ()
    pairs: tuple[tuple[str, int, Interval], ...] = ()
    weeks: tuple[tuple[str, int, Interval], ...] = ()


async def compute(question: Question) -> Found:
    """Compute in a process of its own."""
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
        return Found(problem="the computation took too long; use nutgraf agree")
    if process.returncode:
        return Found(problem="the computation failed; use nutgraf agree")
    return msgspec.json.decode(told, type=Found)


def answer(question: Question) -> Found:
    """Return how far the coders agree."""
    # Here, not above: whoever only asks need not load what computes.
    from annotate.agreement import Rating, certify, tabulate  # noqa: PLC0415

    ratings = (
        Rating(article, start, end, coder, label, groups) for article, start, end, coder, label, groups in question.rows
    )
    try:
        certificate = certify(tabulate(ratings, question.labels), bootstraps=_BOOTSTRAPS)
    except NutgrafError as error:
        return Found(problem=str(error))
    return Found(
        units=certificate.units,
        articles=certificate.articles,
        alpha=_interval(certificate.overall["alpha"]),
        percent=_interval(certificate.overall["percent"]),
        verdict=certificate.verdict,
        cautions=certificate.cautions,
        labels=tuple((row.label, row.units, _interval(row.alpha)) for row in certificate.by_label),
        pairs=tuple((" – ".join(row.coders), row.units, _interval(row.alpha)) for row in certificate.by_pair),
        weeks=tuple(
            (row.value, row.units, _interval(row.alpha)) for row in certificate.by_group if row.group == "week"
        ),
    )


def _interval(found: Any) -> Interval:
    return Interval(found.estimate, found.low, found.high, found.note)


def main() -> None:
    """Answer the question on standard input."""
    asked = msgspec.json.decode(sys.stdin.buffer.read(), type=Question)
    sys.stdout.buffer.write(msgspec.json.encode(answer(asked)))
