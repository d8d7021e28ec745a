"""What the groups of features ask of a token by itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from annotate.classify.features.lexicon import Lexicon
from annotate.classify.features.reading import Reading, once
from annotate.classify.features.speaker_words import speaker_words

# Endings that make adjectives and adverbs of judgment in English, whether or not a list holds the word.
_JUDGING = ("ous", "ful", "less", "ible", "able", "ish", "istic", "esque", "most", "ly")
_SUFFIXES = re.compile(r"\w{3,}(?:ous|ful|less|ible|able|ish|istic|esque|most)$|\w{4,}ly$")
_DIGITS_OF_A_YEAR = 4


class Has(IntEnum):
    """The columns of :func:`of_tokens`, truth values where nothing else is said."""

    WORD = 0  # begins with a letter
    NUMBER = 1  # begins with a digit
    CAPITAL = 2  # begins with a capital
    CAPITAL_WORD = 3
    UPPER_WORD = 4  # is all in capitals, of two letters or more
    FUNCTION_WORD = 5  # binds a sentence, and is in lower case
    LETTERS = 6  # how many characters, of a word
    CLOCK = 7
    YEAR = 8
    TOPIC = 9  # is a content word
    TOPIC_NAME = 10  # is a name, or begins its sentence
    SUPERLATIVE = 11
    ADVERB = 12
    JUDGING = 13
    PAST = 14
    CONTRAST = 15
    FIRST_PERSON = 16
    IMPERATIVE = 17
    QUESTION_WORD = 18
    BY = 19
    OFFICE = 20
    TRADE = 21
    PARTY = 22  # R-Ohio
    NAME = 23  # can be part of a name


@once
def of_tokens(reading: Reading) -> NDArray[np.int32]:
    """Return the traits of each token, shape (n_tokens, n_traits)."""
    return reading.each(_traits)


@once
def of_sentences(reading: Reading) -> NDArray[np.int32]:
    """Return their sums over each sentence, shape (n_sentences, n_traits)."""
    return reading.sums(of_tokens(reading))


def _traits(tokens: Sequence[str], lexicon: Lexicon) -> list[tuple[int, ...]]:
    """Return a row for each token, the columns as in :class:`Has`."""
    function = lexicon.words("grammar.function")
    no_adverb = lexicon.words("grammar.not_an_adverb")
    contrast = lexicon.words("loaded.contrast")
    person = lexicon.words("loaded.first_singular", "loaded.first_plural")
    imperative = lexicon.words("furniture.imperative")
    question = lexicon.words("furniture.question_word")
    speakers = speaker_words(lexicon)
    return [
        (
            is_word := (initial := token[0]).isalpha(),
            is_number := initial.isdigit(),
            is_capital := initial.isupper(),
            is_word and is_capital,
            is_word and len(token) > 1 and token.isupper(),
            is_word and token in function,
            len(token) if is_word else 0,
            is_number and ":" in token,
            is_number and len(token) == _DIGITS_OF_A_YEAR and token[:2] in ("19", "20") and token.isdigit(),
            len(word) > 3 and word[0].isalpha() and word not in function,
            is_capital and len(token) > 2,
            (is_long := len(word) > 4) and word.endswith("est"),
            is_long and word.endswith("ly") and word not in no_adverb,
            is_long and word.endswith(_JUDGING) and _SUFFIXES.match(word) is not None,
            is_long and word.endswith("ed"),
            word in contrast,
            word in person,
            word in imperative,
            word in question,
            word == "by",
            word in speakers.office,
            word in speakers.private,
            word[:2] in ("r-", "d-", "i-") and len(word) > 2 and token[2].isupper(),
            is_capital and speakers.is_name(token),
        )
        for token, word in zip(tokens, map(str.lower, tokens), strict=True)
    ]
