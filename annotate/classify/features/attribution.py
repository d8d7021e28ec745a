"""Whose words a sentence gives: its cue, the speaker, whether the speaker holds an office, and who owns a quotation."""

from __future__ import annotations

import numpy as np

from annotate.classify.features.ownership import CUES, Attribution, Origin, Owner, owners
from annotate.classify.features.people import People
from annotate.classify.features.reading import Floats, Reading, once
from annotate.classify.features.speaker_words import SpeakerWords, speaker_words
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
    number, counts = reading.lexicon.number, reading.own_counts
    words = counts[:, [number[group] for group in _GROUPS]]
    return np.hstack([_own(reading), _owner(reading), words])


def owner_words(reading: Reading) -> list[list[str]]:
    """Return, for each sentence, its cues and the words that name and introduce whoever owns its words."""
    found = attributions(reading)
    described = []
    for sentence, owner in enumerate(_owners(reading)):
        cues = found[sentence].cue_words if sentence in found else []
        origin = ("none", "own", "passage", "next", "introduced", "carried")[owner.origin + 1]
        described.append([f"from {origin}", *(f"cue {cue}" for cue in cues), *owner.speaker.description])
    return described


@once
def attributions(reading: Reading) -> dict[int, Attribution]:
    """Return the sentences that have a cue outside quotation marks, with what it says."""
    tokens, lower, inside = reading.tokens, reading.lower, reading.quotation.inside
    words = speaker_words(reading.lexicon)
    people = People(reading)
    cue_of = np.full(len(reading.lexicon.names), -1)
    cue_of[[reading.lexicon.number[group] for group in _CUE_GROUPS]] = range(len(CUES))
    positions, groups = reading.hits
    wanted = (cue_of[groups] >= 0) & ~inside[positions]
    found: dict[int, Attribution] = {}
    last = Speaker()
    for position, cue in zip(positions[wanted].tolist(), cue_of[groups[wanted]].tolist(), strict=True):
        sentence = int(reading.sentence_of[position])
        first, stop = int(reading.first[sentence]), int(reading.first[sentence + 1])
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


@once
def _owners(reading: Reading) -> list[Owner]:
    return owners(reading, attributions(reading))


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


def _own(reading: Reading) -> Floats:
    """Return what each sentence itself says of its source, shape (n_sentences, n_columns)."""
    found = attributions(reading)
    matrix = np.tile(np.array(_own_columns(Attribution()), dtype=np.float32), (reading.n, 1))
    if found:
        matrix[list(found)] = [_own_columns(attribution) for attribution in found.values()]
    return matrix


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


def _owner(reading: Reading) -> Floats:
    """Return who owns each sentence's words, shape (n_sentences, n_columns)."""
    rows = [
        (owner.speaker.kind, owner.speaker.official, owner.origin, owner.age, owner.last_official, owner.next_official)
        for owner in _owners(reading)
    ]
    kind, official, origin, *rest = np.array(rows, dtype=np.float32).reshape(-1, 6).T
    kinds = [kind == wanted for wanted in Kind]
    origins = [origin == wanted for wanted in Origin if wanted != Origin.NOBODY]
    return np.column_stack([*kinds, official, *origins, *rest]).astype(np.float32)
