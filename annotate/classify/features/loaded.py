"""Loaded language and whose voice it is in: words by function, in and out of quotation marks, and where."""

from __future__ import annotations

import numpy as np

from annotate.classify.features.reading import Floats, Reading
from annotate.classify.features.traits import Has, of_sentences, of_tokens

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
    traits, has = of_tokens(reading), of_sentences(reading).T
    size = np.maximum(reading.n_tokens, 1)
    return np.column_stack(
        [
            has[Has.SUPERLATIVE],
            has[Has.ADVERB],
            has[Has.JUDGING],
            has[Has.NUMBER],
            reading.count_marks("?"),
            reading.count_marks("!"),
            reading.at(traits[:, Has.CONTRAST], reading.starts),
            reading.at(traits[:, Has.FIRST_PERSON], reading.starts),
            has[Has.PAST] / size,
            has[Has.NUMBER] / size,
        ]
    )
