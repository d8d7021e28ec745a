"""An article as it is shown: its text, whole, with each sentence's label and probabilities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from annotate.types import Article, Codebook, Prediction


class Chance(msgspec.Struct, frozen=True):
    """A label's name and its probability."""

    name: str
    probability: float


class Marked(msgspec.Struct, frozen=True):
    """A sentence as it is shown; ``before`` is the text between it and the sentence before it in its paragraph.

    ``given`` is the name of the label a coder gave it, if any; ``agrees`` says whether it is the predicted one.
    """

    before: str
    text: str
    label: str
    name: str
    chances: tuple[Chance, ...]
    given: str | None
    agrees: bool


class MarkedArticle(msgspec.Struct, frozen=True):
    """An article's paragraphs of marked sentences."""

    id: str
    title: str
    paragraphs: tuple[tuple[Marked, ...], ...]
    counts: tuple[tuple[str, str, int], ...]
    model: str


def mark(
    article: Article,
    predictions: Sequence[Prediction],
    codebook: Codebook,
    *,
    given: Mapping[tuple[int, int], str] | None = None,
) -> MarkedArticle:
    """Return what the report shows of an article.

    Parameters
    ----------
    predictions
        Of all its sentences, in page order; not empty.
    given
        Label keys by (start, end), where a coder labelled.
    """
    given = given or {}
    paragraphs: dict[int, list[Marked]] = {}
    end = 0
    for p in predictions:
        paragraph = paragraphs.setdefault(p.paragraph, [])
        label = given.get((p.start, p.end))
        chances = sorted(p.probabilities.items(), key=lambda pair: -pair[1])
        marked = Marked(
            before=article.text[end : p.start] if paragraph else "",
            text=p.text,
            label=p.label,
            name=codebook[p.label].name,
            chances=tuple(Chance(codebook[key].name, chance) for key, chance in chances),
            given=codebook[label].name if label else None,
            agrees=label in (None, p.label),
        )
        paragraph.append(marked)
        end = p.end
    counts = ((label.key, label.name, sum(p.label == label.key for p in predictions)) for label in codebook.labels)
    return MarkedArticle(
        id=article.id,
        title=article.title or predictions[0].text,
        paragraphs=tuple(tuple(paragraph) for paragraph in paragraphs.values()),
        counts=tuple(counts),
        model=predictions[0].model,
    )
