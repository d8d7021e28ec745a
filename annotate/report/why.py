"""Why sentences got their labels, as a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from annotate.classify.why import Why
from annotate.report.templating import fill

_SHOWN: Final = 5


class _Row(NamedTuple):
    what: str
    without: float
    effect: float


class _Word(NamedTuple):
    text: str
    share: float
    against: bool
    said: str


class _Shown(NamedTuple):
    why: Why
    rows: list[_Row]
    words: list[_Word]


def render(reasons: Sequence[Why], model: str) -> str:
    """Return a page with the sentences in order, the words that decide marked, and what else decides below."""
    return fill("why.html.j2", shown=[_shown(why) for why in reasons], model=model)


def _shown(why: Why) -> _Shown:
    rows = [_Row(reason.what, reason.without, why.probability - reason.without) for reason in why.reasons[:_SHOWN]]
    strongest = max((abs(why.probability - piece.without) for piece in why.pieces), default=0.0)
    words = []
    for piece in why.pieces:
        effect = why.probability - piece.without
        # Shades are relative to the strongest word, but a word that hardly matters stays white.
        share = abs(effect) / max(strongest, 0.05)
        words.append(_Word(piece.text, share, effect < 0, f"without it: {piece.without:.2f}"))
    return _Shown(why, rows, words)
