"""Part what a line holds besides sentences: the items of a list, a signature."""

from __future__ import annotations

import re
from collections.abc import Iterator

from annotate.sentences.language import Language
from annotate.sentences.place import Bounds

_BULLETS = "•⁃·▪"
_HEADS = f"0123456789{_BULLETS}"
_MARKS = (".", ")")
_NUMBERED = re.compile(r"(\d{1,3})(\.\)|[.)])\s*\S")
_LETTERED = re.compile(r"([a-z])(\.\)|[.)])\s*\S")


def trimmed(text: str, start: int, stop: int) -> int:
    """Return where the text before ``stop`` ends, without white space; it is not copied, for a line may be huge."""
    while stop > start and text[stop - 1].isspace():
        stop -= 1
    return stop


def part_items(text: str, sentences: list[Bounds]) -> Iterator[Bounds]:
    """Part lists that stand in one line into their items: `1) First 2) Second`, `• First • Second`."""
    for sentence in sentences:
        start = sentence[0]
        if text[start] in _HEADS or text[start + 1 : start + 2] in _MARKS:
            for item in _items(text, start, sentence[1]):
                yield (*item, sentence[2])
        else:
            yield sentence


def _items(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    begins = [start]
    if text[start] in _BULLETS:
        bullet = text[start]
        at = text.find(bullet, start + 1, end)
        while at > 0:
            if text[at - 1].isspace():
                begins.append(at)
            at = text.find(bullet, at + 1, end)
    else:
        begins += _counted(text, start, end)
    for begin, stop in zip(begins, [*begins[1:], end], strict=True):
        yield begin, trimmed(text, begin, stop)


def _counted(text: str, start: int, end: int) -> list[int]:
    """Return where items begin that count on from the first: the same closing mark, the next number or letter."""
    first = _NUMBERED.match(text, start, end) or _LETTERED.match(text, start, end)
    if first is None:
        return []
    label, mark = first.groups()
    found: list[int] = []
    at = first.end(2)
    while True:
        label = str(int(label) + 1) if label.isdigit() else chr(ord(label) + 1)
        at = text.find(f" {label}{mark} ", at, end)
        if at < 0:
            return found
        found.append(at + 1)
        at += 1


def part_signature(text: str, start: int, end: int, language: Language) -> Iterator[tuple[int, int]]:
    """Yield a letter's closing formula and its signature, run together in one line: `Best regards, Jane Roe`."""
    formula = language.closing_formula.match(text, start, end)
    if formula and text[formula.end() : formula.end() + 2] == ", " and text[formula.end() + 2 : end][:1].isupper():
        yield start, formula.end() + 1
        yield formula.end() + 2, end
    elif end > start:
        yield start, end
