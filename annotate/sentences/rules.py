"""Decide if a mark ends the sentence it stands in: the rules, each with its reason.

A rule looks at a :class:`Place` and says True (the sentence ends here), False (it goes on) or None (not my case). The
rules for a mark are asked in order; the first that does not say None decides, and if none does the sentence ends.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from annotate.sentences.language import DATE, FINAL, NUMBER, OTHER, TIME, TITLE
from annotate.sentences.place import BREAKS, WINDOW, Place

Rule = Callable[[Place], bool | None]

_RULED_LINE = re.compile(r"([-=_*~#])\1{2,}(?:\s|\Z)")
_OMISSION = re.compile(rf"(?:\.{{3,}}|…|\[(?:\.{{3,}}|…)\]|\((?:\.{{3,}}|…)\))[^\S{BREAKS}]*+[^\s.]")
_CITATION = re.compile(rf"\([^(){BREAKS}]{{1,60}}\d\)[.;,]")
_CREDIT = re.compile(rf"[^{BREAKS}.!?]{{1,60}}(?:[{BREAKS}]|\Z)")
_OWN_BEGINNING = re.compile(r"https?://|www\.|\w+(?:\.\w+)+/|[@#]\w|[a-z]\)\s")
_LINK = re.compile(r"https?://|www\.|\w+(?:\.\w+)+/|[@#]\w")
_NOT_PROSE = re.compile(r"[/=@&<>\\_]")
_DATELINE = re.compile(r"[^\W\d_a-z]{2}[^a-z\n]*(?:, [^\W\d_a-z]\w+(?:\.?|[^\S\n]))*")
_ENUMERATOR = re.compile(r"\W*(?:\d{1,3}(?:\.\d{1,2})*|[^\W\d_]|[ivxIVX]{1,5})")
_ITEM = re.compile(r"[•⁃·▪*–\-]?\s*(?:\d{1,2}|[a-z])[.)]")
_PLAIN = re.compile(r"[^\W\d_A-Z]{2,}|[A-Z][^\W\d_A-Z]{4,}")
_VOWEL = re.compile(r"[aeiouyàáâäèéêëìíîïòóôöùúûü]")
_NUMBER_BEFORE = re.compile(r"[\d½¼¾⅓⅔][\s-]\w*\Z")
_SMALL_NUMBER = re.compile(r"\W?(?:\d{1,2}|[IVX]+)")
_ORDINAL_LETTER = re.compile(r"(?:[A-Z]|[IVXLC]+)(?![\w’'])")


def ends(place: Place) -> bool:
    """Tell if the sentence ends at this place."""
    marks = place.marks
    for rule in _FULL_STOP if marks == "." else _OTHER_MARKS if marks.strip(".…") else _ELLIPSIS:
        answer = rule(place)
        if answer is not None:
            return answer
    return True


# What follows is no word.


def _another_mark(place: Place) -> bool | None:
    if place.head.isalnum():
        return None
    # A line drawn with marks parts what is above from what is below: `----`, `***`.
    if _RULED_LINE.match(place.text, place.following):
        return True
    # Opening marks at the end of the line belong to what is before them.
    if not place.head or place.head in BREAKS:
        return False
    # An omission behind a sentence that has its own mark opens the next one: `He left. ... She`, `today. [...] She`.
    if place.word and not place.glued and _OMISSION.match(place.text, place.following):
        return True
    # Chicago style sets off its dots by spaces: `went. . . . The`; two of them are a mark said twice.
    if place.marks == "." and place.head == "." and place.word:
        rest = place.text[place.following : place.following + 12]
        return rest.startswith(". . .") and rest.lstrip(". \xa0")[:1].isupper()
    # A comma, a colon or a further mark goes on: `etc., and`, `? ! ?`.
    return False if place.head in ",;:%.!?…)]}" else None


# What follows belongs to the sentence although it looks like a new one.


def _source(place: Place) -> bool | None:
    if not place.quoted:
        return None
    # A quotation and its source in brackets: `“...” (Smith 55).`
    if place.openers.startswith("(") and _CITATION.match(place.text, place.following):
        return False
    # A dash and a name to the end of the line tell whose words they were: `“...” – Jane Roe`.
    return False if place.dashed and _CREDIT.match(place.text, place.begin) else None


def _speech(place: Place) -> bool | None:
    # `“Why?” Smith asked` is one sentence, `“Why?” He left` is two.
    if not place.quoted or place.openers or not place.head.isupper() or (place.starter and place.next != "I"):
        return None
    return False if _speaks(place) else None


def _speaks(place: Place) -> bool:
    words = place.text[place.begin : place.begin + 60].split(None, 4)[:4]
    return any(word.strip(".,;:") in place.language.speech for word in words[1:])


def _small_behind_closers(place: Place) -> bool | None:
    # `“Why?” he asked`, `(what else?) to say`; an address stands for itself, and so does anything but the speaker
    # where the writer does without capitals.
    if not place.enclosed or place.openers or not place.small:
        return None
    if place.small_writer and place.quoted and not _speaks(place):
        return None
    return bool(_LINK.match(place.text, place.begin))


def _dateline(place: Place) -> bool | None:
    # `LA CROSSE, Wis. — The vote`: the place in capitals and the dash open the report.
    if not place.dashed or place.far > 80:
        return None
    return False if _DATELINE.fullmatch(place.text, place.start, place.at) else None


# A space was forgotten.


def _glued(place: Place) -> bool | None:
    # `the end.But`, `good or bad?what`: both neighbours are words of prose; not `example.Com`, `U.S`, `page?id=3`.
    if not place.glued:
        return None
    behind = place.text[place.begin : place.begin + WINDOW].split(None, 1)
    if not place.head.isalpha() or place.dashed or not behind or _NOT_PROSE.search(place.token + behind[0]):
        return False
    if place.marks != ".":
        return len(place.word) > 1 and len(place.next) > 1
    if place.closers:
        return place.head.isupper() and "." not in place.word
    return _plain_word(place) and _begins_glued(place, behind[0])


def _plain_word(place: Place) -> bool:
    word = place.word
    return len(word) > 2 and word.isalpha() and word[-1].islower() and word not in place.language.kinds


def _begins_glued(place: Place, behind: str) -> bool:
    # A name of the web has no space behind its second part (`amazon.in`, `Node.Js`), and small letters are its habit.
    if place.starter:
        return not place.small or len(place.next) > 2
    return not place.small and place.word.islower() and len(behind) == len(place.next) > 1


# The full stop.


def _spaced_dots(place: Place) -> bool | None:
    # Chicago style: the last of `went . . . . The` ends the sentence, the last of `went . . . the` does not.
    tail = place.before(12)
    dots = tail[len(tail.rstrip(" .\xa0")) :].count(".")
    if dots < 2:
        return None
    return place.head.isupper() and (dots > 2 or (place.far > 6 and _trails_off(place)))


def _item_number(place: Place) -> bool | None:
    # `1. Preheat the oven`: the number of an item is no sentence ...
    if place.far < 12 and _ENUMERATOR.fullmatch(place.text, place.start, place.at):
        return False
    # ... and inside an item `2.` is the number of the next; see :func:`annotate.sentences.lines.part_items`.
    if (place.word.isdigit() and len(place.word) < 3) or (len(place.word) == 1 and place.word.islower()):
        return False if _ITEM.match(place.text, place.start) else None
    return None


def _small_behind_abbreviation(place: Place) -> bool | None:
    # A small letter behind an abbreviation goes on, unless the abbreviation is also a word: `i said no. it was`.
    if not place.small or place.kind is None:
        return None
    return not place.openers and place.word in place.language.also_words


def _small_behind_word(place: Place) -> bool | None:
    # A small letter behind a plain word is a writer's who does without capitals; `6 in. long` is a measure.
    if not place.small:
        return None
    if place.openers[-1:] in ("(", "[") or _OWN_BEGINNING.match(place.text, place.begin):
        return True
    word = place.inner_word
    if place.small_writer or place.subject:
        return len(word) != 1 or word.isdigit()
    # Words and names, but not what may be an abbreviation that no list holds.
    plain = _PLAIN.fullmatch(word) is not None and _VOWEL.search(word) is not None
    return plain and (len(word) > 4 or not _NUMBER_BEFORE.search(place.before()))


def _closed(place: Place) -> bool | None:
    if not place.enclosed:
        return None
    # `(D-Calif.) Smith`, `“Dr.” Smith`: the full stop is the abbreviation's; else closing marks close the sentence.
    kind = place.kind
    return place.starter if kind and (kind == TITLE or not place.quoted) else True


def _only_an_abbreviation(place: Place) -> bool | None:
    # An abbreviation alone is no sentence: `U.S. Is Ready`; `No.` and the like are words.
    return False if place.far == len(place.word) and place.kind not in (None, NUMBER) else None


def _initial(place: Place) -> bool | None:
    # `George W. Bush`, `sp. n. (Gastropoda)`; but `Plan B. The`, where the next word is seldom a name.
    if len(place.word) != 1 or not place.word.isalpha() or place.kind:
        return None
    return place.starter


def _abbreviation(place: Place) -> bool | None:
    kind = place.kind
    if kind is None:
        return None
    if kind == TIME:
        return _behind_time(place)
    if kind in (NUMBER, DATE) and (place.head.isdigit() or place.head == "#"):
        return False
    if kind == NUMBER:
        # `Fig. A shows` and `Vol. II`, but `No. I left` and `School of Art. “I`.
        numbered = _ORDINAL_LETTER.match(place.text, place.begin) and not place.openers
        return not numbered or (place.next == "I" and place.starter)
    if kind in (DATE, OTHER):
        return (place.starter and not _headline(place)) or place.openers[-1:] in ("“", '"', "„", "«", "»")
    return kind == FINAL


def _behind_time(place: Place) -> bool:
    # `5 p.m. Eastern` goes on, `by 5 p.m. Tom` is two; but no sentence is a time alone: `Then, at 5 p.m.`
    if place.head.isdigit() or place.openers[:1] == "(" or place.next in place.language.after_times:
        return False
    words = place.before().split()[:-2]
    return place.far > WINDOW or any(word.strip(",").lower() not in place.language.before_times for word in words)


def _headline(place: Place) -> bool:
    # A headline capitalises all words and has no mark at its end: `Made in the U.S. For Export`.
    line = place.line().rstrip()
    words = [word for word in line.split() if len(word) > 3]
    return line[-1:].isalnum() and all(word[0].isupper() for word in words)


def _ordinal(place: Place) -> bool | None:
    # In languages with ordinals, a small or Roman number with a full stop counts: `3. März`, `Wilhelm II. Kaiser`.
    if place.language.ordinals and _SMALL_NUMBER.fullmatch(place.token):
        return place.starter
    return None


# The ellipsis.


def _ellipsis(place: Place) -> bool | None:
    if place.glued:
        # Three dots link, a fourth is a full stop: `home...Or`, `home....The`.
        return len(place.marks) > 3 and place.head.isupper() and len(place.next) > 1 and place.word.islower()
    if place.small and not place.openers:
        return bool(_LINK.match(place.text, place.begin))
    before = place.before()
    if before[-1:].isspace() and not place.closers and len(place.marks) < 4:
        return _trails_off(place)
    # At the front, or behind a single word, it is a hesitation: `...and so`, `Well... Tom`.
    return None if place.far > WINDOW or len(before.split()) > 1 else False


def _trails_off(place: Place) -> bool:
    # Set off by spaces it stands for words left out. In a quotation the rest follows; elsewhere only a word that begins
    # sentences begins one, which I does not show.
    return place.starter and place.next[:2] not in ("I", "I'", "I’") and not place.quoting


# Question and exclamation marks.


def _small_behind_mark(place: Place) -> bool | None:
    if not place.small:
        return None
    if place.openers:
        return place.openers[-1:] in ("(", "[")
    if len(place.marks) > 1 or place.small_writer or place.subject or _LINK.match(place.text, place.begin):
        return True
    # The mark may be a name's: `Yahoo! in`, `Who Dares? host`.
    named = place.word[:1].isupper() and (place.far > len(place.word) or _name_with_mark(place) is not None)
    return not named


def _name_with_mark(place: Place) -> bool | None:
    # `Yahoo! Mail`: the mark is the name's.
    return place.starter if place.word + place.marks in place.language.kinds else None


def _aside(place: Place) -> bool | None:
    # `his (third!) Oscar`: the mark is that of a few words in brackets inside the sentence.
    if place.closers[:1] not in (")", "]"):
        return None
    opened = place.text.rfind("(", max(place.start, place.at - 2 * WINDOW), place.at)
    return False if opened > place.start and len(place.text[opened : place.at].split()) < 4 else None


_FULL_STOP: tuple[Rule, ...] = (
    _another_mark,
    _glued,
    _spaced_dots,
    _item_number,
    _small_behind_closers,
    _small_behind_abbreviation,
    _small_behind_word,
    _source,
    _dateline,
    _only_an_abbreviation,
    _closed,
    _initial,
    _abbreviation,
    _ordinal,
)
_ELLIPSIS: tuple[Rule, ...] = (_another_mark, _ellipsis, _small_behind_closers, _source, _speech)
_OTHER_MARKS: tuple[Rule, ...] = (
    _another_mark,
    _glued,
    _small_behind_closers,
    _small_behind_mark,
    _name_with_mark,
    _aside,
    _source,
    _speech,
)
