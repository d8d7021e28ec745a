"""Pages written for a test."""

from __future__ import annotations

from annotate.classify.features.lexicon import read_lexicon
from annotate.classify.features.reading import Reading
from annotate.classify.units import Page
from annotate.types import Sentence


def reading(*paragraphs: list[str]) -> Reading:
    """Read a page given as paragraphs of sentences."""
    sentences, at = [], 0
    for number, paragraph in enumerate(paragraphs):
        for text in paragraph:
            sentences.append(Sentence("page", len(sentences), number, at, at + len(text), text))
            at += len(text) + 1
    return Reading(Page("page", tuple(sentences)), read_lexicon("en"))
