"""Loaded language and whose voice it is in: words by function, in and out of quotation marks, and where."""

from __future__ import annotations

import re

import numpy as np

from annotate.classify.features.reading import Floats, Reading

_GROUPS = (
    "praise",
    "blame",
    "emotion",
    "intensifier",
    "hedge",
    "forecast",
    "obligation",
    "interpretation",
    "contrast",
    "conditional",
    "generalisation",
    "verdict",
    "advice",
    "second_person",
    "first_singular",
    "first_plural",
    "metaphor",
    "statistic",
    "event",
    "narrative_time",
)
_EVALUATIVE = ("praise", "blame", "emotion", "intensifier", "metaphor")
# Endings that make adjectives and adverbs of judgment in English, whether or not a list holds the word.
_SUFFIXES = re.compile(r"\w{3,}(?:ous|ful|less|ible|able|ish|istic|esque|most)$|\w{4,}ly$")
NAMES = (
    *(f"loaded_{group}" for group in _GROUPS),
    *(f"loaded_share_{group}" for group in _GROUPS),
    "loaded_quoted",
    "loaded_all",
    "loaded_all_share",
    "superlatives",
    "adverbs",
    "judging_endings",
    "numbers",
    "questions",
    "exclamations",
    "starts_contrast",
    "starts_first_person",
    "past_endings",
    "digits_share",
)


def loaded(reading: Reading) -> Floats:
    """Return the loaded-language features, shape (n_sentences, len(NAMES)).

    Counts are of words outside quotation marks.
    """
    number = reading.lexicon.number
    groups = [number[f"loaded.{group}"] for group in _GROUPS]
    evaluative = [number[f"loaded.{group}"] for group in _EVALUATIVE]
    size = np.maximum(reading.n_tokens, 1).astype(np.float32)
    own = reading.own_counts[:, groups]
    everything = reading.counts[:, evaluative].sum(axis=1)
    quoted = everything - reading.own_counts[:, evaluative].sum(axis=1)
    share = own / (size + 5)[:, None]
    overall = np.column_stack([quoted, everything, everything / (size + 5)])
    return np.hstack([np.minimum(own, 5), share, overall, _form(reading)]).astype(np.float32)


def _form(reading: Reading) -> Floats:
    contrast = reading.lexicon.words("loaded.contrast")
    person = reading.lexicon.words("loaded.first_singular", "loaded.first_plural")
    no_adverb = reading.lexicon.words("grammar.not_an_adverb")
    rows = []
    lower = reading.lower
    for first, last in zip(reading.first[:-1].tolist(), reading.first[1:].tolist(), strict=True):
        line = lower[first:last]
        n = max(len(line), 1)
        long = [word for word in line if len(word) > 4]
        rows.append(
            (
                sum(word.endswith("est") for word in long),
                sum(word.endswith("ly") and word not in no_adverb for word in long),
                sum(_SUFFIXES.match(word) is not None for word in long),
                sum(word[0].isdigit() for word in line),
                line.count("?"),
                line.count("!"),
                bool(line) and line[0] in contrast,
                bool(line) and line[0] in person,
                sum(word.endswith("ed") for word in long) / n,
                sum(word[0].isdigit() for word in line) / n,
            )
        )
    return np.array(rows, dtype=np.float32).reshape(reading.n, -1)
