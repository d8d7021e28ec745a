"""Follow quotations through a text: which stretch stands between which marks."""

from __future__ import annotations

import re
from functools import cache

from annotate.sentences.language import Language
from annotate.sentences.place import BREAKS

Stretch = tuple[int, int, int]
"""Start, end and number of a stretch of quoted text, its marks included."""

_STRAIGHT = ('"', "''", "``")
_CLOSES_STRAIGHT = ('"', "''", "”")
_OPENING_NEIGHBOURS = "([{<—–-/“‘«„¿¡"
_CLOSING_NEIGHBOURS = ".,;:!?)]}>—–-/”’»…"
_BREAK = re.compile(f"[{BREAKS}]")
_SINGLE = re.compile(r"(?<=\S)['’](?!\w)|(?<!\w)[‘'](?=\w)")
_WORD = re.compile(r"\w+")
_FEET = re.compile(r"\d['’′] ?\d{1,2}(?:\.\d+)?\Z")
_SINGLE_REACH = 3000
"""A quotation in single marks ends within so many characters, or its mark is taken for an apostrophe."""


@cache
def _marks(language: Language) -> re.Pattern[str]:
    """Return the pattern of marks that may open or close a quotation; of single marks only those that may open.

    A quotation without further marks that ends in its own line is matched whole, as the group, since nearly all are
    so; one that ends with a number may be a measure and is looked at mark by mark.
    """
    doubles = "".join(sorted(set("".join([*language.closing, *language.closing.values()]))))
    return re.compile(
        rf"""["{doubles}‘'`](?:
            ((?<=“)[^“”„«»"{BREAKS}]++”
              |(?<![^\s(\[—–].)(?<=")(?=\S)[^"{doubles}{BREAKS}]++(?<![\s\d])"(?=[\s.,;:!?)\]—–]|\Z))
            |(?<=["{doubles}])|(?<=')'|(?<=`)`|(?<=[‘'])(?<!\w.)(?=\w))""",
        re.VERBOSE,
    )


def find_quotations(text: str, language: Language) -> list[Stretch]:
    """Return the quoted stretches of a text in order, without overlap.

    A quotation whose closing mark is missing at the end of a paragraph goes on if the next paragraph begins with an
    opening mark: it then has a stretch in each, with one number. If it does not go on, its stretch is the opening mark
    alone, so that a lost mark costs one sentence and not the rest of the article.
    """
    tracker = _Tracker(text, language)
    for mark in _marks(language).finditer(text):
        at, stop = mark.span()
        if mark.lastindex is None:
            tracker.meet(at, stop)
        elif tracker.opened < 0:
            tracker.add(at, stop)
        else:
            tracker.meet(at, at + 1)
            tracker.meet(stop - 1, stop)
    return tracker.finish()


class _Tracker:
    """The state of the walk: the open quotation, if any, and the stretches found.

    Only the outermost marks count. Positions are met in order.
    """

    def __init__(self, text: str, language: Language) -> None:
        self.text = text
        self.language = language
        self.found: list[Stretch] = []
        self.number = -1
        self.opened = -1
        self.mark = ""
        self.line_end = 0
        self.seen = 0
        self.no_single_before = 0
        self.next_break = -1
        self.own_closer = -1
        self.no_own_closer: tuple[str, int] = ("", -1)

    def meet(self, at: int, stop: int) -> None:
        """Take the next mark into account."""
        if at < self.seen:
            return
        if self.opened >= 0 and at >= self.line_end and self._cross_paragraphs(at, stop):
            return
        mark = self.text[at:stop]
        if mark in _STRAIGHT:
            self._straight(at, stop, mark)
        elif self.opened >= 0 and (mark in self._closers() or self._meant_to_close(at, stop)):
            self._close(stop)
        elif mark in "'‘":
            if self.opened < 0:
                self._single(at)
        elif mark in self.language.closing and (self.opened < 0 or mark == self.mark):
            self._open(at, mark)

    def add(self, at: int, stop: int) -> None:
        """Take a whole quotation into account."""
        if at >= self.seen:
            self.number += 1
            self.found.append((at, stop, self.number))

    def finish(self) -> list[Stretch]:
        """Return all stretches; what is open now was never closed."""
        self._abandon()
        return self.found

    def _closers(self) -> tuple[str, ...] | str:
        return _CLOSES_STRAIGHT if self.mark in _STRAIGHT else self.language.closing[self.mark]

    def _open(self, at: int, mark: str) -> None:
        self._abandon()
        self.number += 1
        self.opened, self.mark, self.line_end = at, mark, self.end_of_line(at)

    def _close(self, stop: int) -> None:
        self.found.append((self.opened, stop, self.number))
        self.opened = -1

    def _abandon(self) -> None:
        if self.opened >= 0:
            self._close(self.opened + 1)

    def _straight(self, at: int, stop: int, mark: str) -> None:
        before = self.text[at - 1] if at else " "
        after = self.text[stop] if stop < len(self.text) else " "
        opening = (before.isspace() or before in _OPENING_NEIGHBOURS) and not (
            after.isspace() or after in _CLOSING_NEIGHBOURS
        )
        if self.opened < 0:
            lone = before.isspace() and after.isspace()
            joined = before.isalpha() and after.isalpha()
            if opening or lone or joined or mark == "``":
                self._open(at, mark)
        elif opening:
            if self.mark in _STRAIGHT:
                self._open(at, mark)
        elif self.mark in _STRAIGHT:
            if not self._inches(at):
                self._close(stop)
        elif not self._closed_properly_behind(stop):
            self._close(stop)

    def _closed_properly_behind(self, stop: int) -> bool:
        """Tell if the open quotation has its own closing mark later in the line: a straight mark is then inside."""
        if self.own_closer < stop and self.no_own_closer != (self.mark, self.line_end):
            self.own_closer = max(self.text.find(closer, stop, self.line_end) for closer in self._closers())
            if self.own_closer < 0:
                self.no_own_closer = (self.mark, self.line_end)
        return self.own_closer >= stop

    def _meant_to_close(self, at: int, stop: int) -> bool:
        """Tell if the mark opens by its shape but closes by its place: `“so it is.“ Then`."""
        return self.text[at] == self.mark and not self.text[at - 1].isspace() and self.text[stop : stop + 1].isspace()

    def _inches(self, at: int) -> bool:
        """Tell if the mark behind a number is a measure: `6'2"`, or a closing mark comes later in the line."""
        if not self.text[at - 1 : at].isdigit():
            return False
        if _FEET.search(self.text, max(0, at - 8), at):
            return True
        following = self.text.find('"', at + 1, self.line_end)
        return following > 0 and not self.text[following - 1].isspace()

    def _single(self, at: int) -> None:
        """Take a single mark for a quotation if a closing one follows in the paragraph."""
        if at < self.no_single_before:
            return
        word = _WORD.match(self.text, at + 1)
        if word is None or word.group().lower() in self.language.elisions or word.group()[0].isdigit():
            return
        limit = min(self.end_of_line(at), at + _SINGLE_REACH)
        stop = _single_close(self.text, at + 1, limit)
        if stop < 0:
            self.no_single_before = limit
            return
        self.number += 1
        self.found.append((at, stop, self.number))
        self.seen = stop

    def _cross_paragraphs(self, at: int, stop: int) -> bool:
        """Settle a quotation that was open at the end of its paragraph; say if the mark was used up by that."""
        mark = self.text[at:stop]
        same = mark == self.mark or (mark in _STRAIGHT and self.mark in _STRAIGHT)
        between = self.text[self.line_end : at]
        if same and not between.strip():
            self.found.append((self.opened, self.line_end, self.number))
            self.opened, self.line_end = at, self.end_of_line(at)
            return True
        begin = at - len(between.lstrip())
        if mark in self._closers() and self.end_of_line(begin) > at and not self.text[at - 1].isspace():
            self.found.append((self.opened, self.line_end, self.number))
            self.opened = begin
            self._close(stop)
            return True
        self._abandon()
        return False

    def end_of_line(self, at: int) -> int:
        """Return where the line ends; positions are asked in order, so each break is looked for once."""
        if at > self.next_break:
            found = _BREAK.search(self.text, at)
            self.next_break = found.start() if found else len(self.text)
        return self.next_break


def _single_close(text: str, at: int, limit: int) -> int:
    """Return the end of the mark that closes a quotation in single marks, or -1.

    Behind an s and before a space the mark may be a possessive (`the players' union`): it closes only if no better one
    comes before the next opening mark.
    """
    possessive = -1
    for mark in _SINGLE.finditer(text, at, limit):
        stop = mark.end()
        if mark.group() == "‘" or not (mark.start() and not text[mark.start() - 1].isspace()):
            break
        if text[mark.start() - 1] in "sS" and text[stop : stop + 1] == " ":
            possessive = stop if possessive < 0 else possessive
        else:
            return stop
    return possessive
