"""Who owns a quotation: the speaker named beside it, elsewhere in its passage, or before it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import NamedTuple

from annotate.classify.features.reading import Reading
from annotate.classify.features.speakers import Kind, Speaker

CUES = ("say", "appeal", "belief", "according")
# A quotation with no speaker of its own goes to whoever spoke at most this many sentences before.
_MEMORY = 6
# How much the closeness of a speaker fades from one sentence to the next.
_FADING = 0.75


class Attribution:
    """What one sentence says of its source.

    Attributes
    ----------
    cues
        How many cues of each kind stand outside quotation marks.
    cue_words
        The cues' words.
    speaker
        The speaker of the first cue that has one.
    best, worst
        The most and the least official speaker of any of its cues.
    place
        Where the cue stands in the sentence, 0 to 1.
    after_quotation
        Whether the cue follows a closing mark.
    """

    __slots__ = ("after_quotation", "best", "cue_words", "cues", "place", "speaker", "worst")

    def __init__(self) -> None:
        self.cues = [0.0] * len(CUES)
        self.cue_words: list[str] = []
        self.speaker = Speaker()
        self.best = 0.0
        self.worst = 0.0
        self.place = 1.0
        self.after_quotation = False


class Origin(IntEnum):
    """Where a sentence's owner was found."""

    NOBODY = -1
    OWN = 0
    PASSAGE = 1
    NEXT = 2
    INTRODUCED = 3
    CARRIED = 4


class Owner(NamedTuple):
    """Who owns a sentence's words.

    Attributes
    ----------
    speaker
        The owner, or a speaker of no kind.
    origin
        Where the owner was found.
    age
        How many sentences ago someone last spoke, at most six.
    last_official, next_official
        How official the speakers before and after are, faded by distance, -1 to 1.
    """

    speaker: Speaker
    origin: Origin
    age: int
    last_official: float
    next_official: float


def owners(reading: Reading, found: Mapping[int, Attribution]) -> list[Owner]:
    """Return the owner of each sentence.

    A quotation belongs to the speaker named beside it, else to the one named elsewhere in its passage, else to the one
    named after a quotation in the next sentence of its paragraph, else to whoever spoke in the sentence before, else to
    the last speaker.
    """
    speakers = {s: a.speaker for s, a in found.items() if a.speaker.kind != Kind.NONE}
    passages = reading.quotation.passage.tolist()
    of_passage: dict[int, Speaker] = {}
    for sentence, speaker in sorted(speakers.items()):
        if passages[sentence] >= 0:
            of_passage.setdefault(passages[sentence], speaker)
    following = _following(reading.n, speakers)
    paragraphs = reading.paragraph.tolist()
    result = []
    nobody = Speaker()
    last, age = nobody, _MEMORY
    for sentence, passage in enumerate(passages):
        owner, origin = nobody, Origin.NOBODY
        if sentence in speakers:
            owner, origin = speakers[sentence], Origin.OWN
        elif passage >= 0:
            after = sentence + 1
            near = after < reading.n and paragraphs[after] == paragraphs[sentence]
            if passage in of_passage:
                owner, origin = of_passage[passage], Origin.PASSAGE
            elif near and after in speakers and found[after].after_quotation:
                owner, origin = speakers[after], Origin.NEXT
            elif last.kind != Kind.NONE and age < _MEMORY:
                owner, origin = last, Origin.CARRIED if age else Origin.INTRODUCED
        result.append(Owner(owner, origin, age, last.official * _FADING**age, following[sentence + 1]))
        if origin == Origin.NOBODY:
            age = min(age + 1, _MEMORY)
        else:
            last, age = owner, 0
    return result


def _following(n: int, speakers: Mapping[int, Speaker]) -> list[float]:
    """Return how official the next speaker at or after each sentence is, faded by distance, and 0 for the end."""
    following = [0.0] * (n + 1)
    for sentence in range(n - 1, -1, -1):
        near = speakers.get(sentence)
        following[sentence] = near.official if near else _FADING * following[sentence + 1]
    return following
