"""How a sentence is said, with its topic taken out: what transfers to pages on other matters."""

from __future__ import annotations

from itertools import pairwise

from annotate.classify.features.reading import Reading

_ENDING = 3


def manner_words(reading: Reading) -> list[list[str]]:
    """Return each sentence's tokens with names, numbers and content words reduced to their kind.

    Words that bind sentences stay themselves; other words keep their ending, names their capital, numbers a sign. Words
    in quotation marks are marked.
    """
    kept = reading.lexicon.words("manner.kept")
    tokens, lower, inside = reading.tokens, reading.lower, reading.quotation.inside.tolist()
    lines = []
    for first, last in pairwise(reading.first.tolist()):
        line = [
            _kind(tokens[at], lower[at], is_first=at == first) if lower[at] not in kept else lower[at]
            for at in range(first, last)
        ]
        if any(inside[first:last]):
            line = ["“" + word if inside[at] else word for at, word in enumerate(line, start=first)]
        lines.append(line)
    return lines


def _kind(token: str, lower: str, *, is_first: bool) -> str:
    if token[0].isdigit():
        return "#"
    if not token[0].isalpha():
        return token[0]
    if token[0].isupper() and not is_first:
        return "AA" if token.isupper() and len(token) > 2 else "Aa"
    return "~" + lower[-_ENDING:]
