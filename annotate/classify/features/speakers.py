"""Whom the phrase at a cue names as its speaker, and what sort of speaker that is."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from annotate.classify.features.people import People
from annotate.classify.features.speaker_words import SpeakerWords

# How far a speaker's phrase may reach: beyond, an appositive is rarely one.
_HEAD, _APPOSITIVE = 9, 14


class Kind(IntEnum):
    """What sort of speaker a phrase names."""

    NONE = 0
    OFFICIAL = 1
    PRIVATE = 2
    UNKNOWN = 3
    MEDIA = 4
    STUDY = 5


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
