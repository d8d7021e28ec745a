"""The people a page names, and the words that tell an official from a private person."""

from __future__ import annotations

from collections.abc import Sequence

from annotate.classify.features.lexicon import Lexicon

# How far around a person's first full name the words still introduce the person.
_BEFORE_NAME, _AFTER_NAME = 8, 14
_MARKS = frozenset("”“;:—–.?!()")


class SpeakerWords:
    """The word lists that tell speakers apart."""

    def __init__(self, lexicon: Lexicon) -> None:
        words = lexicon.words
        self.office = words("speech.speakers.office")
        self.agency = words("speech.speakers.agency")
        self.private = words("speech.speakers.private")
        self.media = words("speech.speakers.media")
        self.former = words("speech.speakers.former")
        self.leaders = words("speech.leaders.surname")
        self.pronouns = words("speech.speakers.pronoun")
        self.first = words("speech.speakers.first")
        self.study = words("speech.cues.study")
        self.document = words("speech.cues.official_document")
        self.plural = frozenset(word for word in self.office | self.private if word.endswith("s") or word == "people")
        self.joiners = words("grammar.name_joiner")
        self.determiners = words("grammar.determiner")
        self.between = words("grammar.between")
        self.stops = words("grammar.clause_start") | _MARKS
        self._no_names = words("grammar.not_a_name")

    def is_name(self, token: str) -> bool:
        """Tell whether a token can be part of a name: a capital, and no word that merely begins a sentence."""
        return token[0].isupper() and len(token) > 1 and token.lower() not in self._no_names

    def begins_subject(self, token: str) -> bool:
        """Tell whether a word after an inverted cue can begin its speaker: a name, an article, a pronoun."""
        return self.is_name(token) or token.lower() in self.determiners


class People:
    """The people a page names, each with what speaks for and against an office.

    Parameters
    ----------
    tokens, lower
        The page's tokens, and in lower case.
    words
        The word lists.
    """

    def __init__(self, tokens: Sequence[str], lower: Sequence[str], words: SpeakerWords) -> None:
        self._words = words
        self._tokens, self._lower = tokens, lower
        self._score: dict[str, float] = {}
        self._introduced: dict[str, int] = {}
        for position, word in enumerate(lower):
            if word in words.office:
                self._read_title(position, 1.0)
            elif word in words.private:
                self._read_title(position, -1.0)
            else:
                self._read_name(position)

    def _read_title(self, position: int, weight: float) -> None:
        """Give the weight of a title to whom it names: "Sen. Jane Smith", or "Jane Smith, a senator"."""
        name_end = self._name_after(position + 1)
        if name_end:
            self._add(self._lower[name_end - 1], weight)
        elif self._lower[position] not in self._words.plural:
            self._introduce_before(position, weight)

    def _read_name(self, position: int) -> None:
        """Note where a full name stands first, and the party behind one: "Jane Smith, R-Ohio"."""
        word, token = self._lower[position], self._tokens[position]
        if position and token[0].isupper() and self._words.is_name(self._tokens[position - 1]):
            self._introduced.setdefault(word, position)
        if len(word) > 2 and word[:2] in ("r-", "d-", "i-") and token[2].isupper():
            self._introduce_before(position, 1.0)

    def _add(self, surname: str, weight: float) -> None:
        self._score[surname] = self._score.get(surname, 0.0) + weight

    def _name_after(self, start: int) -> int:
        """Return the end of the name that follows a title, or 0: "Sen. Jane Smith"; "spokesman for X" has none."""
        tokens, lower, size = self._tokens, self._lower, len(self._tokens)
        position = start
        while position < size and (lower[position] == "." or lower[position] in self._words.office):
            position += 1
        end = position
        while end < size and (
            self._words.is_name(tokens[end]) or (end > position and lower[end] in self._words.joiners)
        ):
            end += 1
        named = end > position and end - position <= 4 and lower[end - 1] not in self._words.agency
        return end if named else 0

    def _introduce_before(self, position: int, weight: float) -> None:
        """Introduce the person before a comma: "Jane Smith, the committee's chairwoman"."""
        tokens, is_name = self._tokens, self._words.is_name
        for comma in range(position - 1, max(position - 8, 0), -1):
            token = tokens[comma]
            if token in (",", "(", "—"):
                if comma >= 2 and is_name(tokens[comma - 1]) and is_name(tokens[comma - 2]):
                    self._add(tokens[comma - 1].lower(), weight)
                return
            if token in _MARKS:
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
