"""What stands around the article: the form of its lines, kinds of words, repetition; then its place on the page."""

from __future__ import annotations

from collections import Counter

import numpy as np

from annotate.classify.features import body
from annotate.classify.features.reading import Floats, Reading
from annotate.classify.features.traits import Has, of_sentences, of_tokens
from annotate.classify.features.vocabulary import Integers

_GROUPS = (
    "subscribe",
    "share",
    "navigate",
    "credit",
    "byline",
    "timestamp",
    "commerce",
)
_ENDINGS = (".", "?", "!", ":", "…", ")", "”")
_FORM = (
    "starts_imperative",
    "starts_question_word",
    "starts_lower",
    "starts_number",
    "starts_by",
    "ends_period",
    "ends_question",
    "ends_exclamation",
    "ends_colon",
    "ends_ellipsis",
    "ends_bracket",
    "ends_mark",
    "characters",
    "words",
    "capitalised_share",
    "upper_share",
    "number_share",
    "punctuation_share",
    "function_share",
    "word_length",
    "has_link",
    "has_handle",
    "has_bar",
    "has_clock",
    "has_year",
    "brackets",
    "dashes",
    "commas",
)
_REPETITION = (
    "copies",
    "alone_in_paragraph",
    "first_in_paragraph",
    "paragraph_sentences",
    "paragraph_characters",
)
NAMES = (
    *(f"furniture_{group}" for group in _GROUPS),
    *(f"furniture_share_{group}" for group in _GROUPS),
    *_FORM,
    *_REPETITION,
    *body.NAMES,
)


def furniture(reading: Reading) -> Floats:
    """Return the furniture features, shape (n_sentences, len(NAMES))."""
    columns = (*_kinds(reading).T, *_form(reading).T, *_repetition(reading).T, *body.places(reading).T)
    return np.column_stack(columns).astype(np.float32)


def _kinds(reading: Reading) -> Floats:
    numbers = [reading.lexicon.number[f"furniture.{group}"] for group in _GROUPS]
    counts = reading.counts[:, numbers]
    return np.hstack([np.minimum(counts, 6), counts / np.maximum(reading.n_tokens, 1)[:, None].astype(np.float32)])


def _form(reading: Reading) -> Floats:
    texts, n_tokens = reading.texts, np.maximum(reading.n_tokens, 1)
    traits, has = of_tokens(reading), of_sentences(reading).T
    words, letters = has[Has.WORD], has[Has.LETTERS]
    first = _first_words(reading)
    last = _last_marks(reading)
    n_words = np.maximum(words, 1)
    columns = (
        reading.at(traits[:, Has.IMPERATIVE], first),
        reading.at(traits[:, Has.QUESTION_WORD], first),
        [text[:1].islower() for text in texts],
        reading.at(traits[:, Has.NUMBER], reading.starts),
        reading.at(traits[:, Has.BY], first),
        *(reading.is_mark(ending, last) for ending in _ENDINGS),
        np.log1p([len(text) for text in texts]),
        np.log1p(words),
        has[Has.CAPITAL_WORD] / n_words,
        has[Has.UPPER_WORD] / n_words,
        has[Has.NUMBER] / n_tokens,
        (reading.n_tokens - words) / n_tokens,
        has[Has.FUNCTION_WORD] / n_words,
        letters / n_words,
        ["http" in text or "www." in text or ".com" in text for text in texts],
        ["@" in text or "#" in text for text in texts],
        ["|" in text or "•" in text or "»" in text or "·" in text for text in texts],
        has[Has.CLOCK] > 0,
        has[Has.YEAR] > 0,
        [text.count("(") + text.count("[") for text in texts],
        reading.count_marks("—–-"),
        reading.count_marks(","),
    )
    return np.column_stack(columns).astype(np.float32)


def _first_words(reading: Reading) -> Integers:
    """Return the position of each sentence's first word, -1 where it has none."""
    words = np.flatnonzero(of_tokens(reading)[:, Has.WORD])
    nearest = np.append(words, len(reading.numbers))[np.searchsorted(words, reading.first[:-1])]
    return np.where(nearest < reading.first[1:], nearest, -1)


def _last_marks(reading: Reading) -> Integers:
    """Return the position of the mark that ends each sentence: of “.”” the full stop."""
    before = np.where(reading.is_mark("”", reading.ends) & (reading.n_tokens > 1), reading.ends - 1, -1)
    return np.where(reading.is_mark(".?!…,", before), before, reading.ends)


def _repetition(reading: Reading) -> Floats:
    folded = [text.casefold() for text in reading.texts]
    copies = Counter(folded)
    paragraphs = reading.paragraph_numbers
    sizes = np.bincount(paragraphs)[paragraphs]
    characters = np.bincount(paragraphs, weights=[len(text) for text in folded])[paragraphs]
    first = np.concatenate(([True], paragraphs[1:] != paragraphs[:-1]))
    columns = (
        [min(copies[text], 5) for text in folded],
        sizes == 1,
        first,
        np.minimum(sizes, 10),
        np.log1p(characters),
    )
    return np.column_stack(columns).astype(np.float32)
