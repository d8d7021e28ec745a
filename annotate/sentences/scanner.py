"""Find where sentences begin and end."""

from __future__ import annotations

import re
from collections.abc import Iterator

from annotate.sentences.language import DATE, NUMBER, OTHER, TIME, TITLE, Language

BREAKS = "\n\r\v\f\u2028\u2029"
"""Characters after which a line must break (Unicode UAX 14, classes BK, CR and LF)."""

_EVENT = re.compile(
    rf"""[.!?…{BREAKS}](?:(?<=[{BREAKS}])\s*+|[.!?…]*+(["”’'»)\]*]*+)[^\S{BREAKS}]*+([{BREAKS}]\s*+)?)"""
)
_OPENERS = re.compile(r'["“‘\'(\[«„*_¿¡\-–—  ]*+')
_WORD = re.compile(r"[\w.'’&-]*$")
_NEXT = re.compile(r"[^\W_][\w’'-]*")
_INITIALS = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]")
_ENUMERATION = re.compile(r"\W*(?:\(?[0-9]{1,3}|[a-zA-Z]|[ivxIVX]{1,4})")
_NONSPACE = re.compile(r"\S")


def find_sentences(text: str, language: Language) -> Iterator[tuple[int, int, int]]:
    """Yield start, end and paragraph of each sentence of ``text``."""
    first = _NONSPACE.search(text)
    if first is None:
        return
    start, paragraph = first.start(), 0
    for event in _EVENT.finditer(text, start):
        at = event.start()
        if at < start:
            continue
        kind = event.lastindex
        if kind is None:
            yield start, start + len(text[start:at].rstrip()), paragraph
            paragraph += 1
            start = event.end()
        elif kind == 2:
            yield start, event.end(1), paragraph
            paragraph += 1
            start = event.end()
        else:
            end, following = event.span(1)[1], event.end()
            if following < len(text) and _ends_here(text, start, at, event.start(1), end, following, language):
                yield start, end, paragraph
                start = following
    if start < len(text):
        end = start + len(text[start:].rstrip())
        if end > start:
            yield start, end, paragraph


def _ends_here(text: str, start: int, at: int, stop: int, end: int, following: int, language: Language) -> bool:
    """Tell if the sentence that began at ``start`` ends with the marks at ``at``."""
    mark = text[at:stop]
    opening = _OPENERS.match(text, following)
    begin = opening.end() if opening else following
    if begin >= len(text) or text[begin] in BREAKS:
        return False
    head = text[begin]
    opened = begin > following
    closed = end > stop
    word_match = _WORD.search(text, max(start, at - 24), at)
    word = word_match.group().lstrip("'’-.&") if word_match else ""
    if following == end:
        if len(word) < 3 or "." in word or not word[-1].islower() or not head.isupper() or mark != ".":
            return False
        if not closed and _next_word(text, begin).lower() not in language.starters:
            return False
        tail = text[max(start, at - 30) : at].rsplit(None, 1)[-1]
        return "/" not in tail and "@" not in tail
    if head.islower() or head in ",;:.…!?%":
        return False
    if mark == ".":
        return closed or _full_stop_ends(text, start, at, begin, word, language, opened=opened)
    if closed and not opened and text[stop] in "\"”’'":
        return not _speech_follows(text, begin, language)
    return True


def _full_stop_ends(text: str, start: int, at: int, begin: int, word: str, language: Language, *, opened: bool) -> bool:
    if not word:
        return bool(text[start:at].strip())
    if _ENUMERATION.fullmatch(text, start, at):
        return False
    kind = language.kinds.get(word, 0)
    if kind == 0:
        if len(word) == 1 and word.isupper():
            following = _next_word(text, begin).lower()
            return following in language.starters and following not in ("a", "i")
        if not _INITIALS.fullmatch(word):
            return True
        kind = OTHER
    if kind == TITLE:
        return False
    head = text[begin]
    if kind in (NUMBER, DATE) and (head.isdigit() or head == "#"):
        return False
    if kind == NUMBER:
        return True
    following = _next_word(text, begin)
    if kind == TIME:
        return not head.isdigit() and following not in language.after_times
    return following.lower() in language.starters or (opened and text[begin - 1] in '“"')


def _next_word(text: str, begin: int) -> str:
    found = _NEXT.match(text, begin)
    return found.group() if found else ""


def _speech_follows(text: str, begin: int, language: Language) -> bool:
    words = text[begin : begin + 60].split()[:4]
    if not words or not words[0][0].isupper() or (words[0].lower() in language.starters and words[0] != "I"):
        return False
    return any(word.strip(".,;:") in language.speech for word in words[1:])
