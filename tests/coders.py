"""Tables of ratings for the tests: published ones, and made-up newsrooms whose agreement is known."""

from __future__ import annotations

import numpy as np

from annotate.agreement import Ratings
from annotate.agreement.statistics import Sums, sums_by_article

_ = -1

# Krippendorff, Computing Krippendorff's Alpha-Reliability, 2011, section C: four observers, twelve units.
KRIPPENDORFF = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3],
        [_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _],
    ]
).T

# Gwet, Handbook of Inter-Rater Reliability, 4th edition 2014, p. 120: four raters, twelve subjects.
GWET = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, _],
        [_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 3],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _],
    ]
).T

# The same book: 100 women by two abstractors, three kinds of pregnancy.
ABSTRACTORS = np.array([[13, 0, 0], [0, 20, 7], [0, 4, 56]])

# Fleiss, Psychological Bulletin 76, 1971, table 1: how many of six psychiatrists gave which of five diagnoses.
FLEISS = np.array(
    [
        (0, 0, 0, 6, 0), (0, 3, 0, 0, 3), (0, 1, 4, 0, 1), (0, 0, 0, 0, 6), (0, 3, 0, 3, 0),
        (2, 0, 4, 0, 0), (0, 0, 4, 0, 2), (2, 0, 3, 1, 0), (2, 0, 0, 4, 0), (0, 0, 0, 0, 6),
        (1, 0, 0, 5, 0), (1, 1, 0, 4, 0), (0, 3, 3, 0, 0), (1, 0, 0, 5, 0), (0, 2, 0, 3, 1),
        (0, 0, 5, 0, 1), (3, 0, 0, 1, 2), (5, 1, 0, 0, 0), (0, 2, 0, 4, 0), (1, 0, 2, 0, 3),
        (0, 0, 0, 0, 6), (0, 1, 0, 5, 0), (0, 2, 0, 1, 3), (2, 0, 0, 4, 0), (1, 0, 0, 4, 1),
        (0, 5, 0, 1, 0), (4, 0, 0, 0, 2), (0, 2, 0, 4, 0), (1, 0, 5, 0, 0), (0, 0, 0, 0, 6),
    ]
)  # fmt: skip


def ratings(codes, *, article=None, labels=None, coders=None, groups=None) -> Ratings:
    """Return a table of ratings; without articles, each unit is of an article of its own."""
    codes = np.array(codes, dtype=np.int32)
    article = np.arange(len(codes)) if article is None else np.array(article, dtype=np.intp)
    labels = labels or tuple("abcdefghijklmnopqrstuvwxyz"[: int(codes.max(initial=0)) + 1])
    place = np.arange(len(codes)) * 10
    return Ratings(
        labels=tuple(labels),
        coders=tuple(coders or (f"coder-{i}" for i in range(codes.shape[1]))),
        codes=codes,
        units=[(f"story-{a:05d}", int(start), int(start) + 9) for a, start in zip(article, place, strict=True)],
        articles=tuple(f"story-{a:05d}" for a in range(int(article.max(initial=-1)) + 1)),
        article=article,
        groups=groups or {},
        skipped=np.zeros(codes.shape[1], dtype=np.int64),
    )


def sums(codes, n_labels=None) -> Sums:
    """Return the sums over all units of a table of codes."""
    labels = tuple("abcdefghijklmnopqrstuvwxyz"[:n_labels]) if n_labels else None
    return sums_by_article(ratings(codes, labels=labels)).total()


def newsroom(n_articles, *, coders=2, skill=0.85, seed=0, alike=4.0, per_article=(5, 40)) -> Ratings:
    """Return codes of coders who err more in some articles than in others; articles differ in their labels too."""
    random = np.random.default_rng(seed)
    shares = np.array([0.25, 0.13, 0.23, 0.39])
    of_article = random.dirichlet(alike * shares, size=n_articles).cumsum(axis=1)
    right = random.beta(8 * skill, 8 * (1 - skill), size=n_articles)
    article = np.repeat(np.arange(n_articles), random.integers(*per_article, size=n_articles))
    truth = (random.random(len(article))[:, None] > of_article[article]).sum(axis=1).clip(0, 3)
    guesses = random.choice(4, size=(len(article), coders), p=shares)
    knows = random.random((len(article), coders)) < right[article][:, None]
    return ratings(np.where(knows, truth[:, None], guesses), article=article, labels="abcd")
