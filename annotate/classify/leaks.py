"""What lets a classifier look better than it is: labels in the text, marks of the source, sentences known already."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer

from annotate.classify.labelled import Labelled

OUTLET: Final = "outlet"
_FEWEST_UNITS: Final = 10
_FEWEST_ARTICLES: Final = 4
# A phrase that gives a label away: nearly all that hold it carry the label, and it holds most that carry it.
_GIVEAWAY_PRECISION: Final = 0.98
_GIVEAWAY_RECALL: Final = 0.8
# Of the label's own name less is enough: chance does not write it beside the label.
_NAME_RECALL: Final = 0.2
_EVERYWHERE: Final = 0.8
_ELSEWHERE: Final = 0.1
_SHORTEST: Final = 4  # words; shorter sentences repeat by themselves
_NAMED: Final = 3

Words = NDArray[Any]


class _Phrases(NamedTuple):
    """Which words and pairs of words each unit holds: a matrix of 0 and 1, shape (n_units, n_phrases)."""

    matrix: Any
    names: Words


def find_leaks(data: Labelled) -> tuple[str, ...]:
    """Return a caution for each sign that the text gives away what is to be predicted; the gravest first."""
    phrases = _phrases(data)
    if phrases is None:
        return ()
    return (*_giveaways(data, phrases), *_marks(data, phrases))


def known_already(data: Labelled) -> NDArray[np.bool_]:
    """Return which units' sentences also stand, word for word, in an article of another group, shape (n_units,)."""
    where: dict[str, set[str]] = defaultdict(set)
    groups = data.groups.tolist()
    texts = [_plain(unit.sentence.text) for unit in data.X]
    for text, group in zip(texts, groups, strict=True):
        where[text].add(group)
    known: NDArray[np.bool_] = np.array([len(where[text]) > 1 and text.count(" ") + 1 >= _SHORTEST for text in texts])
    return known


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def _phrases(data: Labelled) -> _Phrases | None:
    # Quotation marks and full stops are no part of a phrase; underscores and hyphens are.
    word = r"[^\s\"“”.,;:!?()]+"
    counter = CountVectorizer(ngram_range=(1, 2), token_pattern=word, binary=True, min_df=_FEWEST_UNITS)
    try:
        matrix = counter.fit_transform([unit.sentence.text for unit in data.X])
    except ValueError:  # no phrase is that frequent
        return None
    return _Phrases(sparse.csr_matrix(matrix), counter.get_feature_names_out())


def _giveaways(data: Labelled, phrases: _Phrases) -> list[str]:
    found = []
    total = np.asarray(phrases.matrix.sum(axis=0)).ravel()
    for label in data.labels:
        mine = data.y == label
        if not _FEWEST_UNITS <= mine.sum() < len(mine):
            continue
        inside = np.asarray(phrases.matrix[mine].sum(axis=0)).ravel()
        precision, recall = inside / total, inside / mine.sum()
        named = np.isin(phrases.names, [label.lower(), label.lower().replace("_", " ")])
        enough = np.where(named, _NAME_RECALL, _GIVEAWAY_RECALL)
        suspects = np.flatnonzero((precision >= _GIVEAWAY_PRECISION) & (recall >= enough))
        suspects = suspects[_articles(data, phrases, suspects) >= _FEWEST_ARTICLES]
        if len(suspects):
            best = suspects[np.lexsort((suspects, -recall[suspects]))[0]]
            found.append(
                f"“{phrases.names[best]}” stands in {100 * recall[best]:.0f} % of the sentences labelled {label} and"
                f" hardly in any other ({100 * precision[best]:.0f} % of those that hold it carry the label): was the"
                " label copied into the text? Then these scores say nothing of text without it."
            )
    return found


def _articles(data: Labelled, phrases: _Phrases, columns: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return in how many articles each phrase stands."""
    groups = data.groups
    counts = [len(np.unique(groups[phrases.matrix[:, column].nonzero()[0]])) for column in columns]
    return np.array(counts, dtype=np.intp)


def _marks(data: Labelled, phrases: _Phrases) -> list[str]:
    """Return a caution for phrases that stand in nearly every sentence of some sources, and in few others."""
    outlets = data.facts.get(OUTLET, {})
    known = len(set(outlets.values())) > 1
    names = [outlets.get(article, article) if known else article for article in data.articles.tolist()]
    sources, source_of = np.unique(names, return_inverse=True)
    sizes = np.bincount(source_of)
    by_source = sparse.csr_matrix((np.ones(len(names)), (source_of, np.arange(len(names)))), (len(sources), len(names)))
    counts = np.asarray((by_source @ phrases.matrix).todense())
    share = counts / sizes[:, None]
    here = (share >= _EVERYWHERE) & (sizes[:, None] >= _FEWEST_UNITS)
    inside = (counts * here).sum(axis=0)
    outside = (counts.sum(axis=0) - inside) / np.maximum(len(names) - (sizes[:, None] * here).sum(axis=0), 1)
    # What stands everywhere tells nobody apart.
    suspects = np.flatnonzero(
        here.any(axis=0) & ~here.all(axis=0) & (outside <= _ELSEWHERE) & (_articles_here(data, here, source_of) > 1)
    )
    if not len(suspects):
        return []
    longest = sorted(suspects, key=lambda column: (-inside[column], column))[:_NAMED]
    listed = ", ".join(f"“{phrases.names[column]}”" for column in longest)
    what = f"sentences of one {OUTLET} ({sources[here[:, longest[0]]][0]})" if known else "sentences of some articles"
    caution = (
        f"{listed}: in nearly all {what}, in few others. A classifier can learn the source from such a mark instead of"
        f" the label: compare the score with --leave-out {OUTLET}, or take the marks out of the text."
    )
    return [caution]


def _articles_here(data: Labelled, here: NDArray[np.bool_], source_of: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return for each phrase how many articles the sources have that are marked by it."""
    articles, first = np.unique(data.articles, return_index=True)
    n_articles = np.bincount(source_of[first], minlength=len(here))
    assert n_articles.sum() == len(articles)
    counts: NDArray[np.intp] = (here * n_articles[:, None]).sum(axis=0)
    return counts
