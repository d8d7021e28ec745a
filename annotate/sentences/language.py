"""What a language file says about the ends of sentences."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

import msgspec

from annotate.errors import InputError

_FILES = Path(__file__).parent.parent / "languages"

TITLE, NUMBER, DATE, TIME, OTHER = range(1, 6)
"""Kinds of abbreviations: what may follow decides whether the full stop ended the sentence."""


class Language(msgspec.Struct, frozen=True):
    """The rules of one language, ready for lookups.

    Parameters
    ----------
    code
        Name of the file without its suffix.
    kinds
        Abbreviation without its last full stop, to its kind.
    after_times
        Words that go on after a time of day.
    starters
        Words, small, that begin a sentence and seldom a name.
    speech
        Verbs of saying, small.
    closing
        Opening quotation mark to its closing mark.
    ordinals
        True if a number with a full stop is an ordinal.
    """

    code: str
    kinds: dict[str, int]
    after_times: frozenset[str]
    starters: frozenset[str]
    speech: frozenset[str]
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
    rules = tomllib.loads((_FILES / f"{code}.toml").read_text(encoding="utf-8"))
    abbreviations = rules["abbreviations"]
    kinds: dict[str, int] = {}
    for kind, key in (
        (OTHER, "others"),
        (DATE, "dates"),
        (NUMBER, "before_number"),
        (TIME, "times"),
        (TITLE, "titles"),
    ):
        for word in abbreviations[key].split():
            kinds.update(dict.fromkeys(_cases(word), kind))
    return Language(
        code=code,
        kinds=kinds,
        after_times=frozenset(abbreviations["after_times"].split()),
        starters=frozenset(rules["words"]["starters"].split()),
        speech=frozenset(rules["words"]["speech"].split()),
        closing={pair[0]: pair[1] for pair in rules["quotation_marks"]},
        ordinals=rules["ordinals"],
    )


def _cases(word: str) -> list[str]:
    if word == word.lower():
        return [word, word.capitalize(), word.title(), word.upper()]
    return [word, word.upper()]
