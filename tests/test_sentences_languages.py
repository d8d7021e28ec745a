"""Sentences of text written for the purpose, in every language that has rules."""

from pathlib import Path

import pytest

from annotate.sentences import languages, split_text

TEXTS = Path(__file__).parent / "languages"


def paragraphs(language):
    """Read a file of known sentences; its first paragraph says how it is written."""
    blocks = "\n".join(
        line for line in (TEXTS / f"{language}.txt").read_text(encoding="utf-8").splitlines() if line[:2] != "# "
    )
    return [block.strip("\n").split("\n") for block in blocks.split("\n\n") if block.strip()]


def joined(sentences):
    text = ""
    for sentence in sentences:
        text += sentence[1:] if sentence.startswith("+") else f" {sentence}"
    return text.strip()


def cases():
    return [
        pytest.param(language, known, id=f"{language}-{known[0][:40]}")
        for language in languages()
        for known in paragraphs(language)
    ]


@pytest.mark.parametrize(("language", "known"), cases())
def test_a_paragraph_is_split_as_a_reader_would(language, known):
    text = joined(known)
    found = [text[span.start : span.end] for span in split_text(text, language=language)]
    assert found == [sentence.removeprefix("+") for sentence in known]
