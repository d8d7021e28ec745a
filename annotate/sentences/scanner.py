"""Find where sentences begin and end: one pass over the marks that could end one."""

from __future__ import annotations

import re
from functools import cache

from annotate.sentences.language import TITLE, Language
from annotate.sentences.lines import part_signature, trimmed
from annotate.sentences.place import BREAKS, INVISIBLE, WINDOW, Bounds, Place
from annotate.sentences.rules import ends

_EMOTICON = r"(?:[:;=]['’-]?[)(\]DPp]+(?!\w))"
_EMOJI = "(?:[\u2600-\u27bf\U0001f300-\U0001faff]\ufe0f?)"
_REFERENCE = r"(?:\[\s?(?:\d{1,3}|[a-z]|[a-z]+ needed)\s?\])"
_QUOTES = '"“'
_SOLID = re.compile(r"\S")
_MARKS, _MARKS_AND_BREAK, _LINK, _EMOTICON_ALONE, _LABEL = range(1, 6)
"""Groups of the pattern of events: the last one matched tells which event it is; a break alone has none."""


@cache
def _events(language: Language) -> re.Pattern[str]:
    """Return the pattern of everything that could part two sentences.

    It starts with one set of characters, so that the search is a fast scan; nothing in it gives back what it took,
    and runs of marks are taken whole, so that time is linear in the text.
    """
    closers = "".join(sorted(set("".join(language.closing.values()))))
    space = rf"[^\S{BREAKS}]"
    # Of two straight marks before a letter the second opens; an opening mark before white space was meant to close.
    closer = rf"""[”’'»)\]}}*_{closers}{INVISIBLE}]|"(?!(?<="")\w)|“(?=\s)"""
    attached = rf"(?:{closer}|{space}?(?:[)\]}}]|{_EMOTICON}|{_EMOJI}|{_REFERENCE}))"
    return re.compile(
        rf"""[.!?…:;=—{BREAKS}](?:
            (?<=[{BREAKS}])\s*+
          | (?:(?<=[.!?…])[.!?…]*+|(?<=—)(?=["”]))({attached}*+){space}*+([{BREAKS}]\s*+)?
          | (?<=:)(//\S{{0,300}}(?<![.!?…,;:"'”’)\]>])){space}++(?=[^\W\d_a-z])
          | (?<=\s[:;=])(['’-]?[)(\]DPp]++){space}++
          | (?<=[a-z]:)({space}++)
        )""",
        re.VERBOSE,
    )


def find_sentences(text: str, language: Language) -> list[Bounds]:  # noqa: PLR0912 - one loop, for speed
    """Return start, end and paragraph of each sentence of ``text``, in order."""
    found: list[Bounds] = []
    add, kinds, paragraph = found.append, language.kinds, 0
    first = _SOLID.search(text)
    start = line = first.start() if first else len(text)
    last = len(text) - 1
    for event in _events(language).finditer(text, start):
        case = event.lastindex
        at, following = event.span()
        if case == _MARKS:
            if following >= last:
                if following > last:
                    break
            elif following - at == 2 and text[at] == "." and text[at + 1] == " ":
                # Nine of ten: a plain word, a full stop, a space, a capital. No rule has anything to add.
                head = text[following]
                if head.isupper() or (head in _QUOTES and text[following + 1].isupper()):
                    space = text.rfind(" ", at - WINDOW, at)
                    if space > start + 3:
                        word = text[space + 1 : at]
                        kind = kinds.get(word)
                        if kind is None and at - space > 2 and word.isalpha():
                            add((start, at + 1, paragraph))
                            start = following
                            continue
                        if kind == TITLE:
                            continue
            elif following - at == 1 and (
                text[following] in ",;:" or text[following + 1] == "." or text[following].isdigit()
            ):
                # Nothing parts the mark from what follows: a number, an initialism.
                continue
            if ends(Place(text, start, event, language)):
                add((start, event.end(1), paragraph))
                start = following
        elif case is None:
            found += _unmarked(text, start, at, paragraph, language if start > line else None)
            start = line = following
            paragraph += 1
        elif case == _MARKS_AND_BREAK:
            add((start, event.end(1), paragraph))
            start = line = following
            paragraph += 1
        elif case == _LABEL:
            begin = _label(text, start, at, language)
            if begin:
                add((start, trimmed(text, start, begin), paragraph))
                start = begin
        elif case == _LINK or text[following : following + 1].isupper() or text[start].islower():
            add((start, event.end(case), paragraph))
            start = following
    found += _unmarked(text, start, len(text), paragraph, language if start > line else None)
    return found


def _unmarked(text: str, start: int, stop: int, paragraph: int, language: Language | None) -> list[Bounds]:
    """Return what stands behind the last mark of a line: a heading, a caption, or a letter's close and signature."""
    end = trimmed(text, start, stop)
    if language:
        return [(*part, paragraph) for part in part_signature(text, start, end, language)]
    return [(start, end, paragraph)] if end > start else []


def _label(text: str, start: int, colon: int, language: Language) -> int:
    """Return where the label before a colon begins if it begins a unit, else 0."""
    head = language.header.match(text, start)
    patterns = [language.caption, language.header] if head and text[head.end()] == ":" else [language.caption]
    for pattern in patterns:
        for label in pattern.finditer(text, max(start + 1, colon - WINDOW), colon):
            begin = label.start()
            if label.end() == colon and text[begin - 1].isspace() and text[begin - 2] not in "(,;:–—-":
                return begin
    return 0
