"""Word lists as data: which groups a word or a phrase belongs to."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import msgspec

from annotate.errors import NutgrafError

_LANGUAGES = Path(__file__).parents[2] / "languages"


class Lexicon:
    """Groups of words and phrases of one language, looked up token by token.

    Parameters
    ----------
    groups
        Words of each group by its name; an underscore joins the words of a phrase.
    """

    def __init__(self, groups: dict[str, Sequence[str]]) -> None:
        self.names = tuple(groups)
        self.number = {name: number for number, name in enumerate(self.names)}
        words: dict[str, list[int]] = {}
        phrases: dict[str, dict[tuple[str, ...], list[int]]] = {}
        for number, entries in enumerate(groups.values()):
            for entry in dict.fromkeys(entries):
                first, *rest = entry.split("_")
                if rest:
                    phrases.setdefault(first, {}).setdefault(tuple(rest), []).append(number)
                else:
                    words.setdefault(entry, []).append(number)
        self._words = {word: tuple(numbers) for word, numbers in words.items()}
        self._phrases = {
            first: tuple(sorted((rest, tuple(numbers)) for rest, numbers in tails.items()))
            for first, tails in phrases.items()
        }
        everything = repr((self.names, sorted(self._words.items()), sorted(self._phrases.items())))
        self._sets: dict[tuple[str, ...], frozenset[str]] = {}
        self.fingerprint = hashlib.sha256(everything.encode()).hexdigest()

    def groups(self, word: str) -> tuple[int, ...]:
        """Return the numbers of the groups that hold a lower-case word."""
        return self._words.get(word, ())

    def words(self, *names: str) -> frozenset[str]:
        """Return the single words of the named groups."""
        if names not in self._sets:
            wanted = {self.number[name] for name in names}
            found = (word for word, numbers in self._words.items() if wanted.intersection(numbers))
            self._sets[names] = frozenset(found)
        return self._sets[names]

    def hits(self, tokens: Sequence[str]) -> tuple[list[int], list[int]]:
        """Return positions and group numbers of every word and phrase found in lower-case tokens, in order.

        A phrase's position is that of its first word.
        """
        words, phrases = self._words, self._phrases
        positions: list[int] = []
        groups: list[int] = []
        for position, token in enumerate(tokens):
            if token in words:
                found = words[token]
                positions += [position] * len(found)
                groups += found
            if token in phrases:
                for rest, numbers in phrases[token]:
                    if tuple(tokens[position + 1 : position + 1 + len(rest)]) == rest:
                        positions += [position] * len(numbers)
                        groups += numbers
        return positions, groups


@lru_cache
def read_lexicon(language: str) -> Lexicon:
    """Read a language's word lists; groups are named ``file.entry`` or ``file.table.entry``.

    Raises
    ------
    NutgrafError
        If the language has none.
    """
    files = sorted(language_folder(language).glob("*.toml"))
    return Lexicon({name: words for path in files for name, words in _entries(path)})


def language_folder(language: str) -> Path:
    """Return the folder of a language's word lists and vectors.

    Raises
    ------
    NutgrafError
        If there is none.
    """
    folder = _LANGUAGES / f"features-{language}"
    if not folder.is_dir():
        known = ", ".join(sorted(path.name.removeprefix("features-") for path in _LANGUAGES.glob("features-*")))
        raise NutgrafError(f"no word lists for the language {language!r}", remedy=f"choose one of: {known}")
    return folder


def _entries(path: Path) -> Iterator[tuple[str, list[str]]]:
    for name, value in tomllib.loads(path.read_text(encoding="utf-8")).items():
        if isinstance(value, str):
            yield f"{path.stem}.{name}", value.split()
        else:
            for entry, words in msgspec.convert(value, dict[str, str]).items():
                yield f"{path.stem}.{name}.{entry}", words.split()
