"""One reading of a page: its tokens, its quotations and its words' groups, shared by all features."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cached_property, wraps
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from annotate.classify.features.lexicon import Lexicon
from annotate.classify.features.vocabulary import MARKS, Answer, Integers, Trait
from annotate.classify.units import Page

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]

_TYPOGRAPHIC = {"’": "'", "«": "“", "»": "”", "„": "“", "‟": "“", "‹": "“", "›": "”"}
# A straight mark opens where a word could start, or glued between punctuation and a word (said,"We); else it closes.
_OPENING = re.compile(r'(?:(?<![^\s(\[{—–/-])|(?<=[,:;]))"(?=[^\s,;:!?])')
_OPENING_SINGLE = re.compile(r"(?:(?<![^\s(\[{—–/-])|(?<=[,:;]))['‘](?=[^\s,;:!?'])(?!\d0s|em\b|til\b)")
_CLOSING_SINGLE = re.compile(r"(?<=[.,!?…\w])['](?!\w)")


Result = TypeVar("Result")


def once(compute: Callable[[Reading], Result]) -> Callable[[Reading], Result]:
    """Let a function of a reading be computed once a page, whoever asks."""

    @wraps(compute)
    def remembered(reading: Reading) -> Result:
        if compute not in reading.remembered:
            reading.remembered[compute] = compute(reading)
        result: Result = reading.remembered[compute]
        return result

    return remembered


class Reading:
    """What every group of features needs to know of a page, computed once.

    All token arrays are flat over the page, shape (n_tokens,); sentence arrays have shape (n_sentences,).

    Parameters
    ----------
    page
        The page to read; its sentences' ``quote`` is not used, since labels made elsewhere may lack it.
    lexicon
        The word lists.
    """

    def __init__(self, page: Page, lexicon: Lexicon) -> None:
        self.page = page
        self.lexicon = lexicon
        self.remembered: dict[Callable[..., Any], Any] = {}
        self.texts = [sentence.text for sentence in page.sentences]
        self.vocabulary = lexicon.vocabulary
        lines = [self.vocabulary.read(text) for text in _unify_quotation_marks(self.texts)]
        self.numbers: Integers = np.array([number for line in lines for number in line], dtype=np.int64)
        lengths = np.array([len(line) for line in lines], dtype=np.int64)
        self.n_tokens: Integers = lengths
        self.first: Integers = np.concatenate(([0], np.cumsum(lengths)))
        self.sentence_of: Integers = np.repeat(np.arange(len(lines)), lengths)
        self.paragraph: Integers = np.array([sentence.paragraph for sentence in page.sentences], dtype=np.int64)

    @property
    def n(self) -> int:
        """Return the number of sentences."""
        return len(self.texts)

    @cached_property
    def tokens(self) -> list[str]:
        """Return the page's tokens."""
        tokens = self.vocabulary.tokens
        return [tokens[number] for number in self.numbers.tolist()]

    @cached_property
    def lower(self) -> list[str]:
        """Return the page's tokens in lower case."""
        lower = self.vocabulary.lower
        return [lower[number] for number in self.numbers.tolist()]

    @cached_property
    def paragraph_numbers(self) -> Integers:
        """Return the number of each sentence's paragraph, counted from 0 without gaps."""
        return np.unique(self.paragraph, return_inverse=True)[1]

    @cached_property
    def starts(self) -> Integers:
        """Return the position of each sentence's first token, -1 where there is none."""
        return np.where(self.n_tokens > 0, self.first[:-1], -1)

    @cached_property
    def ends(self) -> Integers:
        """Return the position of each sentence's last token, -1 where there is none."""
        return np.where(self.n_tokens > 0, self.first[1:] - 1, -1)

    def each(self, trait: Trait, dtype: type[Answer] = np.int32) -> NDArray[Answer]:  # type: ignore[assignment]
        """Return a trait of each token, shape (n_tokens, n_answers)."""
        return self.vocabulary.each(trait, self.numbers, dtype)

    def at(self, tokens: NDArray[Any], positions: Integers) -> NDArray[Any]:
        """Return the values of a token array at positions, zero at the position -1: no token."""
        found = np.zeros_like(tokens, shape=positions.shape)
        here = positions >= 0
        found[here] = tokens[positions[here]]
        return found

    def is_mark(self, marks: str, positions: Integers) -> Flags:
        """Tell whether one of some marks stands at each position; none does at the position -1."""
        numbers = np.append(self.numbers, -1)[positions]
        wanted = [MARKS.index(mark) for mark in marks]
        found: Flags = (numbers[:, None] == wanted).any(axis=1)
        return found

    def count_marks(self, marks: str) -> Integers:
        """Return how many of some marks each sentence has."""
        found = np.zeros(len(self.numbers), dtype=np.bool_)
        for mark in marks:
            found |= self.numbers == MARKS.index(mark)
        return self.count(found)

    def count(self, tokens: Flags) -> Integers:
        """Return how many of each sentence's tokens are marked."""
        return np.bincount(self.sentence_of[tokens], minlength=self.n)

    def sums(self, tokens: NDArray[Any]) -> NDArray[Any]:
        """Return the sums over each sentence's tokens, shape (n_sentences, n_columns)."""
        totals = np.zeros_like(tokens, shape=(self.n, tokens.shape[1]))
        filled = np.flatnonzero(self.n_tokens)
        if len(filled):
            totals[filled] = np.add.reduceat(tokens, self.first[filled], axis=0)
        return totals

    @cached_property
    def hits(self) -> tuple[Integers, Integers]:
        """Return token positions and group numbers of all lexicon hits, in order.

        A phrase's position is that of its first word; of hits at one position, words stand before phrases.
        """
        found = self.each(_listed, np.int16)
        places = np.flatnonzero(found[:, 1:] >= 0)
        positions, columns = divmod(places, max(found.shape[1] - 1, 1))
        groups = found[positions, columns + 1].astype(np.int64)
        phrases = list(self.lexicon.phrases(self.lower, np.flatnonzero(found[:, 0]).tolist()))
        if not phrases:
            return positions, groups
        more = np.array(phrases, dtype=np.int64)
        positions = np.concatenate([positions, more[:, 0]])
        order = np.argsort(positions, kind="stable")
        return positions[order], np.concatenate([groups, more[:, 1]])[order]

    @cached_property
    def counts(self) -> Floats:
        """Return how often each group occurs in each sentence, shape (n_sentences, n_groups)."""
        positions, groups = self.hits
        return self._count(positions, groups)

    @cached_property
    def own_counts(self) -> Floats:
        """Return the same, outside quotation marks only: the outlet's own voice."""
        positions, groups = self.hits
        own = ~self.quotation.inside[positions]
        return self._count(positions[own], groups[own])

    def _count(self, positions: Integers, groups: Integers) -> Floats:
        width = len(self.lexicon.names)
        cells = self.sentence_of[positions] * width + groups
        return np.bincount(cells, minlength=self.n * width).reshape(self.n, width).astype(np.float32)

    @cached_property
    def quotation(self) -> Quotation:
        """Return the page's quotations."""
        return Quotation(self)


def _listed(tokens: Sequence[str], lexicon: Lexicon) -> list[tuple[int, ...]]:
    """Return whether a phrase begins with each token, then the groups that hold it, filled up with -1."""
    words = [token.lower() for token in tokens]
    none = (-1,) * lexicon.most_groups
    return [(lexicon.begins_phrase(word), *(lexicon.groups(word) + none)[: len(none)]) for word in words]


class Quotation:
    """Which tokens stand in quotation marks, and which passage each sentence belongs to.

    A quotation left open at the end of a paragraph goes on only if the next paragraph opens with a mark of its own, as
    printers do; so one missing mark never turns the rest of the page inside out.

    Attributes
    ----------
    inside
        Whether each token stands inside marks (the marks themselves do not).
    passage
        Number of the passage each sentence touches, -1 for none.
    opens, closes
        Whether each sentence starts inside a quotation, and whether it ends inside one.
    """

    def __init__(self, reading: Reading) -> None:
        numbers, n = reading.numbers, reading.n
        self.inside: Flags = np.zeros(len(numbers), dtype=np.bool_)
        self.passage: Integers = np.full(n, -1, dtype=np.int64)
        self.opens: Flags = np.zeros(n, dtype=np.bool_)
        self.closes: Flags = np.zeros(n, dtype=np.bool_)
        opening = MARKS.index("“")
        marks = np.flatnonzero((numbers == opening) | (numbers == MARKS.index("”")))
        if not len(marks):
            return
        is_opening = dict(zip(marks.tolist(), (numbers[marks] == opening).tolist(), strict=True))
        by_sentence: dict[int, list[int]] = {}
        for position, sentence in zip(is_opening, reading.sentence_of[marks].tolist(), strict=True):
            by_sentence.setdefault(sentence, []).append(position)
        paragraphs = reading.paragraph.tolist()
        first = reading.first.tolist()
        is_open, number = False, -1
        for sentence in range(n):
            here = by_sentence.get(sentence)
            if is_open and sentence and paragraphs[sentence] != paragraphs[sentence - 1]:
                is_open = bool(here) and here[0] == first[sentence] and is_opening[here[0]]  # type: ignore[index]
            if not here and not is_open:
                continue
            self.opens[sentence] = is_open
            start = first[sentence]
            if self.opens[sentence]:
                self.passage[sentence] = number
            for position in here or ():
                if is_opening[position] and not is_open:
                    is_open, start = True, position + 1
                    number += self.passage[sentence] < 0
                    self.passage[sentence] = number
                elif not is_opening[position] and is_open:
                    self.inside[start:position] = True
                    is_open = False
            if is_open:
                self.inside[start : first[sentence + 1]] = True
            self.closes[sentence] = is_open
        self.inside[marks] = False


def _unify_quotation_marks(texts: list[str]) -> list[str]:
    """Write every quotation mark as “ or ”, and single ones too on a page that uses no double ones."""
    texts = [text.replace("''", '"').replace("``", '"') if "''" in text or "``" in text else text for text in texts]
    doubled = any('"' in text or "“" in text for text in texts)
    unified = []
    for text in texts:
        line = text
        if not text.isascii():
            for mark, plain in _TYPOGRAPHIC.items():
                line = line.replace(mark, plain)
        if '"' in line:
            line = _OPENING.sub("“", line).replace('"', "”")
        if not doubled and ("'" in line or "‘" in line):
            line = _CLOSING_SINGLE.sub("”", _OPENING_SINGLE.sub("“", line))
        unified.append(line)
    return unified
