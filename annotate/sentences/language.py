"""What a language's file says about the ends of its sentences."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

import msgspec

from annotate.errors import InputError

_FILES = Path(__file__).parent.parent / "languages"

TITLE, NUMBER, DATE, TIME, FINAL, OTHER = "titles", "before_number", "dates", "times", "final", "others"
"""Kinds of abbreviations, by the name of their list in the file: what follows decides if the full stop ends."""


class _Abbreviations(msgspec.Struct, forbid_unknown_fields=True):
    titles: str = ""
    before_number: str = ""
    dates: str = ""
    times: str = ""
    final: str = ""
    others: str = ""


class _Words(msgspec.Struct, forbid_unknown_fields=True):
    starters: str
    subjects: str = ""
    speech: str = ""
    after_times: str = ""
    before_times: str = ""
    also_words: str = ""
    closing_formulas: str = ""
    elisions: str = ""


class _Labels(msgspec.Struct, forbid_unknown_fields=True):
    captions: list[str] = []
    headers: list[str] = []


class _File(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    quotation_marks: list[str]
    abbreviations: _Abbreviations
    words: _Words
    labels: _Labels = msgspec.field(default_factory=_Labels)
    ordinals: bool = False


class Language(msgspec.Struct, frozen=True, eq=False):
    """The rules of one language, ready for lookups; each field's meaning is told in the file ``en.toml``.

    Parameters
    ----------
    code
        Name of the file without its suffix.
    kinds
        Kind of each abbreviation, by the abbreviation without its last full stop.
    closing
        Closing quotation marks by the mark that opens.
    """

    code: str
    kinds: dict[str, str]
    starters: frozenset[str]
    subjects: frozenset[str]
    speech: frozenset[str]
    after_times: frozenset[str]
    before_times: frozenset[str]
    also_words: frozenset[str]
    elisions: frozenset[str]
    closing_formula: re.Pattern[str]
    caption: re.Pattern[str]
    header: re.Pattern[str]
    closing: dict[str, str]
    ordinals: bool


def languages() -> list[str]:
    """Return the codes of all languages that have a file, sorted."""
    return sorted(path.stem for path in _FILES.glob("*.toml"))


@cache
def load_language(code: str) -> Language:
    """Read a language's file.

    Raises
    ------
    InputError
        No such language; the message lists those there are.
    """
    known = languages()
    if code not in known:
        raise InputError(f"no rules for sentences in language {code!r}", remedy=f"choose one of {', '.join(known)}")
    rules = msgspec.convert(tomllib.loads((_FILES / f"{code}.toml").read_text(encoding="utf-8")), _File)
    words = rules.words
    closing: dict[str, str] = {}
    for pair in rules.quotation_marks:
        closing[pair[0]] = closing.get(pair[0], "") + pair[1]
    return Language(
        code=code,
        kinds=_kinds(rules.abbreviations),
        starters=frozenset(words.starters.split()),
        subjects=frozenset(words.subjects.split()),
        speech=frozenset(words.speech.split()),
        after_times=frozenset(words.after_times.split()),
        before_times=frozenset(words.before_times.split()),
        also_words=frozenset(words.also_words.split()),
        elisions=frozenset(words.elisions.split()),
        closing_formula=_any_of(words.closing_formulas.split("/")),
        caption=_any_of(rules.labels.captions),
        header=_any_of(rules.labels.headers),
        closing=closing,
        ordinals=rules.ordinals,
    )


def _kinds(abbreviations: _Abbreviations) -> dict[str, str]:
    kinds: dict[str, str] = {}
    # A word in two lists is of the stricter kind: the list that stands later here.
    for kind in (OTHER, FINAL, DATE, NUMBER, TIME, TITLE):
        words: str = getattr(abbreviations, kind)
        for word in words.split():
            kinds.update(dict.fromkeys(_cases(word), kind))
    return kinds


def _cases(word: str) -> list[str]:
    if word == word.lower():
        return [word, word.capitalize(), word.title(), word.upper()]
    return [word, word.upper()]


def _any_of(phrases: list[str]) -> re.Pattern[str]:
    """Return a pattern for any of the phrases, longest first; without phrases it matches nothing."""
    alternatives = sorted((phrase.strip() for phrase in phrases if phrase.strip()), key=lambda p: (-len(p), p))
    return re.compile("(?:" + "|".join(map(re.escape, alternatives)) + ")" if alternatives else r"(?!)")
