"""Who speaks: people a page introduces, and the phrase that names a cue's speaker."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from annotate.classify.features.lexicon import Lexicon

# How far a speaker's phrase may reach: beyond, an appositive is rarely one.
_HEAD, _APPOSITIVE = 9, 14
# How far around a person's first full name the words still introduce the person.
_BEFORE_NAME, _AFTER_NAME = 8, 14
_MARKS = frozenset("”“;:—–.?!()")


class Kind(IntEnum):
    """What sort of speaker a phrase names."""

    NONE = 0
    OFFICIAL = 1
    PRIVATE = 2
    UNKNOWN = 3
    MEDIA = 4
    STUDY = 5


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
        office, private = words.office, words.private
        size = len(tokens)
        for position, word in enumerate(lower):
            if word in office:
                weight = 1.0
            elif word in private:
                weight = -1.0
            else:
                if position and tokens[position][0].isupper() and words.is_name(tokens[position - 1]):
                    self._introduced.setdefault(word, position)
                if len(word) > 2 and word[:2] in ("r-", "d-", "i-") and tokens[position][2].isupper():
                    self._introduce_before(tokens, position, 1.0)
                continue
            name_end = self._name_after(tokens, lower, position + 1, size)
            if name_end:
                self._add(lower[name_end - 1], weight)
            elif word not in words.plural:
                self._introduce_before(tokens, position, weight)

    def _add(self, surname: str, weight: float) -> None:
        self._score[surname] = self._score.get(surname, 0.0) + weight

    def _name_after(self, tokens: Sequence[str], lower: Sequence[str], start: int, size: int) -> int:
        """Return the end of the name that follows a title, or 0: "Sen. Jane Smith"; "spokesman for X" has none."""
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

    def _introduce_before(self, tokens: Sequence[str], position: int, weight: float) -> None:
        """Introduce the person before a comma: "Jane Smith, the committee's chairwoman"."""
        is_name = self._words.is_name
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


class Speaker:
    """The speaker of one cue.

    Attributes
    ----------
    official
        How official, -1 to 1.
    kind
        What sort of speaker.
    surname
        The last capitalised word of the phrase, lower-case, or "".
    pronoun
        Whether only a pronoun stands there.
    description
        The words of the phrase, then those that introduced the person.
    """

    __slots__ = ("description", "first_person", "kind", "official", "plural", "pronoun", "surname")

    def __init__(self) -> None:
        self.official = 0.0
        self.kind = Kind.NONE
        self.surname = ""
        self.pronoun = False
        self.first_person = False
        self.plural = False
        self.description: tuple[str, ...] = ()


def phrase_before(lower: Sequence[str], cue: int, start: int, words: SpeakerWords) -> tuple[int, int, int, int]:
    """Return head and appositive, as token ranges, of the subject before a cue: "Jane Smith, the mayor, said"."""
    end = cue
    while end > start and (lower[end - 1] in words.between or lower[end - 1].endswith("ly")):
        end -= 1
    appositive = (end, end)
    if end > start and lower[end - 1] == ",":
        comma = end - 2
        while comma >= start and end - comma <= _APPOSITIVE and lower[comma] != "," and lower[comma] not in "“”;":
            comma -= 1
        if comma >= start and lower[comma] == ",":
            appositive = (comma + 1, end - 1)
            end = comma
        else:
            return end, end, end, end
    begin = end
    while begin > start and end - begin < _HEAD and lower[begin - 1] != "," and lower[begin - 1] not in words.stops:
        begin -= 1
    return begin, end, *appositive


def phrase_after(lower: Sequence[str], start: int, stop: int, words: SpeakerWords) -> tuple[int, int, int, int]:
    """Return the same of the phrase that begins at ``start``: "said Jane Smith, the mayor"."""
    end = start
    while end < stop and end - start < _HEAD and lower[end] != ",":
        # The full stop of a title: "said Mr. Smith" is one phrase.
        if lower[end] in words.stops and not (lower[end] == "." and end == start + 1):
            break
        end += 1
    appositive = (end, end)
    if end < stop and lower[end] == ",":
        close = end + 1
        while close < stop and close - end < _APPOSITIVE and lower[close] not in ",“”;:.":
            close += 1
        appositive = (end + 1, close)
    return start, end, *appositive


def identify(
    tokens: Sequence[str], lower: Sequence[str], ranges: tuple[int, int, int, int], people: People, words: SpeakerWords
) -> Speaker:
    """Say who a phrase names, from its head noun, its appositive and what the page said of the person before."""
    speaker = Speaker()
    head_start, head_end, appositive_start, appositive_end = ranges
    if head_start == head_end:
        return speaker
    score = 0.0
    media = study = former = nominal = False
    for position in range(head_start, head_end):
        word = lower[position]
        if word in words.private:
            score -= 1.0
            nominal = True
        if word in words.office or word in words.document:
            score += 1.0
            nominal = True
        elif word in words.agency or word.removesuffix("'s") in words.agency:
            score += 0.8
            nominal = True
        media = media or word in words.media
        study = study or word in words.study
        former = former or word in words.former
        speaker.plural = speaker.plural or word in words.plural
        speaker.first_person = speaker.first_person or word in words.first
        if words.is_name(tokens[position]):
            speaker.surname = word.removesuffix("'s")
        elif word in words.pronouns:
            speaker.pronoun = True
    speaker.description = (
        *lower[head_start:head_end],
        *lower[appositive_start:appositive_end],
        *(people.introduction(speaker.surname) if speaker.surname else ()),
    )
    known = people.score(speaker.surname) if speaker.surname else None
    if known is not None:
        score += 1.5 * known
    for position in range(appositive_start, appositive_end):
        word = lower[position]
        if word in words.office or word in words.agency:
            score += 0.5
        elif word in words.private:
            score -= 0.7
    speaker.pronoun = speaker.pronoun and not speaker.surname and not nominal
    lapsed = former and score > 0 and speaker.surname not in words.leaders
    speaker.official = max(-1.0, min(1.0, score)) * (0.6 if lapsed else 1.0)
    speaker.kind = _kind(speaker, media=media, study=study, nominal=nominal)
    return speaker


def _kind(speaker: Speaker, *, media: bool, study: bool, nominal: bool) -> Kind:
    if speaker.official > 0.2:
        return Kind.OFFICIAL
    if speaker.official < -0.2:
        return Kind.PRIVATE
    if media:
        return Kind.MEDIA
    if study:
        return Kind.STUDY
    if speaker.surname or nominal or speaker.pronoun or speaker.first_person or speaker.plural:
        return Kind.UNKNOWN
    return Kind.NONE
