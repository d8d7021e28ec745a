"""What kind of page a sentence stands on, the same for all its sentences."""

from __future__ import annotations

import numpy as np

from annotate.classify.features.body import body
from annotate.classify.features.reading import Floats, Reading
from annotate.classify.features.traits import Has, of_sentences

_MARKS = ("opinion_page", "fact_check_page", "wire")
_VOICES = (
    "loaded.first_singular",
    "loaded.first_plural",
    "loaded.second_person",
    "loaded.praise",
    "loaded.blame",
    "loaded.emotion",
    "loaded.intensifier",
    "loaded.hedge",
    "loaded.forecast",
    "loaded.obligation",
    "loaded.verdict",
    "loaded.advice",
    "loaded.event",
    "loaded.statistic",
    "speech.cues.say",
    "speech.speakers.office",
    "speech.speakers.agency",
    "speech.speakers.private",
    "speech.leaders.surname",
    "furniture.commerce",
)
NAMES = (
    *(f"page_{mark}" for mark in _MARKS),
    *(f"page_{mark}_near_title" for mark in _MARKS),
    *(f"page_share_{voice.rpartition('.')[2]}" for voice in _VOICES),
    "page_questions",
    "page_numbers",
    "page_sentence_length",
)


def document(reading: Reading) -> Floats:
    """Return the page's features, repeated for each sentence, shape (n_sentences, len(NAMES))."""
    number = reading.lexicon.number
    _, start, end = body(reading)
    counts, own = reading.counts, reading.own_counts[start:end]
    marks = [number[f"furniture.{mark}.words"] for mark in _MARKS]
    size = max(int(reading.n_tokens[start:end].sum()), 1)
    n_lines = max(end - start, 1)
    row = np.concatenate(
        [
            np.log1p(counts[:, marks].sum(axis=0)),
            np.minimum(counts[: start + 3, marks].sum(axis=0), 3),
            100 * own[:, [number[voice] for voice in _VOICES]].sum(axis=0) / size,
            [
                reading.is_mark("?", reading.ends[start:end]).sum() / n_lines,
                100 * of_sentences(reading)[start:end, Has.NUMBER].sum() / size,
                np.log1p(size / n_lines),
            ],
        ]
    )
    return np.tile(row.astype(np.float32), (reading.n, 1))
