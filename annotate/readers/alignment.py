"""Which blocks of a page make up a body that was extracted from it as text.

An extractor gives back text, reflowed and without places; the page's blocks have places but no judgment. Every stretch
of the body belongs to one block, and both are in page order: the body's blocks are the heaviest chain of blocks whose
words rise through it without overlap. A teaser or a summary that repeats the article loses against the article.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from typing import Final, NamedTuple

_GRAM: Final = 4  # words; of shorter blocks ("Read more") one can't say which of many places is meant
_SHARE: Final = 0.5  # of a block's word 4-grams that stand in the body
_PLACES: Final = 64  # of one 4-gram in the body: more of one phrase than any article has
_WORD: Final = re.compile(r"\w+")

Words = tuple[str, ...]


class _Place(NamedTuple):
    """A stretch of the body that holds words of a block, and how many of its 4-grams."""

    block: int
    start: int
    end: int
    weight: int = 0


def in_body(blocks: Sequence[str], body: str) -> list[bool]:
    """Return for each block of a page whether it is part of the body's text."""
    words = [tuple(_WORD.findall(block.lower())) for block in blocks]
    body_words = _WORD.findall(body.lower())
    inside = [False] * len(blocks)
    chain = _heaviest_chain(_places(words, body_words))
    for place in chain:
        inside[place.block] = True
    ends = [_Place(-1, 0, 0), *chain, _Place(len(blocks), len(body_words), len(body_words))]
    for before, after in pairwise(ends):
        gap = body_words[before.end : after.start]
        for block in _short_ones(words, range(before.block + 1, after.block), gap, backwards=before.block < 0):
            inside[block] = True
    return inside


def _places(words: list[Words], body: list[str]) -> list[_Place]:
    """Return where blocks of four words and more stand in the body, for those of which enough stands there."""
    positions: defaultdict[Words, list[int]] = defaultdict(list)
    for at, gram in enumerate(_grams(body)):
        if len(positions[gram]) < _PLACES:
            positions[gram].append(at)
    return [place for block, own in enumerate(words) for place in _places_of(block, own, positions)]


def _places_of(block: int, own: Words, positions: dict[Words, list[int]]) -> list[_Place]:
    """Return the places of one block: 4-grams that stand in the body at one distance from where they stand here."""
    spans: dict[int, list[int]] = {}
    hits = 0
    for i, gram in enumerate(_grams(own)):
        found = positions.get(gram, ())
        hits += bool(found)
        for at in found:
            start, end, weight = spans.get(at - i, (at, at, 0))
            spans[at - i] = [min(start, at), max(end, at + _GRAM), weight + 1]
    if not hits or hits < _SHARE * (len(own) - _GRAM + 1):
        return []
    most = max(weight for _, _, weight in spans.values())
    return [_Place(block, start, end, weight) for start, end, weight in spans.values() if 2 * weight > most]


def _heaviest_chain(places: list[_Place]) -> list[_Place]:
    """Return the places that rise in page and body, one a block, without overlap, and weigh most together.

    Weighted chaining by a Fenwick tree of the best chain that ends at or before each word: n log n.
    """
    ends = sorted({place.end for place in places})
    best = [(0, -1)] * (len(ends) + 1)  # of chains: weight, and number of the last place
    before: list[int] = []
    heaviest = (0, -1)
    for _, same_block in groupby(places, key=lambda place: place.block):
        totals = []
        for place in same_block:
            weight, last = _best_until(best, bisect_right(ends, place.start))
            totals.append((weight + place.weight, len(before), bisect_left(ends, place.end) + 1))
            before.append(last)
        for weight, number, rank in totals:
            _put(best, rank, (weight, number))
            heaviest = max(heaviest, (weight, number), key=lambda chain: chain[0])
    chain = []
    number = heaviest[1]
    while number >= 0:
        chain.append(places[number])
        number = before[number]
    return chain[::-1]


def _best_until(best: list[tuple[int, int]], rank: int) -> tuple[int, int]:
    found = (0, -1)
    while rank:
        found = max(found, best[rank], key=lambda chain: chain[0])
        rank &= rank - 1
    return found


def _put(best: list[tuple[int, int]], rank: int, chain: tuple[int, int]) -> None:
    while rank < len(best):
        best[rank] = max(best[rank], chain, key=lambda chain: chain[0])
        rank += rank & -rank


def _grams(words: Sequence[str]) -> Iterator[Words]:
    return zip(*(words[i:] for i in range(_GRAM)), strict=False)


def _short_ones(words: list[Words], between: range, gap: list[str], *, backwards: bool) -> list[int]:
    """Return the short blocks between two placed ones that stand in what the body has between them, in its order."""
    text = f" {' '.join(gap)} "
    found = []
    for block in reversed(between) if backwards else between:
        if len(text) < 3:
            break
        if 0 < len(words[block]) < _GRAM:
            head, key, tail = (text.rpartition if backwards else text.partition)(f" {' '.join(words[block])} ")
            if key:
                text = f"{head} " if backwards else f" {tail}"
                found.append(block)
    return found
