"""The people a page names, and what speaks for and against an office."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from annotate.classify.features.reading import Reading
from annotate.classify.features.speaker_words import MARKS, speaker_words
from annotate.classify.features.traits import Has, of_tokens

# How far around a person's first full name the words still introduce the person.
_BEFORE_NAME, _AFTER_NAME = 8, 14


class People:
    """The people a page names, each with what speaks for and against an office.

    Parameters
    ----------
    reading
        The page.
    """

    def __init__(self, reading: Reading) -> None:
        self._words = speaker_words(reading.lexicon)
        self._tokens, self._lower = reading.tokens, reading.lower
        self._score: dict[str, float] = {}
        # Where each person's full name stands first.
        self._introduced: dict[str, int] = {}
        wanted = [Has.OFFICE, Has.TRADE, Has.PARTY, Has.CAPITAL, Has.NAME]
        office, trade, party, capital, name = of_tokens(reading).T[wanted] > 0
        self._is_name: list[bool] = name.tolist()
        titles = office | trade
        after_name = np.zeros_like(name)
        after_name[1:] = name[:-1]
        for position in np.flatnonzero(titles).tolist():
            self._read_title(position, 1.0 if office[position] else -1.0)
        for position in np.flatnonzero(party & ~titles).tolist():
            self._introduce_before(position, 1.0)
        for position in np.flatnonzero(capital & after_name & ~titles).tolist():
            self._introduced.setdefault(self._lower[position], position)

    def _read_title(self, position: int, weight: float) -> None:
        """Give the weight of a title to whom it names: "Sen. Jane Smith", or "Jane Smith, a senator"."""
        name_end = self._name_after(position + 1)
        if name_end:
            self._add(self._lower[name_end - 1], weight)
        elif self._lower[position] not in self._words.plural:
            self._introduce_before(position, weight)

    def _add(self, surname: str, weight: float) -> None:
        self._score[surname] = self._score.get(surname, 0.0) + weight

    def _name_after(self, start: int) -> int:
        """Return the end of the name that follows a title, or 0: "Sen. Jane Smith"; "spokesman for X" has none."""
        is_name, lower, size = self._is_name, self._lower, len(self._tokens)
        position = start
        while position < size and (lower[position] == "." or lower[position] in self._words.office):
            position += 1
        end = position
        while end < size and (is_name[end] or (end > position and lower[end] in self._words.joiners)):
            end += 1
        named = end > position and end - position <= 4 and lower[end - 1] not in self._words.agency
        return end if named else 0

    def _introduce_before(self, position: int, weight: float) -> None:
        """Introduce the person before a comma: "Jane Smith, the committee's chairwoman"."""
        tokens, is_name = self._tokens, self._is_name
        for comma in range(position - 1, max(position - 8, 0), -1):
            token = tokens[comma]
            if token in (",", "(", "—"):
                if comma >= 2 and is_name[comma - 1] and is_name[comma - 2]:
                    self._add(self._lower[comma - 1], weight)
                return
            if token in MARKS:
                return

    def introduction(self, surname: str) -> Sequence[str]:
        """Return the words around a person's first full name: "the committee's chairwoman, Jane Smith, who ..."."""
        at = self._introduced.get(surname)
        if at is None:
            return ()
        lower, stops = self._lower, self._words.stops
        begin = at
        while begin > 0 and at - begin < _BEFORE_NAME and lower[begin - 1] not in stops:
            begin -= 1
        end = at + 1
        while end < len(lower) and end - at < _AFTER_NAME and lower[end] not in stops:
            end += 1
        return lower[begin:end]

    def score(self, surname: str) -> float | None:
        """Return how official a person is, -1 to 1, or None for someone unknown."""
        known = self._score.get(surname)
        if surname in self._words.leaders:
            known = (known or 0.0) + 2.0
        return None if known is None else max(-1.0, min(1.0, known))
