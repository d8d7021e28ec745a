"""Where the running text of a page is, and where each sentence stands to it, by place and by topic."""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from annotate.classify.features.reading import Floats, Reading, once

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


def places(reading: Reading) -> Floats:
    """Return where sentences stand to the body and what they share with it, shape (n_sentences, len(NAMES))."""
    return np.hstack([_place(reading), _on_topic(reading)])


@once
def prose(reading: Reading) -> Floats:
    """Return how much each sentence looks like running text, 0 to 1: it is long, closed, and has words that bind."""
    function = reading.lexicon.words("grammar.function")
    rows = []
    for line in reading.lines:
        words = [token for token in line if token[0].isalpha()]
        closed = bool(line) and (line[-1] in ".?!…”:" or (line[-1] == ")" and len(words) > 12))
        binding = sum(word in function for word in words) / max(len(words), 1)
        rows.append(
            min(len(words) / 12, 1.0) * (0.6 if closed else 0.15) + (0.4 if binding > 0.18 and len(words) > 5 else 0.0)
        )
    return np.array(rows, dtype=np.float32)


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
    padded = np.pad(scores, 3)
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
    function = reading.lexicon.words("grammar.function")
    lines = [
        {
            token
            for token in reading.lower[first:last]
            if len(token) > 3 and token not in function and token[0].isalpha()
        }
        for first, last in zip(reading.first[:-1].tolist(), reading.first[1:].tolist(), strict=True)
    ]
    names = [{token.lower() for token in line[1:] if token[0].isupper() and len(token) > 2} for line in reading.lines]
    spread = Counter(word for line in lines[start:end] for word in line)
    lead = set().union(*lines[start : start + 3])
    rows = []
    for sentence, (content, called) in enumerate(zip(lines, names, strict=True)):
        own = start <= sentence < end
        shared = sum(spread[word] > own for word in content) / max(len(content), 1)
        named = sum(spread[word] > own for word in called) / max(len(called), 1) if called else -1.0
        headline = len(content & lead) / max(len(content), 1)
        rows.append((shared, named, headline))
    return np.array(rows, dtype=np.float32).reshape(reading.n, 3)
