"""What the session says, in the languages it speaks: one file each in ``languages``."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

_FOLDER: Final = Path(__file__).parent / "languages"
FALLBACK: Final = "en"


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
        if isinstance(table, dict)
        for name, phrase in table.items()
    }


class Words:
    """Says phrases in a language."""

    def __init__(self, language: str) -> None:
        self.language = language

    def __call__(self, phrase: str, /, **values: Any) -> str:
        """Say a phrase with its blanks filled in."""
        return phrases(self.language)[phrase].format_map(values)


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


def _table(language: str) -> dict[str, Any]:
    return tomllib.loads((_FOLDER / f"{language}.toml").read_text("utf-8"))
