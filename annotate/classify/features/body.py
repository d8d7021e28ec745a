"""Where the running text of a page is, and where each sentence stands to it, by place and by topic."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from annotate.classify.features.reading import Flags, Floats, Reading, once
from annotate.classify.features.traits import Has, of_sentences, of_tokens
from annotate.classify.features.vocabulary import Integers

NAMES = (
    "prose",
    "prose_near",
    "body",
    "body_distance_before",
    "body_distance_after",
    "body_place",
    "body_share",
    "page_place",
    "from_start",
    "from_end",
    "page_sentences",
    "run_of_lines",
    "on_topic",
    "on_topic_names",
    "headline_overlap",
)

# More than a vocabulary has words.
_WORD_BITS = 32


def places(reading: Reading) -> Floats:
    """Return where sentences stand to the body and what they share with it, shape (n_sentences, len(NAMES))."""
    return np.hstack([_place(reading), _on_topic(reading)])


@once
def prose(reading: Reading) -> Floats:
    """Return how much each sentence looks like running text, 0 to 1: it is long, closed, and has words that bind."""
    words, binding = of_sentences(reading).T[[Has.WORD, Has.FUNCTION_WORD]]
    closes, closes_bracket = (reading.is_mark(marks, reading.ends) for marks in (".?!…”:", ")"))
    closed = closes | (closes_bracket & (words > 12))
    bound = (binding / np.maximum(words, 1) > 0.18) & (words > 5)
    scores = np.minimum(words / 12, 1.0) * np.where(closed, 0.6, 0.15) + np.where(bound, 0.4, 0.0)
    found: Floats = scores.astype(np.float32)
    return found


@once
def body(reading: Reading) -> tuple[Floats, int, int]:
    """Return each sentence's prose score, and start and end of the run of sentences with the most prose.

    The run maximises the sum of (score - 0.45), where what is below 0 counts 0.8: Kadane's maximum subarray.
    """
    scores = prose(reading)
    best = (0.0, 0, reading.n)
    total, start = 0.0, 0
    for sentence, score in enumerate(scores.tolist()):
        gain = (score - 0.45) * (1.0 if score > 0.45 else 0.8)
        if total <= 0:
            total, start = 0.0, sentence
        total += gain
        if total > best[0]:
            best = (total, start, sentence + 1)
    return scores, best[1], best[2]


def _place(reading: Reading) -> Floats:
    n = reading.n
    scores, start, end = body(reading)
    at = np.arange(n)
    padded = np.zeros(n + 6, dtype=np.float32)
    padded[3:-3] = scores
    near = sum(padded[shift : shift + n] for shift in range(7)) / 7
    columns = (
        scores,
        near,
        (at >= start) & (at < end),
        np.log1p(np.maximum(start - at, 0)),
        np.log1p(np.maximum(at - end + 1, 0)),
        np.clip((at - start) / max(end - start, 1), -0.5, 1.5),
        np.full(n, (end - start) / max(n, 1)),
        at / max(n, 1),
        np.log1p(at),
        np.log1p(n - 1 - at),
        np.full(n, np.log1p(n)),
        _run_of_lines(scores),
    )
    return np.column_stack(columns).astype(np.float32)


def _run_of_lines(scores: Floats) -> NDArray[np.float64]:
    """Return the length of the unbroken run of non-prose lines each sentence stands in, as a logarithm."""
    runs = np.zeros(len(scores))
    start = 0
    short = (scores < 0.5).tolist()
    for sentence in range(len(short) + 1):
        if sentence == len(short) or not short[sentence]:
            runs[start:sentence] = sentence - start
            start = sentence + 1
    return np.log1p(runs)


def _on_topic(reading: Reading) -> Floats:
    """Return the shares of a sentence's content words and names that the body and the lead have.

    A teaser for another story shares few words with this one.
    """
    _, start, end = body(reading)
    is_content, is_name = of_tokens(reading).T[[Has.TOPIC, Has.TOPIC_NAME]] > 0
    is_name[reading.starts[reading.n_tokens > 0]] = False  # its capital says nothing
    content, content_word = _distinct(reading, is_content)
    called, called_word = _distinct(reading, is_name)
    n_words = int(max(content_word.max(initial=0), called_word.max(initial=0))) + 1
    in_body = (content >= start) & (content < end)
    spread = np.bincount(content_word[in_body], minlength=n_words)
    in_lead = np.zeros(n_words, dtype=np.bool_)
    in_lead[content_word[(content >= start) & (content < start + 3)]] = True
    at = np.arange(reading.n)
    own = (start <= at) & (at < end)

    def share(sentences: Integers, flags: NDArray[np.bool_]) -> NDArray[np.float64]:
        found = np.bincount(sentences[flags], minlength=reading.n)
        return found / np.maximum(np.bincount(sentences, minlength=reading.n), 1)

    names = share(called, spread[called_word] > own[called])
    columns = (
        share(content, spread[content_word] > own[content]),
        np.where(np.bincount(called, minlength=reading.n) > 0, names, -1.0),
        share(content, in_lead[content_word]),
    )
    return np.column_stack(columns).astype(np.float32)


def _distinct(reading: Reading, tokens: Flags) -> tuple[Integers, Integers]:
    """Return the sentence and a number of each word among some tokens, once a sentence, whatever its case."""
    words = reading.vocabulary.folded(reading.numbers[tokens])
    cells = np.sort((reading.sentence_of[tokens] << _WORD_BITS) | words)
    cells = cells[np.diff(cells, prepend=-1) > 0]
    return cells >> _WORD_BITS, cells & (2**_WORD_BITS - 1)
