"""Why a sentence got its label: what the model would say without something it read (occlusion; Zeiler and Fergus 2014).

Three kinds of things are taken away from the model itself, whatever it is made of: words of the sentence, what stands
around it, and, where the model reads a careful reader's features, each group of these, which is then as in the average
sentence of the pages at hand. What several things say together is lost with any of them, so effects do not add up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from typing import Any, Final, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from annotate.classify.features import PageFeatures
from annotate.classify.features.reading import Floats, Reading
from annotate.classify.fitting import probabilities
from annotate.classify.labelled import Labelled
from annotate.classify.units import Page, Sample, Unit, as_sample, pages

MOST_PIECES: Final = 40
"""A longer sentence's words are taken away several at a time."""
_BACKGROUND: Final = 30  # pages that say what is usual
# What a group of features is called, by the module that computes it.
_GROUPS: Final = {
    "quotes": "quotation marks, and what stands in them",
    "attribution": "who speaks",
    "furniture": "its form and its place on the page",
    "loaded": "loaded words",
    "document": "the kind of page",
}
_ALONE: Final = "everything around it"
_WORDS: Final = "its own words, all of them"

Kind = Literal["words", "reading", "around"]


class Reason(msgspec.Struct, frozen=True):
    """Something the model read, and the label's probability without it."""

    what: str
    kind: Kind
    without: float


class Piece(msgspec.Struct, frozen=True):
    """A word of the sentence, or a few, and the label's probability without it."""

    text: str
    without: float


class Why(msgspec.Struct, frozen=True):
    """Why a sentence got its label.

    Parameters
    ----------
    article, index, start, text
        The sentence.
    label
        What the model says.
    probabilities
        Of every label.
    reasons
        What speaks for the label and against it, the largest effect first.
    pieces
        The sentence's words in their order.
    """

    article: str
    index: int
    start: int
    text: str
    label: str
    probabilities: dict[str, float]
    reasons: tuple[Reason, ...]
    pieces: tuple[Piece, ...]

    @property
    def probability(self) -> float:
        """Return the label's probability."""
        return self.probabilities[self.label]


def explain(estimator: Any, X: Sample, labels: Sequence[str], *, background: Sample | None = None) -> list[Why]:
    """Explain the label of each unit.

    Parameters
    ----------
    estimator
        Anything with ``predict_proba`` and ``classes_`` that reads units.
    background
        Units whose pages say what is usual; without it, the pages of ``X``.
    """
    usual = [page for page, _ in pages(X if background is None else background)][:_BACKGROUND]
    muted = _muted(estimator, X, labels, usual)
    return [
        _explained(estimator, unit, labels, [(what, rows[row]) for what, rows in muted.items()])
        for row, unit in enumerate(X)
    ]


def explain_errors(most: int, estimator: Any, held_out: Labelled, found: NDArray[Any]) -> list[Why]:
    """Explain the most confident errors among units held out; see :data:`annotate.classify.crossfit.Look`."""
    said = np.array(held_out.labels)[found.argmax(axis=1)]
    wrong = np.flatnonzero(said != held_out.y)
    worst = wrong[np.argsort(-found[wrong].max(axis=1), kind="stable")][:most]
    return explain(estimator, held_out.X[worst], held_out.labels, background=held_out.X) if len(worst) else []


def _explained(
    estimator: Any, unit: Unit, labels: Sequence[str], muted: Sequence[tuple[str, NDArray[np.float64]]]
) -> Why:
    pieces = _pieces(unit.sentence.text)
    without_piece = [_rewritten(unit, "".join([*pieces[:i], *pieces[i + 1 :]]).strip()) for i in range(len(pieces))]
    around = _without_surroundings(unit)
    variants = [unit, _rewritten(unit, ""), *around.values(), *without_piece]
    found = probabilities(estimator, as_sample(variants), labels)
    best = int(found[0].argmax())
    reasons = [Reason(_WORDS, "words", float(found[1, best]))]
    reasons += [
        Reason(what, "around", float(row[best])) for what, row in zip(around, found[2 : 2 + len(around)], strict=True)
    ]
    reasons += [Reason(what, "reading", float(row[best])) for what, row in muted]
    probability = float(found[0, best])
    sentence = unit.sentence
    return Why(
        article=sentence.article,
        index=sentence.index,
        start=sentence.start,
        text=sentence.text,
        label=labels[best],
        probabilities=dict(zip(labels, found[0].tolist(), strict=True)),
        reasons=tuple(sorted(reasons, key=lambda reason: -abs(probability - reason.without))),
        pieces=tuple(Piece(text, float(row[best])) for text, row in zip(pieces, found[2 + len(around) :], strict=True)),
    )


def _pieces(text: str) -> list[str]:
    """Cut a text before its words, into ``MOST_PIECES`` at most; together they are the text."""
    starts = [i for i, c in enumerate(text) if not c.isspace() and (i == 0 or text[i - 1].isspace())]
    step = -(-len(starts) // MOST_PIECES)
    borders = [0, *starts[step::step], len(text)] if starts else [0, len(text)]
    return [text[a:b] for a, b in pairwise(borders)]


def _rewritten(unit: Unit, text: str) -> Unit:
    sentences = list(unit.page.sentences)
    sentences[unit.position] = msgspec.structs.replace(unit.sentence, text=text)
    return Unit(msgspec.structs.replace(unit.page, sentences=tuple(sentences)), unit.position)


def _without_surroundings(unit: Unit) -> dict[str, Unit]:
    """Return the unit on its page without what stands around it, by what is gone."""
    sentences, at = unit.page.sentences, unit.position
    gone = {}
    if at > 0:
        gone["the sentence before"] = _on(unit, (*sentences[: at - 1], *sentences[at:]), at - 1)
    if at + 1 < len(sentences):
        gone["the sentence after"] = _on(unit, (*sentences[: at + 1], *sentences[at + 2 :]), at)
    if len(sentences) > 1:
        gone[_ALONE] = _on(unit, (unit.sentence,), 0)
    return gone


def _on(unit: Unit, sentences: tuple[Any, ...], position: int) -> Unit:
    return Unit(msgspec.structs.replace(unit.page, sentences=sentences), position)


def _muted(estimator: Any, X: Sample, labels: Sequence[str], usual: Sequence[Page]) -> dict[str, NDArray[np.float64]]:
    """Return what the model says of the units with each group of features as usual, by the group's name."""
    readers = list(_readers(estimator))
    names = dict.fromkeys(_name(compute) for reader in readers for _, compute in reader.groups)
    means = [_means(reader, usual) for reader in readers]
    found = {}
    for name in names:
        with ExitStack() as stack:
            for reader, mean in zip(readers, means, strict=True):
                if name in mean:
                    stack.enter_context(_usual(reader, name, mean[name]))
            found[_GROUPS.get(name, f"what {name} says")] = probabilities(estimator, X, labels)
    return found


def _readers(part: Any, seen: set[int] | None = None) -> Iterator[PageFeatures]:
    """Yield the readers of features in an estimator, however deep they stand."""
    seen = set() if seen is None else seen
    if id(part) in seen or isinstance(part, str | bytes | int | float | np.ndarray):
        return
    seen.add(id(part))
    if isinstance(part, PageFeatures):
        yield part
    inner = part.values() if isinstance(part, dict) else part if isinstance(part, list | tuple) else ()
    for value in (*inner, *getattr(part, "__dict__", {}).values()):
        yield from _readers(value, seen)


def _name(compute: Callable[..., Any]) -> str:
    return compute.__module__.rpartition(".")[2]


def _means(reader: PageFeatures, usual: Sequence[Page]) -> dict[str, Floats]:
    """Return the mean features of a page's sentence, by group."""
    mean = np.vstack([reader.read(page) for page in usual]).mean(axis=0)
    borders = np.cumsum([len(names) for names, _ in reader.groups])[:-1]
    parts = np.split(mean, borders)
    return {_name(compute): part for (_, compute), part in zip(reader.groups, parts, strict=True)}


@contextmanager
def _usual(reader: PageFeatures, name: str, mean: Floats) -> Iterator[None]:
    """Let a reader give the mean for the features of one module, while the block lasts."""

    def as_usual(reading: Reading) -> Floats:
        return np.tile(mean, (reading.n, 1)).astype(np.float32)

    groups = reader.groups
    reader.groups = tuple((n, as_usual if _name(compute) == name else compute) for n, compute in groups)  # type: ignore[misc]
    try:
        yield
    finally:
        del reader.groups
