"""A mark that may end a sentence, with what stands before and behind it."""

from __future__ import annotations

import re

from annotate.sentences.language import OTHER, Language

Bounds = tuple[int, int, int]
"""Start, end and paragraph of a sentence."""

BREAKS = "\n\r\v\f\u2028\u2029"
"""Characters after which a line must break (Unicode UAX 14, classes BK, CR and LF)."""

INVISIBLE = "\u200b-\u200f\u2060\ufeff\u202a-\u202e\u2066-\u2069"
"""Characters without width that stick to what is beside them, as a range for patterns."""

WINDOW = 40
"""A rule looks at so many characters before a mark, so that the time a mark takes does not grow with its sentence."""

_OPENER = rf"""["'“‘«»„‚(\[{{*_¿¡–—\-{INVISIBLE}]"""
_OPENERS = re.compile(rf"{_OPENER}*+[^\S{BREAKS}]*+{_OPENER}*+")
_CLOSING_QUOTES = ('"', "”", "’", "'", "»", "“", "«")
_CLOSERS = (*_CLOSING_QUOTES, ")", "]", "}", "*", "_")
_WORD = re.compile(r"[\w.'’&°\-]*\Z")
_WORD_FRONT = ".'’&-"
_NEXT = re.compile(r"[^\W_][\w’'\-]*")
_INITIALISM = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]")
_SPACED_INITIALISM = re.compile(r"\b(?:[^\W\d_]\.\s)+[^\W\d_]\Z")
_NO_SPACE = dict.fromkeys(map(ord, " \xa0\u2009\u202f"))


def _last_word(before: str) -> str:
    """Return the word that a text ends with, without punctuation at its front."""
    if not before or before[-1].isspace():
        return ""
    word = before.rsplit(None, 1)[-1]
    if word.isalpha():
        return word
    found = _WORD.search(word)
    return found.group().lstrip(_WORD_FRONT) if found else ""


class Place:
    """A mark in its sentence.

    Parameters
    ----------
    text
        The whole text.
    start
        Where the sentence begins.
    mark
        The match: the marks, then the group of closing quotes and brackets, then white space.

    Attributes
    ----------
    at, end, following, begin
        Where the marks begin, where the closing marks behind them end, where what follows begins with its opening
        marks, and where its first word begins.
    marks, closers, openers
        The marks, and the closing and opening ones behind them.
    word
        The word before the marks, without punctuation at its front.
    head, next
        The first character and the first word behind the opening marks, or nothing.
    """

    __slots__ = (
        "at",
        "begin",
        "closers",
        "end",
        "following",
        "head",
        "language",
        "marks",
        "next",
        "openers",
        "start",
        "text",
        "word",
    )

    def __init__(self, text: str, start: int, mark: re.Match[str], language: Language) -> None:
        self.text, self.start, self.language = text, start, language
        self.at, self.following = mark.span()
        stop, self.end = mark.span(1)
        self.marks, self.closers = text[self.at : stop], text[stop : self.end]
        self.begin = self.following
        if not text[self.begin : self.begin + 1].isalnum():
            openers = _OPENERS.match(text, self.following)
            self.begin = openers.end() if openers else self.following
        self.openers = text[self.following : self.begin]
        self.head = text[self.begin : self.begin + 1]
        following = _NEXT.match(text, self.begin)
        self.next = following.group() if following else ""
        self.word = _last_word(text[max(start, self.at - WINDOW) : self.at])

    @property
    def far(self) -> int:
        """How many characters of the sentence stand before the mark."""
        return self.at - self.start

    @property
    def glued(self) -> bool:
        """Whether no white space follows."""
        return self.following == self.end

    @property
    def dashed(self) -> bool:
        """Whether a dash or hyphen follows."""
        return self.openers[:1] in ("-", "–", "—")

    @property
    def enclosed(self) -> bool:
        """Whether quotation marks or brackets close behind the marks, rather than a smiley or a reference."""
        return self.closers[:1] in _CLOSERS

    @property
    def quoted(self) -> bool:
        """Whether the marks stand at the end of a quotation."""
        return self.closers.strip(")]}*_")[:1] in _CLOSING_QUOTES

    @property
    def kind(self) -> str | None:
        """Kind of abbreviation that the word before the full stop is, if it is one."""
        word = self.word.rpartition("-")[2]
        if len(word) == 1:
            # Some write their initialisms with spaces: `z. B.`, `a. m.`
            spaced = _SPACED_INITIALISM.search(self.before())
            if spaced:
                return self.language.kinds.get(spaced.group().translate(_NO_SPACE))
            return self.language.kinds.get(word) if word.islower() else None
        kind = self.language.kinds.get(word)
        return OTHER if kind is None and _INITIALISM.fullmatch(word) else kind

    @property
    def starter(self) -> bool:
        """Whether the next word begins sentences and is seldom a name."""
        if self.next.lower() not in self.language.starters:
            return False
        stop = self.begin + len(self.next)
        # A and I begin sentences, but are also initials (I. Smith) and numbers (Appendix A); No. is an abbreviation.
        return self.text[stop : stop + 1] != "." and (len(self.next) > 1 or self.text[stop + 1 : stop + 2].islower())

    @property
    def subject(self) -> bool:
        """Whether the next word is the subject of a new clause, so that even a small letter begins a sentence."""
        return self.next in self.language.subjects

    @property
    def small(self) -> bool:
        """Whether a small letter follows that is not a name's (eBay) nor a question's (¿cómo?)."""
        return (
            self.head.islower()
            and self.openers[-1:] not in ("¿", "¡")
            and not self.text[self.begin + 1 : self.begin + 2].isupper()
        )

    @property
    def small_writer(self) -> bool:
        """Whether the sentence itself began small: its writer does without capitals."""
        return self.text[self.start].islower()

    @property
    def quoting(self) -> bool:
        """Whether a quotation that began in this sentence is still open."""
        marks = self.before(1000)
        return marks.rfind("“") > marks.rfind("”") or marks.count('"') % 2 == 1

    @property
    def inner_word(self) -> str:
        """The word before the marks even if something parts it from them: `(so they say).`, `so they say .`."""
        return self.word or _last_word(self.before().rstrip('"”“»«)] '))

    @property
    def token(self) -> str:
        """What stands before the mark, back to white space."""
        return (self.before().split() or [""])[-1]

    def before(self, width: int = WINDOW) -> str:
        """Return the last characters of the sentence before the mark."""
        return self.text[max(self.start, self.at - width) : self.at]

    def line(self, width: int = 160) -> str:
        """Return what follows up to the end of the line, or its first characters if it is longer."""
        rest = self.text[self.following : self.following + width]
        return (rest.splitlines() or [""])[0]
