"""What stands around the article: the form of its lines, kinds of words, repetition; then its place on the page."""

from __future__ import annotations

from collections import Counter

import numpy as np

from annotate.classify.features import body
from annotate.classify.features.reading import Floats, Reading

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
    lexicon = reading.lexicon
    imperative = lexicon.words("furniture.imperative")
    question = lexicon.words("furniture.question_word")
    function = lexicon.words("grammar.function")
    rows = []
    for text, line in zip(reading.texts, reading.lines, strict=True):
        words = [token for token in line if token[0].isalpha()]
        first = words[0] if words else ""
        lower_first = first.lower()
        last = line[-1] if line else ""
        if last == "”" and len(line) > 1 and line[-2] in ".?!…,":
            last = line[-2]
        n, n_words = max(len(line), 1), max(len(words), 1)
        rows.append(
            (
                lower_first in imperative,
                lower_first in question,
                text[:1].islower(),
                bool(line) and line[0][0].isdigit(),
                lower_first == "by",
                *(last == ending for ending in _ENDINGS),
                np.log1p(len(text)),
                np.log1p(len(words)),
                sum(word[0].isupper() for word in words) / n_words,
                sum(word.isupper() and len(word) > 1 for word in words) / n_words,
                sum(token[0].isdigit() for token in line) / n,
                (len(line) - len(words)) / n,
                sum(word in function for word in words) / n_words,
                sum(map(len, words)) / n_words,
                "http" in text or "www." in text or ".com" in text,
                "@" in text or "#" in text,
                "|" in text or "•" in text or "»" in text or "·" in text,
                any(":" in token and token[0].isdigit() for token in line),
                any(len(token) == 4 and token[:2] in ("19", "20") and token.isdigit() for token in line),
                text.count("(") + text.count("["),
                line.count("—") + line.count("–") + line.count("-"),
                line.count(","),
            )
        )
    return np.array(rows, dtype=np.float32)


def _repetition(reading: Reading) -> Floats:
    folded = [text.casefold() for text in reading.texts]
    copies = Counter(folded)
    paragraphs = np.unique(reading.paragraph, return_inverse=True)[1]
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
