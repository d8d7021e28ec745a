"""Whose words a sentence gives: its cue, the speaker, whether the speaker holds an office, and who owns a quotation."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from annotate.classify.features.lexicon import Lexicon
from annotate.classify.features.ownership import CUES, Attribution, Origin, Owner, owners
from annotate.classify.features.people import People, SpeakerWords
from annotate.classify.features.reading import Floats, Reading, once
from annotate.classify.features.speakers import Kind, Speaker, identify, phrase_after, phrase_before

_CUE_GROUPS = tuple(f"speech.cues.{cue}" for cue in CUES)
_GROUPS = (
    "speech.speakers.office",
    "speech.speakers.agency",
    "speech.speakers.private",
    "speech.leaders.surname",
    "speech.cues.medium",
    "speech.cues.official_document",
    "speech.cues.study",
    "speech.speakers.media",
)


_NOTHING = Attribution()


@lru_cache
def _speaker_words(lexicon: Lexicon) -> SpeakerWords:
    return SpeakerWords(lexicon)


NAMES = (
    *(f"cue_{cue}" for cue in CUES),
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
    *(f"owner_{origin.name.lower()}" for origin in Origin if origin != Origin.NOBODY),
    "owner_age",
    "last_official_score",
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
    rows = [
        (*_own_columns(found.get(sentence, _NOTHING)), *_owner_columns(owner))
        for sentence, owner in enumerate(owners(reading, found))
    ]
    matrix = np.array(rows, dtype=np.float32).reshape(reading.n, -1)
    number, counts = reading.lexicon.number, reading.own_counts
    return np.hstack([matrix, counts[:, [number[group] for group in _GROUPS]]])


def owner_words(reading: Reading) -> list[list[str]]:
    """Return, for each sentence, its cues and the words that name and introduce whoever owns its words."""
    found = attributions(reading)
    described = []
    for sentence, owner in enumerate(owners(reading, found)):
        cues = found[sentence].cue_words if sentence in found else []
        origin = ("none", "own", "passage", "next", "introduced", "carried")[owner.origin + 1]
        described.append([f"from {origin}", *(f"cue {cue}" for cue in cues), *owner.speaker.description])
    return described


@once
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
        here.cue_words.append(lower[position])
        after_quotation = position > first and lower[position - 1] == "”"
        speaker = _speaker(tokens, lower, (first, position, stop), people, words, is_according=cue == len(CUES) - 1)
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
        speaker.description = (*speaker.description, *last.description)


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


def _owner_columns(owner: Owner) -> tuple[float, ...]:
    return (
        *(float(owner.speaker.kind == kind) for kind in Kind),
        owner.speaker.official,
        *(float(owner.origin == origin) for origin in Origin if origin != Origin.NOBODY),
        float(owner.age),
        owner.last_official,
        owner.next_official,
    )
