"""What the session says, in the languages it speaks: one file each in ``languages``."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path
from string import Formatter
from typing import Any, Final

import msgspec

_FOLDER: Final = Path(__file__).parent / "languages"
_SURE: Final = 0.001
FALLBACK: Final = "en"


class Digits(msgspec.Struct, frozen=True):
    """How a language writes numbers.

    Parameters
    ----------
    decimal, group
        What stands before the fraction, and between thousands.
    grouped_from
        The smallest number whose thousands are set apart.
    percent
        A percentage, its number being ``n``.
    """

    decimal: str
    group: str
    grouped_from: int
    percent: str


@lru_cache
def languages() -> dict[str, str]:
    """Return the languages by code, each under its own name."""
    return {path.stem: _table(path.stem)["name"] for path in sorted(_FOLDER.glob("*.toml"))}


@lru_cache
def phrases(language: str) -> dict[str, str]:
    """Return the phrases of a language by name; what it lacks is said in English."""
    return {
        f"{section}.{name}": phrase
        for code in (FALLBACK, language)
        for section, table in _table(code).items()
        if isinstance(table, dict) and section != "number"
        for name, phrase in table.items()
    }


class Words(Formatter):
    """Says phrases and figures in a language."""

    def __init__(self, language: str) -> None:
        self.language = language

    def __call__(self, phrase: str, /, **values: Any) -> str:
        """Say a phrase with its blanks filled in; of one ``n`` it may say something else."""
        known = phrases(self.language)
        one = f"{phrase}_one"
        return self.vformat(known[one if values.get("n") == 1 and one in known else phrase], (), values)

    def format_field(self, value: Any, format_spec: str) -> str:
        """Write the value of a blank: a number as :meth:`figure` does."""
        if isinstance(value, int | float):
            return self.figure(value, format_spec)
        return str(super().format_field(value, format_spec))

    def figure(self, value: float, spec: str = "") -> str:
        """Write a number as the language does.

        Parameters
        ----------
        spec
            How exactly, as Python says it (``.1f``, ``+.0f``, ``.1%``); ``p``: a probability, never as a certainty.
        """
        if spec == "p":
            bound = "<" if value < _SURE else ">" if value > 1 - _SURE else ""
            return f"{bound} {self.figure(min(max(value, _SURE), 1 - _SURE), '.3f')}".lstrip()
        digits = _digits(self.language)
        sign = "+" * spec.startswith("+")
        plain = format(value, f"{sign},{spec.removeprefix('+')}")
        if abs(value) * (100 if plain.endswith("%") else 1) < digits.grouped_from:
            plain = plain.replace(",", "")
        told = plain.translate({ord(","): digits.group, ord("."): digits.decimal})
        return digits.percent.format(n=told.removesuffix("%")) if told.endswith("%") else told


def choose(wanted: str | None, accepted: str) -> str:
    """Return the language to speak: the one wanted, else the first that the browser accepts and there is."""
    known = languages()
    if wanted in known:
        return str(wanted)
    for entry in accepted.split(",")[:20]:
        code = entry.partition(";")[0].strip().lower().partition("-")[0]
        if code in known:
            return code
    return FALLBACK


@lru_cache
def _digits(language: str) -> Digits:
    return msgspec.convert(_table(language)["number"], Digits)


def _table(language: str) -> dict[str, Any]:
    return tomllib.loads((_FOLDER / f"{language}.toml").read_text("utf-8"))
