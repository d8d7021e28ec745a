"""Find articles that are copies of each other: wire stories under new headlines, versions of one page.

Articles are compared by which share of the shorter one's five-word shingles stands in the longer one, so that a story
whose tail was cut is still a copy. Shares are estimated from MinHash signatures (Broder 1997, "On the resemblance and
containment of documents"), pairs worth comparing are found by bands of equal signature.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import combinations, islice, pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from annotate.types import Article

THRESHOLD: Final = 0.6
_WORDS: Final = 5  # a shingle
# Pairs that agree in a band are compared: of those with a Jaccard similarity of 0.3 (a story cut to a third) 99.8 %, of
# 0.2 93 %, and of those with 0.01, as strangers have, one in 150.
_BANDS: Final = 64
_ROWS: Final = 2
_SEED: Final = 20_151_118
_ALL_PAIRS: Final = 8  # articles in one band; of more, neighbours are compared, and each with the first
_BATCH: Final = 256
_WORD: Final = re.compile(r"\w+")

Signatures = NDArray[np.uint32]


def duplicate_clusters(articles: Iterable[Article], *, threshold: float = THRESHOLD) -> list[int]:
    """Return each article's cluster, numbered from 0 in the order in which they appear.

    Articles are read once and not kept: half a kilobyte of each stays. Of a web page only the body is compared, where
    it was found: pages of one site share everything else.

    Parameters
    ----------
    threshold
        Share of the shorter article's shingles, 0 to 1, that must stand in the longer one; pairs of pairs are one
        cluster.
    """
    signatures, sizes = _sketch(articles)
    parents = list(range(len(sizes)))
    for pairs in _candidates(signatures):
        apart = [(one, other) for one, other in pairs if _root(parents, one) != _root(parents, other)]
        if not apart:
            continue
        copies = _containment(signatures, sizes, np.array(apart)) >= threshold
        for (one, other), copy in zip(apart, copies, strict=True):
            if copy:
                low, high = sorted((_root(parents, one), _root(parents, other)))
                parents[high] = low
    numbers: dict[int, int] = {}
    return [numbers.setdefault(_root(parents, i), len(numbers)) for i in range(len(parents))]


def compared_text(article: Article) -> str:
    """Return the text by which an article is compared: a page's body where it was found, else everything."""
    body = [article.text[block.start : block.end] for block in article.blocks if block.body]
    return "\n".join(body) or article.text


def _shingles(text: str) -> set[str]:
    words = _WORD.findall(text.lower())
    last = max(1, len(words) - _WORDS + 1)
    return {" ".join(words[i : i + _WORDS]) for i in range(last)} if words else set()


def _sketch(articles: Iterable[Article]) -> tuple[Signatures, NDArray[np.int64]]:
    """Return the articles' signatures (n, bands x rows) and numbers of shingles (n,)."""
    from rensa import RMinHash  # noqa: PLC0415 - compiled

    signatures: list[Signatures] = []
    sizes: list[int] = []
    source = iter(articles)
    while batch := list(islice(source, _BATCH)):
        shingles = [_shingles(compared_text(article)) for article in batch]
        sizes += map(len, shingles)
        digests = RMinHash.digests_from_token_sets(shingles, num_perm=_BANDS * _ROWS, seed=_SEED)
        signatures.append(np.array(digests, dtype=np.uint32))
    empty = np.zeros((0, _BANDS * _ROWS), dtype=np.uint32)
    return np.concatenate([empty, *signatures]), np.array(sizes, dtype=np.int64)


def _candidates(signatures: Signatures) -> Iterator[list[tuple[int, int]]]:
    """Yield, band by band, the pairs of articles whose signatures agree in it."""
    for band in range(_BANDS):
        values = signatures[:, band * _ROWS : (band + 1) * _ROWS]
        order = np.lexsort(values.T)
        differ = (values[order[1:]] != values[order[:-1]]).any(axis=1)
        starts = np.concatenate([[0], np.flatnonzero(differ) + 1, [len(order)]])
        for run in np.flatnonzero(np.diff(starts) > 1):
            yield _pairs(sorted(order[starts[run] : starts[run + 1]].tolist()))


def _pairs(run: list[int]) -> list[tuple[int, int]]:
    if len(run) <= _ALL_PAIRS:
        return list(combinations(run, 2))
    return [(run[0], other) for other in run[2:]] + list(pairwise(run))


def _containment(signatures: Signatures, sizes: NDArray[np.int64], pairs: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return for each pair the estimated share of the smaller set that stands in the larger one.

    With J the Jaccard similarity, the intersection is J / (1 + J) of both sizes together.
    """
    one, other = pairs.T
    jaccard = (signatures[one] == signatures[other]).mean(axis=1)
    smaller = np.minimum(sizes[one], sizes[other])
    share: NDArray[np.float64] = jaccard / (1 + jaccard) * (sizes[one] + sizes[other]) / np.maximum(smaller, 1)
    return share


def _root(parents: list[int], i: int) -> int:
    while parents[i] != i:
        parents[i] = parents[parents[i]]
        i = parents[i]
    return i
