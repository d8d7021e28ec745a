"""A small newspaper of our own: articles whose sentences carry labels, made by rule, the same in every run."""

from __future__ import annotations

import msgspec
import numpy as np

from annotate.classify.labelled import Labelled
from annotate.classify.units import sample
from annotate.types import Codebook, Sentence

SAYINGS = {
    "factual_claim": (
        "The bridge in {town} opened on {day} after two years of work.",
        "About {n} people live in {town}, the register shows.",
        "A train left {town} at {n} minutes past nine.",
    ),
    "quoted_official": (
        "“We will repair every road in {town},” the transport minister said on {day}.",
        "The police in {town} said that {n} people had been released.",
        "According to the health ministry, {town} lacks {n} nurses.",
    ),
    "editorial_framing": (
        "It is a shameful failure that {town} will not forget.",
        "Who could still believe the promises made in {town}?",
        "The disastrous plan for {town} will surely end in tears.",
    ),
    "unrelated_promo": (
        "Sign up for our {town} newsletter and get {n} stories a week.",
        "Read more: Ten things to do in {town} on {day}",
        "© {n} The {town} Courier. All rights reserved.",
    ),
}
TOWNS = ("Lindhafen", "Osterby", "Quarrymouth", "Vellin", "Tarnside", "Morrowfield")
DAYS = ("Monday", "Tuesday", "Friday", "Sunday")


def newspaper(n_articles: int, *, per_article: int = 12, seed: int = 0) -> tuple[list[Sentence], list[str]]:
    """Return the sentences of made-up articles and their labels; every article has every label."""
    random = np.random.default_rng(seed)
    sentences, labels = [], []
    keys = sorted(SAYINGS)
    for a in range(n_articles):
        start = 0
        for i in range(per_article):
            label = keys[i % 4] if i < 4 else str(random.choice(keys))
            form = SAYINGS[label][random.integers(3)]
            text = form.format(town=random.choice(TOWNS), day=random.choice(DAYS), n=random.integers(3, 90))
            sentences.append(Sentence(f"story-{a:03d}", i, i // 3, start, start + len(text), text))
            labels.append(label)
            start += len(text) + 1
    return sentences, labels


def labelled(n_articles: int, codebook: Codebook, **how: int) -> Labelled:
    """Return a made-up newspaper as a labelled sample."""
    sentences, labels = newspaper(n_articles, **how)
    return Labelled(sample(sentences), np.array(labels), "the tests", codebook.keys, codebook.fingerprint)


def labelled_rows(n_articles: int, **more: object) -> list[dict[str, object]]:
    """Return a made-up newspaper as rows with a label and whatever else is given."""
    sentences, labels = newspaper(n_articles)
    return [msgspec.to_builtins(s) | {"label": label} | more for s, label in zip(sentences, labels, strict=True)]
