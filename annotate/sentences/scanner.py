"""Find where sentences begin and end: one pass over the marks that could end one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from annotate.sentences.language import Language
from annotate.sentences.lines import part_items, part_signature
from annotate.sentences.rules import INVISIBLE, Place, ends

BREAKS = "\n\r\v\f\u2028\u2029"
"""Characters after which a line must break (Unicode UAX 14, classes BK, CR and LF)."""

_EMOTICON = r"(?:[:;]['’-]?[)(\]DPp]+(?!\w))"
_EMOJI = "(?:[\u2600-\u27bf\U0001f300-\U0001faff]\ufe0f?)"
_REFERENCE = r"(?:\[\s?(?:\d{1,3}|[a-z]|[a-z]+ needed)\s?\])"
_TERMINATED, _LINE_ENDED, _AFTER_LINK, _AFTER_EMOTICON, _LABELLED = range(1, 6)


@cache
def _events(closers: str) -> re.Pattern[str]:
    """Return the pattern of everything that could part two sentences.

    It starts with one set of characters, so that the search is a fast scan; nothing in it gives back what it took,
    and runs of marks are taken whole, so that time is linear in the text.
    """
    space = rf"[^\S{BREAKS}]"
    closer = rf"""["”’'»)\]}}*_{closers}{INVISIBLE}]"""
    attached = rf"(?:{closer}|{space}?(?:[)\]}}]|{_EMOTICON}|{_EMOJI}|{_REFERENCE}))"
    return re.compile(
        rf"""[.!?…:;—{BREAKS}](?:
            (?<=[{BREAKS}])\s*+
          | (?:(?<=[.!?…])[.!?…]*+|(?<=—)(?=["”]))({attached}*+){space}*+([{BREAKS}]\s*+)?
          | (?<=:)(//\S*(?<![.!?…,;:"'”’)\]>])){space}++(?=[^\W\d_a-z])
          | (?<=\s[:;])(['’-]?[)(\]DPp]++){space}++
          | (?<=[a-z]:)({space}++)
        )""",
        re.VERBOSE,
    )


def find_sentences(text: str, language: Language) -> Iterator[tuple[int, int, int]]:
    """Yield start, end and paragraph of each sentence of ``text``, in order."""
    for start, end, paragraph in _find(text, language):
        # Few sentences begin like an item of a list; only they are looked at again.
        if text[start] in "0123456789•⁃·▪" or text[start + 1 : start + 2] in (".", ")"):
            for item in part_items(text, start, end):
                yield *item, paragraph
        else:
            yield start, end, paragraph


def _find(text: str, language: Language) -> Iterator[tuple[int, int, int]]:
    length = len(text)
    start = length - len(text.lstrip())
    kinds, paragraph = language.kinds, 0
    line = start
    for event in _events("".join(sorted(set("".join(language.closing.values()))))).finditer(text, start):
        at, following = event.span()
        if at < start:
            continue
        match event.lastindex:
            case 1:  # marks inside a line
                end = event.end(1)
                if following == length:
                    continue
                head = text[following]
                if following == end:
                    if head.islower() and text[at] == "." or head.isdigit():
                        continue
                elif end == at + 1 and head.isupper():
                    # Nine of ten: a plain word, one mark, a space, a capital. No rule has anything to add.
                    space = text.rfind(" ", max(start + 4, at - 24), at)
                    mark = text[at]
                    if space > 0:
                        word = text[space + 1 : at]
                        if (
                            mark == "."
                            and word not in kinds
                            and word.isalpha()
                            and at - space > 2
                            or mark in "!?"
                            and word + mark not in kinds
                        ):
                            yield start, end, paragraph
                            start = following
                            continue
                if ends(Place(text, start, event, language)):
                    yield start, end, paragraph
                    start = following
            case 2:  # marks at the end of a line
                yield start, event.end(1), paragraph
                start = line = following
                paragraph += 1
            case None:  # the end of a line without marks
                yield from _unmarked_line(text, start, at, line, paragraph, language)
                start = line = following
                paragraph += 1
            case 3:
                yield start, event.end(3), paragraph
                start = following
            case 4:
                if text[following : following + 1].isupper():
                    yield start, event.end(4), paragraph
                    start = following
            case _:
                begin = _label(text, start, at, language)
                if begin:
                    yield start, start + len(text[start:begin].rstrip()), paragraph
                    start = begin
    if start < length:
        yield from _unmarked_line(text, start, length, line, paragraph, language)


def _unmarked_line(
    text: str, start: int, stop: int, line: int, paragraph: int, language: Language
) -> Iterator[tuple[int, int, int]]:
    end = start + len(text[start:stop].rstrip())
    if start > line:
        for part in part_signature(text, start, end, language):
            yield *part, paragraph
    elif end > start:
        yield start, end, paragraph


def _label(text: str, start: int, colon: int, language: Language) -> int:
    """Return where the label before a colon begins if it begins a unit, else 0."""
    for pattern, condition in ((language.caption, True), (language.header, language.header.match(text, start))):
        if not condition:
            continue
        for label in pattern.finditer(text, max(start + 1, colon - 24), colon):
            begin = label.start()
            if label.end() == colon and text[begin - 1].isspace() and text[begin - 2] not in "(,;:–—-":
                return begin
    return 0
