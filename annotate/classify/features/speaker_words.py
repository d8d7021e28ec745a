"""The word lists that tell an official from a private person, and a name from a word."""

from __future__ import annotations

from functools import lru_cache

from annotate.classify.features.lexicon import Lexicon

MARKS = frozenset("”“;:—–.?!()")
"""What ends a phrase that names a speaker."""


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
        self.stops = words("grammar.clause_start") | MARKS
        self._no_names = words("grammar.not_a_name")

    def is_name(self, token: str) -> bool:
        """Tell whether a token can be part of a name: a capital, and no word that merely begins a sentence."""
        return token[0].isupper() and len(token) > 1 and token.lower() not in self._no_names

    def begins_subject(self, token: str) -> bool:
        """Tell whether a word after an inverted cue can begin its speaker: a name, an article, a pronoun."""
        return self.is_name(token) or token.lower() in self.determiners


@lru_cache
def speaker_words(lexicon: Lexicon) -> SpeakerWords:
    """Return the word lists that tell speakers apart."""
    return SpeakerWords(lexicon)
