"""Decide if a mark ends the sentence it stands in: the rules, each with its reason.

A rule looks at a :class:`Place` and says True (the sentence ends here), False (it goes on) or None (not my case). The
rules of a mark are asked in order; the first that does not say None decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from annotate.sentences.language import DATE, FINAL, NUMBER, OTHER, TIME, TITLE, Language

INVISIBLE = "\u200b-\u200f\u2060\ufeff\u202a-\u202e\u2066-\u2069"
"""Characters without width that stick to what is beside them, as a range for patterns."""

_OPENERS = re.compile(rf"""["'“‘«„‚(\[{{*_¿¡–—\-{INVISIBLE}]*+[^\S\n\r]*+["'“‘«„‚(\[{{*_¿¡–—\-{INVISIBLE}]*+""")
_WORD = re.compile(r"[\w.'’&°\-]*\Z")
_NEXT = re.compile(r"[^\W_][\w’'\-]*")
_INITIALISM = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]")
_ENUMERATOR = re.compile(r"\W*(?:\d{1,3}(?:\.\d{1,2})*|[^\W\d_]|[ivxIVX]{1,5})")
_ITEM = re.compile(r"[•⁃·▪*–\-]?\s*(?:\d{1,2}|[a-z])[.)]")
_VOWEL = re.compile(r"[aeiouyáéíóúäöü]")
_BRAND = re.compile(r"[a-z]{1,2}[A-Z]")
_LINK = re.compile(r"https?://|www\.|\w+(?:\.\w+)+/|[@#]\w")
_NUMBER_BEFORE = re.compile(r"[\d½¼¾⅓⅔][\s-]\w*\Z")
_CITATION = re.compile(r"\([^()\n\r]{1,60}\d\)[.;,]")
_CREDIT = re.compile(r"[^\n\r.!?]{1,60}(?:[\n\r]|\Z)")
_RULED_LINE = re.compile(r"([-=_*~#])\1{2,}(?:\s|\Z)")
_OMISSION = re.compile(r"(?:\.{3,}|…|\[(?:\.{3,}|…)\]|\((?:\.{3,}|…)\))[^\S\n\r]*+[^\s.]")
_DATELINE = re.compile(r"[^\W\d_a-z]{2}[^a-z\n]*(?:, [^\W\d_a-z]\w+(?:\.?|[^\S\n]))*")
_LIST_LETTER = re.compile(r"[a-z]\)\s")
_NOT_PROSE = re.compile(r"[/=@&<>\\_]")
_WINDOW = 40


class Place:
    """A mark in its sentence, with what stands before and behind it.

    Parameters
    ----------
    text
        The whole text.
    start
        Where the sentence begins.
    mark
        The match: the marks, then the group of closing quotes and brackets, then white space.
    """

    __slots__ = (
        "at",
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
        openers = _OPENERS.match(text, self.following)
        begin = openers.end() if openers else self.following
        self.openers = text[self.following : begin]
        self.head = text[begin : begin + 1]
        following = _NEXT.match(text, begin)
        self.next = following.group() if following else ""
        word = _WORD.search(text, max(start, self.at - _WINDOW), self.at)
        self.word = word.group().lstrip(".'’&-") if word else ""

    @property
    def begin(self) -> int:
        """Where the next word begins, behind opening marks."""
        return self.following + len(self.openers)

    @property
    def far(self) -> int:
        """How many characters of the sentence stand before the mark."""
        return self.at - self.start

    @property
    def glued(self) -> bool:
        """Whether no white space follows."""
        return self.following == self.end

    @property
    def kind(self) -> str | None:
        """Kind of abbreviation that the word before the full stop is, if it is one."""
        word = self.word.rpartition("-")[2]
        kind = self.language.kinds.get(word)
        return OTHER if kind is None and _INITIALISM.fullmatch(word) else kind

    @property
    def starter(self) -> bool:
        """Whether the next word begins sentences and is seldom a name."""
        return self.next.lower() in self.language.starters

    @property
    def small_writer(self) -> bool:
        """Whether the sentence itself began small: its writer does without capitals."""
        return self.text[self.start].islower()

    @property
    def quoting(self) -> bool:
        """Whether a quotation that began in this sentence is still open."""
        marks = self.before(1000)
        return marks.rfind("“") > marks.rfind("”") or marks.count('"') % 2 == 1

    def before(self, width: int = _WINDOW) -> str:
        """Return the last characters of the sentence before the mark."""
        return self.text[max(self.start, self.at - width) : self.at]


Rule = Callable[[Place], bool | None]


def ends(place: Place) -> bool:
    """Tell if the sentence ends at this place."""
    marks = place.marks
    rules = _FULL_STOP if marks == "." else _ELLIPSIS if marks.strip(".…") == "" else _OTHER_MARKS
    for rule in rules:
        answer = rule(place)
        if answer is not None:
            return answer
    return True


# ---- Any mark


def _nothing_follows(place: Place) -> bool | None:
    """Opening marks at the end of the line belong to what is before them."""
    return None if place.head and place.head not in "\n\r\v\f\u2028\u2029" else False


def _ruled_line(place: Place) -> bool | None:
    """A line drawn with marks parts what is above from what is below: `----`, `***`."""
    return True if _RULED_LINE.match(place.text, place.following) else None


def _omission_follows(place: Place) -> bool | None:
    """An omission behind a sentence that has its own mark opens the next: `He left. ... She`, `today. [...] She`."""
    omission = _OMISSION.match(place.text, place.following)
    return True if omission and place.word and not place.glued else None


def _goes_on_with_a_mark(place: Place) -> bool | None:
    """A comma, colon or further mark goes on: `etc., and`, `? ! ?`."""
    return False if place.head in ",;:%.!?…)]}" else None


def _citation(place: Place) -> bool | None:
    """A quotation and its source in brackets are one sentence: `“...” (Smith 55).`."""
    if place.openers.startswith("(") and place.closers.endswith(('"', "”", "»")):
        return False if _CITATION.match(place.text, place.following) else None
    return None


def _credit(place: Place) -> bool | None:
    """A dash and a name to the end of the line tell whose words they were: `“...” – Jane Roe`."""
    if place.closers.endswith(('"', "”", "»")) and place.openers[:1] in ("-", "–", "—"):
        return False if _CREDIT.match(place.text, place.begin) else None
    return None


def _speech(place: Place) -> bool | None:
    """`“Why?” Smith asked` is one sentence, `“Why?” He left` is two."""
    if not place.closers or place.openers or place.closers[0] not in "\"”’'»“" or not place.head.isupper():
        return None
    if place.starter and place.next != "I":
        return None
    words = place.text[place.begin : place.begin + 60].split(None, 4)[1:4]
    return False if any(word.strip(".,;:") in place.language.speech for word in words) else None


def _small_after_closers(place: Place) -> bool | None:
    """`“Why?” he asked`, `(what else?) to say`: a small letter behind closing marks goes on."""
    if not place.closers or place.openers or not place.head.islower():
        return None
    return bool(_LINK.match(place.text, place.begin))


# ---- The full stop


def _dateline(place: Place) -> bool | None:
    """`LA CROSSE, Wis. — The vote`: the place in capitals and the dash open the report."""
    if place.openers[:1] not in ("—", "–", "-"):
        return None
    return False if place.far < 80 and _DATELINE.fullmatch(place.text, place.start, place.at) else None


def _glued_full_stop(place: Place) -> bool | None:
    """A space was forgotten only where both neighbours are prose: `the end.But`, not `example.Com` or `U.S`."""
    if not place.glued:
        return None
    word, head = place.word, place.head
    if (
        place.openers[:1] in ("-", "–", "—")
        or not (head.isupper() or (place.openers and head.isalpha()))
        or (len(place.next) < 2 and place.next not in ("I", "A"))
    ):
        return False
    token = place.before().split()[-1:] or [""]
    if _NOT_PROSE.search(token[0]) or "." in word:
        return False
    if place.closers:
        return True
    behind = place.text[place.begin + len(place.next) :][:1]
    return (
        len(word) > 2
        and word[-1].islower()
        and word not in place.language.kinds
        and (place.starter or (word.islower() and behind.isspace()))
    )


def _spaced_ellipsis(place: Place) -> bool | None:
    """Chicago style: `went. . . . The` ends before the omission, `went . . . . The` behind it, `went . . . the` not."""
    dots = len(place.before(12)) - len(place.before(12).rstrip(" .\xa0"))
    if place.head == "." and not place.openers:
        if dots or not place.word:
            return False
        rest = place.text[place.following : place.following + 12]
        return rest.startswith(". . ") and rest.lstrip(" .\xa0")[:1].isupper()
    if dots:
        return (
            place.before(12)[-dots:].count(".") >= 3 and place.head.isupper()
            if "." in place.before(12)[-dots:]
            else None
        )
    return None


def _enumerator(place: Place) -> bool | None:
    """`1. Preheat the oven`: the number of an item is no sentence."""
    return False if place.far < 12 and _ENUMERATOR.fullmatch(place.text, place.start, place.at) else None


def _next_item(place: Place) -> bool | None:
    """In an item, `2.` is the number of the next one; the items are parted later."""
    if (place.word.isdigit() and len(place.word) < 3) or (len(place.word) == 1 and place.word.islower()):
        return False if _ITEM.match(place.text, place.start) else None
    return None


def _small_after_full_stop(place: Place) -> bool | None:
    """Small letters follow abbreviations, and writers who do without capitals."""
    if not place.head.islower() or _BRAND.match(place.text, place.begin):
        return None
    word = place.word
    if "(" in place.openers or "[" in place.openers or _LINK.match(place.text, place.begin):
        return place.kind is None
    if _LIST_LETTER.match(place.text, place.begin):
        return place.kind is None
    if place.openers:
        return False
    if place.kind is not None:
        return word in place.language.also_words
    if place.small_writer:
        return len(word) != 1
    ordinary = len(word) > 1 and word.isalpha() and word.islower() and _VOWEL.search(word) is not None
    return ordinary and not _NUMBER_BEFORE.search(place.before())


def _only_an_abbreviation(place: Place) -> bool | None:
    """An abbreviation alone is no sentence: `U.S. Is Ready`."""
    return False if place.kind not in (None, NUMBER) and place.at - place.start == len(place.word) else None


def _bracketed_abbreviation(place: Place) -> bool | None:
    """`(D-Calif.) Smith`: the full stop is the abbreviation's; otherwise closing marks close the sentence."""
    if not place.closers:
        return None
    return place.starter if place.closers[0] in ")]" and place.kind else True


def _initial(place: Place) -> bool | None:
    """`George W. Bush`, `sp. n. (Gastropoda)`; but `Plan B. The`, where the next word is seldom a name."""
    if len(place.word) != 1 or not place.word.isalpha():
        return None
    if place.head.isdigit():
        return False
    return place.starter and place.next not in ("A", "I")


def _abbreviation(place: Place) -> bool | None:
    """What may follow an abbreviation decides, by its kind."""
    kind = place.kind
    if kind is None:
        return None
    if kind in (TITLE, FINAL):
        return kind == FINAL
    if kind in (NUMBER, DATE, TIME) and (place.head.isdigit() or place.head in "#(["):
        return False
    if kind == NUMBER:
        return True
    if kind == TIME:
        words = place.text[place.start : place.at].split()[:-2] if place.far < 40 else []
        fronted = words and all(word.strip(",").lower() in place.language.before_times for word in words)
        return not fronted and place.next not in place.language.after_times
    return place.starter or place.openers[-1:] in ("“", '"', "„", "«")


def _ordinal(place: Place) -> bool | None:
    """In languages with ordinals, a small number with a full stop counts what follows."""
    if place.language.ordinals and place.word.isdigit() and len(place.word) < 3:
        return place.starter
    return None


# ---- Ellipses


def _ellipsis(place: Place) -> bool | None:
    """An omission goes on if glued, first in its sentence or behind a single word.

    Set off by spaces it stands for words left out: in a quotation the rest follows, elsewhere only a word that begins
    sentences begins one.
    """
    if place.glued:
        return len(place.marks) > 3 and place.head.isupper() and len(place.next) > 1 and place.word.islower()
    before = place.before()
    if place.head.islower() and not place.openers:
        return bool(_LINK.match(place.text, place.begin))
    if before[-1:].isspace() and not place.closers and len(place.marks) < 4:
        return place.starter and place.next not in ("I", "I'm", "I’m") and not place.quoting
    return None if place.far > _WINDOW or len(before.split()) > 1 else False


# ---- Question and exclamation marks


def _glued_mark(place: Place) -> bool | None:
    """A space was forgotten where both neighbours are letters of prose: `good or bad?what`, not `page?id=3`."""
    if not place.glued:
        return None
    if not place.head.isalpha() or place.openers[:1] in ("-", "–", "—") or len(place.next) < 2 or len(place.word) < 2:
        return False
    behind = place.text[place.begin : place.begin + _WINDOW].split(None, 1)[0]
    token = place.before().split()[-1:] or [""]
    return not (_NOT_PROSE.search(token[0]) or _NOT_PROSE.search(behind))


def _small_after_mark(place: Place) -> bool | None:
    """A small letter behind a name's mark goes on (`Yahoo! in`, `Who Dares? host`), else it begins a sentence."""
    if not place.head.islower() or _BRAND.match(place.text, place.begin):
        return None
    if place.openers:
        return "(" in place.openers or "[" in place.openers
    if len(place.marks) > 1 or _LINK.match(place.text, place.begin) or place.small_writer:
        return True
    return place.word[:1].islower()


def _name_with_mark(place: Place) -> bool | None:
    """`Yahoo! Mail`: the mark is the name's."""
    return place.starter if place.word + place.marks in place.language.kinds else None


def _aside(place: Place) -> bool | None:
    """`his (third!) Oscar`: a mark in brackets inside the sentence."""
    if place.closers[:1] in (")", "]"):
        opened = place.text.rfind("(", max(place.start, place.at - 80), place.at)
        return False if opened > place.start and len(place.text[opened : place.at].split()) < 4 else None
    return None


_ANY: tuple[Rule, ...] = (_ruled_line, _nothing_follows, _omission_follows, _goes_on_with_a_mark)
_FULL_STOP: tuple[Rule, ...] = (
    _ruled_line,
    _nothing_follows,
    _glued_full_stop,
    _omission_follows,
    _spaced_ellipsis,
    _goes_on_with_a_mark,
    _enumerator,
    _next_item,
    _small_after_closers,
    _small_after_full_stop,
    _citation,
    _credit,
    _dateline,
    _only_an_abbreviation,
    _bracketed_abbreviation,
    _initial,
    _abbreviation,
    _ordinal,
)
_ELLIPSIS: tuple[Rule, ...] = (*_ANY, _ellipsis, _small_after_closers, _citation, _credit, _speech)
_OTHER_MARKS: tuple[Rule, ...] = (
    *_ANY,
    _glued_mark,
    _small_after_closers,
    _small_after_mark,
    _name_with_mark,
    _aside,
    _citation,
    _credit,
    _speech,
)
