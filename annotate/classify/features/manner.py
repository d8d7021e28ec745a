"""How a sentence is said, with its topic taken out: what transfers to pages on other matters."""

from __future__ import annotations

from annotate.classify.features.lexicon import Lexicon

_ENDING = 3


def manner(token: str, lexicon: Lexicon, *, is_first: bool) -> str:
    """Return a token itself if it binds sentences; a name, a number or a content word reduced to its kind.

    A content word keeps its ending, a name its capital, a number a sign. The capital that begins a sentence says
    nothing.
    """
    lower = token.lower()
    if lower in lexicon.words("manner.kept"):
        return lower
    if token[0].isdigit():
        return "#"
    if not token[0].isalpha():
        return token[0]
    if token[0].isupper() and not is_first:
        return "AA" if token.isupper() and len(token) > 2 else "Aa"
    return "~" + lower[-_ENDING:]
