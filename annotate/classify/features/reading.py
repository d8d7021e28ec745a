"""One reading of a page: its tokens, its quotations and its words' groups, shared by all features."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property, wraps
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from annotate.classify.features.lexicon import Lexicon
from annotate.classify.units import Page

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

# Words keep inner apostrophes, hyphens and dots (don't, e-mail, U.S); numbers keep inner separators; a URL or an e-mail
# address is one token; whatever else is not a space stands alone.
_TOKEN = re.compile(
    r"(?:https?://|www\.)\S+|[\w.+-]+@[\w-]+\.[\w.]+|[@#]\w+"
    r"|[^\W\d_]+(?:['.&-][^\W\d_]+)*|\d+(?:[.,:/-]\d+)*|[^\w\s]|\w+"
)
_TYPOGRAPHIC = str.maketrans({"’": "'", "«": "“", "»": "”", "„": "“", "‟": "“", "‹": "“", "›": "”"})
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
        find = _TOKEN.findall
        lines = [find(text) for text in _unify_quotation_marks(self.texts)]
        self.lines = lines
        self.tokens: list[str] = [token for line in lines for token in line]
        self.lower: list[str] = [token.lower() for token in self.tokens]
        lengths = np.array([len(line) for line in lines], dtype=np.int64)
        self.n_tokens: Integers = lengths
        self.first: Integers = np.concatenate(([0], np.cumsum(lengths)))
        self.sentence_of: Integers = np.repeat(np.arange(len(lines)), lengths)
        self.paragraph: Integers = np.array([sentence.paragraph for sentence in page.sentences], dtype=np.int64)

    @property
    def n(self) -> int:
        """Return the number of sentences."""
        return len(self.texts)

    def sum_by_sentence(self, tokens: Flags) -> Floats:
        """Return the sum of a token array over each sentence."""
        return np.bincount(self.sentence_of, weights=tokens, minlength=self.n).astype(np.float32)

    @cached_property
    def hits(self) -> tuple[Integers, Integers]:
        """Return token positions and group numbers of all lexicon hits."""
        positions, groups = self.lexicon.hits(self.lower)
        return np.array(positions, dtype=np.int64), np.array(groups, dtype=np.int64)

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
        tokens, n = reading.tokens, reading.n
        self.inside: Flags = np.zeros(len(tokens), dtype=np.bool_)
        self.passage: Integers = np.full(n, -1, dtype=np.int64)
        self.opens: Flags = np.zeros(n, dtype=np.bool_)
        self.closes: Flags = np.zeros(n, dtype=np.bool_)
        marks = [position for position, written in enumerate(tokens) if written in ("“", "”")]
        if not marks:
            return
        by_sentence: dict[int, list[int]] = {}
        for position in marks:
            by_sentence.setdefault(int(reading.sentence_of[position]), []).append(position)
        paragraphs = reading.paragraph.tolist()
        first = reading.first.tolist()
        is_open, number = False, -1
        for sentence in range(n):
            here = by_sentence.get(sentence)
            if is_open and sentence and paragraphs[sentence] != paragraphs[sentence - 1]:
                is_open = bool(here) and here[0] == first[sentence] and tokens[here[0]] == "“"  # type: ignore[index]
            if not here and not is_open:
                continue
            self.opens[sentence] = is_open
            start = first[sentence]
            if self.opens[sentence]:
                self.passage[sentence] = number
            for position in here or ():
                if tokens[position] == "“" and not is_open:
                    is_open, start = True, position + 1
                    number += self.passage[sentence] < 0
                    self.passage[sentence] = number
                elif tokens[position] == "”" and is_open:
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
        line = text if text.isascii() else text.translate(_TYPOGRAPHIC)
        if '"' in line:
            line = _OPENING.sub("“", line).replace('"', "”")
        if not doubled and ("'" in line or "‘" in line):
            line = _CLOSING_SINGLE.sub("”", _OPENING_SINGLE.sub("“", line))
        unified.append(line)
    return unified
