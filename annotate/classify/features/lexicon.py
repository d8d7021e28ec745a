"""Word lists as data: which groups a word or a phrase belongs to."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import msgspec

from annotate.classify.features.vocabulary import Vocabulary
from annotate.errors import NutgrafError

# The words after a phrase's first, and the numbers of the groups that hold the phrase.
_Tail = tuple[tuple[str, ...], tuple[int, ...]]

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
        sorted_phrases = {
            first: tuple(sorted((rest, tuple(numbers)) for rest, numbers in tails.items()))
            for first, tails in phrases.items()
        }
        self._phrases: dict[str, dict[str, list[_Tail]]] = {first: {} for first in sorted_phrases}
        for first, tails_in_order in sorted_phrases.items():
            for tail in tails_in_order:
                self._phrases[first].setdefault(tail[0][0], []).append(tail)
        self.most_groups = max(map(len, self._words.values()), default=0)
        everything = repr((self.names, sorted(self._words.items()), sorted(sorted_phrases.items())))
        self._sets: dict[tuple[str, ...], frozenset[str]] = {}
        self.fingerprint = hashlib.sha256(everything.encode()).hexdigest()
        self._vocabulary = Vocabulary(self)

    @property
    def vocabulary(self) -> Vocabulary:
        """Return what is known of tokens; begun anew when it has grown large."""
        if self._vocabulary.is_full:
            self._vocabulary = Vocabulary(self)
        return self._vocabulary

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

    def begins_phrase(self, word: str) -> bool:
        """Tell whether a lower-case word is the first of a phrase."""
        return word in self._phrases

    def phrases(self, tokens: Sequence[str], starts: Iterable[int]) -> Iterator[tuple[int, int]]:
        """Yield position and group number of every phrase that begins at one of the positions, in order.

        The tokens are in lower case, and at each position stands the first word of a phrase.
        """
        for position in starts:
            tails = self._phrases[tokens[position]]
            for rest, numbers in tails.get(tokens[position + 1], ()) if position + 1 < len(tokens) else ():
                if tuple(tokens[position + 1 : position + 1 + len(rest)]) == rest:
                    for number in numbers:
                        yield position, number


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
