"""Whose words a sentence gives: its cue, the speaker, whether the speaker holds an office, and who owns a quotation."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from annotate.classify.features.lexicon import Lexicon
from annotate.classify.features.reading import Floats, Reading
from annotate.classify.features.speakers import (
    Kind,
    People,
    Speaker,
    SpeakerWords,
    identify,
    phrase_after,
    phrase_before,
)

_CUES = ("say", "appeal", "belief", "according")
_CUE_GROUPS = tuple(f"speech.cues.{cue}" for cue in _CUES)
_OWN, _PASSAGE, _INTRODUCED, _CARRIED = range(4)
# A quotation with no speaker of its own goes to whoever spoke at most this many sentences before.
_MEMORY = 6


class Attribution:
    """What one sentence says of its source.

    Attributes
    ----------
    cues
        How many cues of each kind stand outside quotation marks.
    speaker
        The speaker of the cue that counts most: the first one with a speaker.
    best, worst
        The most and least official speaker of any of its cues.
    """

    __slots__ = ("after_quotation", "best", "cues", "place", "speaker", "worst")

    def __init__(self) -> None:
        self.cues = [0.0] * len(_CUES)
        self.speaker = Speaker()
        self.best = 0.0
        self.worst = 0.0
        self.place = 1.0
        self.after_quotation = False


_NOTHING = Attribution()


@lru_cache
def _speaker_words(lexicon: Lexicon) -> SpeakerWords:
    return SpeakerWords(lexicon)


NAMES = (
    *(f"cue_{cue}" for cue in _CUES),
    *(f"speaker_{kind.name.lower()}" for kind in Kind),
    "speaker_official_score",
    "speaker_best_score",
    "speaker_worst_score",
    "speaker_pronoun",
    "speaker_named",
    "speaker_plural",
    "speaker_first_person",
    "cue_place",
    "cue_after_quotation",
    *(f"owner_{kind.name.lower()}" for kind in Kind),
    "owner_official_score",
    "owner_is_own",
    "owner_of_passage",
    "owner_introduced",
    "owner_carried",
    "owner_age",
    "last_official_score",
    "last_age",
    "next_official_score",
    "office_words",
    "agency_words",
    "private_words",
    "leaders_named",
    "medium_words",
    "document_words",
    "study_words",
    "media_words",
)


def attribution(reading: Reading) -> Floats:
    """Return the attribution features, shape (n_sentences, len(NAMES))."""
    found = attributions(reading)
    owners = _owners(reading, found)
    rows = [(*_own_columns(found.get(sentence, _NOTHING)), *owners[sentence]) for sentence in range(reading.n)]
    matrix = np.array(rows, dtype=np.float32).reshape(reading.n, -1)
    number, counts = reading.lexicon.number, reading.own_counts
    groups = (
        "speech.speakers.office",
        "speech.speakers.agency",
        "speech.speakers.private",
        "speech.leaders.surname",
        "speech.cues.medium",
        "speech.cues.official_document",
        "speech.cues.study",
        "speech.speakers.media",
    )
    return np.hstack([matrix, counts[:, [number[group] for group in groups]]])


def attributions(reading: Reading) -> dict[int, Attribution]:
    """Return the sentences that have a cue outside quotation marks, with what it says."""
    tokens, lower, inside = reading.tokens, reading.lower, reading.quotation.inside
    words = _speaker_words(reading.lexicon)
    people = People(tokens, lower, words)
    cue_of = {reading.lexicon.number[group]: cue for cue, group in enumerate(_CUE_GROUPS)}
    positions, groups = reading.hits
    wanted = np.isin(groups, list(cue_of)) & ~inside[positions]
    found: dict[int, Attribution] = {}
    last = Speaker()
    for position, group in zip(positions[wanted].tolist(), groups[wanted].tolist(), strict=True):
        sentence = int(reading.sentence_of[position])
        first, stop = int(reading.first[sentence]), int(reading.first[sentence + 1])
        cue = cue_of[group]
        here = found.get(sentence)
        if here is None:
            here = found[sentence] = Attribution()
        here.cues[cue] += 1
        after_quotation = position > first and lower[position - 1] == "”"
        speaker = _speaker(tokens, lower, (first, position, stop), people, words, is_according=cue == len(_CUES) - 1)
        if speaker.pronoun:
            _resolve(speaker, last)
        if here.speaker.kind == Kind.NONE and speaker.kind != Kind.NONE:
            here.speaker = speaker
            here.place = (position - first) / max(stop - first, 1)
            here.after_quotation = after_quotation
        here.best = max(here.best, speaker.official)
        here.worst = min(here.worst, speaker.official)
        if speaker.surname or abs(speaker.official) > 0.2:
            last = speaker
    return found


def _speaker(
    tokens: list[str],
    lower: list[str],
    span: tuple[int, int, int],
    people: People,
    words: SpeakerWords,
    *,
    is_according: bool,
) -> Speaker:
    first, cue, stop = span
    after = cue + 2 if is_according and lower[cue] == "according" else cue + 1
    if is_according:
        return identify(tokens, lower, phrase_after(lower, after, stop, words), people, words)
    inverted = cue > first and lower[cue - 1] in ("”", ",") and after < stop and words.begins_subject(tokens[after])
    if not inverted:
        speaker = identify(tokens, lower, phrase_before(lower, cue, first, words), people, words)
        if speaker.kind != Kind.NONE or after >= stop or not words.begins_subject(tokens[after]):
            return speaker
    return identify(tokens, lower, phrase_after(lower, after, stop, words), people, words)


def _resolve(speaker: Speaker, last: Speaker) -> None:
    """Let a pronoun stand for the last speaker."""
    if last.kind != Kind.NONE:
        speaker.official, speaker.kind, speaker.surname = last.official, last.kind, last.surname


def _own_columns(found: Attribution) -> tuple[float, ...]:
    speaker = found.speaker
    return (
        *found.cues,
        *(float(speaker.kind == kind) for kind in Kind),
        speaker.official,
        found.best,
        found.worst,
        speaker.pronoun,
        bool(speaker.surname),
        speaker.plural,
        speaker.first_person,
        found.place,
        found.after_quotation,
    )


def _owners(reading: Reading, found: dict[int, Attribution]) -> list[tuple[float, ...]]:
    """Return, for every sentence, who owns its quotation and who spoke last before and first after it.

    A quotation belongs to the speaker named beside it, else to the one named elsewhere in the same passage, else to the
    one who introduced it in the sentence before, else to the last speaker.
    """
    passage = reading.quotation.passage.tolist()
    speakers = {s: a.speaker for s, a in found.items() if a.speaker.kind != Kind.NONE}
    of_passage: dict[int, Speaker] = {}
    for sentence, speaker in sorted(speakers.items()):
        if passage[sentence] >= 0:
            of_passage.setdefault(passage[sentence], speaker)
    following = [0.0] * (reading.n + 1)
    for sentence in range(reading.n - 1, -1, -1):
        near = speakers.get(sentence)
        following[sentence] = near.official if near else 0.7 * following[sentence + 1]
    rows = []
    last, age = Speaker(), _MEMORY
    carried = Speaker()
    for sentence in range(reading.n):
        own = speakers.get(sentence)
        owner, origin = Speaker(), -1
        before = last
        if own is not None:
            owner, origin = own, _OWN
        elif passage[sentence] >= 0:
            if passage[sentence] in of_passage:
                owner, origin = of_passage[passage[sentence]], _PASSAGE
            elif age == 0:
                owner, origin = last, _INTRODUCED
            elif carried.kind != Kind.NONE and age < _MEMORY:
                owner, origin = carried, _CARRIED
        rows.append(
            (
                *(float(owner.kind == kind) for kind in Kind),
                owner.official,
                *(float(origin == choice) for choice in (_OWN, _PASSAGE, _INTRODUCED, _CARRIED)),
                float(age),
                before.official * 0.8 ** min(age, _MEMORY),
                float(min(age, _MEMORY)),
                following[sentence + 1],
            )
        )
        if origin >= 0:
            last = carried = owner
            age = 0
        else:
            age = min(age + 1, _MEMORY)
    return rows
