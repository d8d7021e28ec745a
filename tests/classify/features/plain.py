"""The features that are looked up token by token, once more in loops over words: slow, obvious, and never cached."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise

import numpy as np

from annotate.classify.features.body import body
from annotate.classify.features.manner import manner
from annotate.classify.features.reading import Reading

SUFFIXES = re.compile(r"\w{3,}(?:ous|ful|less|ible|able|ish|istic|esque|most)$|\w{4,}ly$")
ENDINGS = (".", "?", "!", ":", "…", ")", "”")


def lines(page: Reading) -> list[list[str]]:
    return [page.tokens[first:last] for first, last in pairwise(page.first.tolist())]


def is_function(page: Reading, token: str) -> bool:
    return token in page.lexicon.words("grammar.function")


def prose(page: Reading) -> list[float]:
    scores = []
    for line in lines(page):
        words = [token for token in line if token[0].isalpha()]
        closed = bool(line) and (line[-1] in ".?!…”:" or (line[-1] == ")" and len(words) > 12))
        binding = sum(is_function(page, word) for word in words) / max(len(words), 1)
        score = min(len(words) / 12, 1.0) * (0.6 if closed else 0.15)
        scores.append(score + (0.4 if binding > 0.18 and len(words) > 5 else 0.0))
    return scores


def on_topic(page: Reading) -> list[tuple[float, float, float]]:
    _, start, end = body(page)
    content = [
        {word for word in map(str.lower, line) if len(word) > 3 and word[0].isalpha() and not is_function(page, word)}
        for line in lines(page)
    ]
    names = [{token.lower() for token in line[1:] if token[0].isupper() and len(token) > 2} for line in lines(page)]
    spread = Counter(word for words in content[start:end] for word in words)
    lead = set().union(*content[start : start + 3])
    rows = []
    for sentence, (words, called) in enumerate(zip(content, names, strict=True)):
        own = start <= sentence < end
        shared = sum(spread[word] > own for word in words) / max(len(words), 1)
        named = sum(spread[word] > own for word in called) / max(len(called), 1) if called else -1.0
        rows.append((shared, named, len(words & lead) / max(len(words), 1)))
    return rows


def form(page: Reading) -> list[tuple[float, ...]]:
    lexicon, rows = page.lexicon, []
    for text, line in zip(page.texts, lines(page), strict=True):
        words = [token for token in line if token[0].isalpha()]
        first = words[0].lower() if words else ""
        last = line[-1] if line else ""
        if last == "”" and len(line) > 1 and line[-2] in ".?!…,":
            last = line[-2]
        n, n_words = max(len(line), 1), max(len(words), 1)
        rows.append(
            (
                first in lexicon.words("furniture.imperative"),
                first in lexicon.words("furniture.question_word"),
                text[:1].islower(),
                bool(line) and line[0][0].isdigit(),
                first == "by",
                *(last == ending for ending in ENDINGS),
                np.log1p(len(text)),
                np.log1p(len(words)),
                sum(word[0].isupper() for word in words) / n_words,
                sum(word.isupper() and len(word) > 1 for word in words) / n_words,
                sum(token[0].isdigit() for token in line) / n,
                (len(line) - len(words)) / n,
                sum(is_function(page, word) for word in words) / n_words,
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
    return rows


def loaded_form(page: Reading) -> list[tuple[float, ...]]:
    words, rows = page.lexicon.words, []
    for tokens in lines(page):
        line = [token.lower() for token in tokens]
        n, long = max(len(line), 1), [word for word in line if len(word) > 4]
        rows.append(
            (
                sum(word.endswith("est") for word in long),
                sum(word.endswith("ly") and word not in words("grammar.not_an_adverb") for word in long),
                sum(SUFFIXES.match(word) is not None for word in long),
                sum(word[0].isdigit() for word in line),
                line.count("?"),
                line.count("!"),
                bool(line) and line[0] in words("loaded.contrast"),
                bool(line) and line[0] in words("loaded.first_singular", "loaded.first_plural"),
                sum(word.endswith("ed") for word in long) / n,
                sum(word[0].isdigit() for word in line) / n,
            )
        )
    return rows


def marks(page: Reading) -> list[tuple[float, ...]]:
    """Return whether a mark opens each sentence, whether one closes it, how many open, and a colon before it."""
    rows = []
    for before, line in pairwise([[], *lines(page)]):
        rows.append((line[:1] == ["“"], "”" in line[-2:], line.count("“"), before[-1:] == [":"]))
    return rows


def places_in_passage(page: Reading) -> list[int]:
    places, passages = [], page.quotation.passage.tolist()
    for before, passage in pairwise([-1, *passages]):
        places.append(places[-1] + 1 if passage >= 0 and passage == before else 0)
    return places


def voiced(page: Reading) -> list[list[str]]:
    inside = page.quotation.inside.tolist()
    return [
        [("“" if inside[at] else "") + page.tokens[at].lower() for at in range(first, last)]
        for first, last in pairwise(page.first.tolist())
    ]


def said(page: Reading) -> list[list[str]]:
    inside = page.quotation.inside.tolist()
    return [
        [
            ("“" if inside[at] else "") + manner(page.tokens[at], page.lexicon, is_first=at == first)
            for at in range(first, last)
        ]
        for first, last in pairwise(page.first.tolist())
    ]


def hits(groups: dict[str, list[str]], tokens: list[str]) -> list[tuple[int, int]]:
    """Return position and number of each group of which an entry begins there, words before phrases."""
    entries = [(entry.split("_"), number) for number, words in enumerate(groups.values()) for entry in words]
    found = []
    for position in range(len(tokens)):
        here = [(entry, number) for entry, number in entries if tokens[position : position + len(entry)] == entry]
        found += [(position, number) for entry, number in sorted(here, key=lambda hit: (len(hit[0]) > 1, hit))]
    return found
