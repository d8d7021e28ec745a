"""Rows of other tools brought to their place in an article: by offsets, by a key, or by searching the text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from annotate.errors import FormatError, InputError, OffsetMismatch
from annotate.types import Row

Rows = Iterable[tuple[str, Row]]
"""Rows with the place of each."""

_KEY: Final = re.compile(r"(.+):(\d+)-(\d+)", re.DOTALL)
_PLACED: Final = frozenset({"article", "document", "key", "index", "start", "end", "text"})
_SHOWN: Final = 3
_SHORT: Final = 60  # characters of a text in a message


def located(rows: Rows, texts: Mapping[str, str]) -> Iterator[tuple[str, Row]]:
    """Yield rows with ``article``, ``start``, ``end``, ``text`` and ``index``, as far as rows and texts tell them.

    A row without offsets but with a ``key``, as nutgraf gave it, has the key's; one with neither has those of its text
    in its article. A row of an article that is not among ``texts`` goes as it is. A row may carry the whole
    article too, as ``whole``.

    Parameters
    ----------
    texts
        The articles' texts by id.

    Raises
    ------
    OffsetMismatch
        If offsets and text disagree.
    InputError
        If a text is not in its article, or there several times.
    """
    seen: dict[str, int] = {}
    for where, row in rows:
        found = _with_place(row, where)
        article = found.get("article")
        text = texts.get(article) if isinstance(article, str) else None
        if text is not None:
            found = _held_against(found, text, where)
        if isinstance(article, str):
            place = seen.setdefault(article, 0)
            seen[article] = place + 1
            found.setdefault("index", place)
        yield where, found


def utf16_to_code_points(text: str, offset: int, where: str) -> int:
    """Return a JavaScript program's offset into a text as code points.

    Raises
    ------
    FormatError
        If it lies beyond the text, or in the middle of a character.
    """
    if text.isascii():
        units = len(text)
        inside = offset
    else:
        encoded = text.encode("utf-16-le", "surrogatepass")
        units = len(encoded) // 2
        try:
            inside = len(encoded[: 2 * offset].decode("utf-16-le")) if 0 <= offset <= units else 0
        except UnicodeDecodeError as error:
            raise FormatError(f"offset {offset} lies within a character", where=where, remedy=_COUNTED) from error
    if not 0 <= offset <= units:
        raise FormatError(f"offset {offset} lies beyond a text of {units} UTF-16 units", where=where, remedy=_COUNTED)
    return inside


def code_points_to_utf16(text: str, offset: int) -> int:
    """Return an offset in code points as a JavaScript program counts it."""
    return len(text[:offset].encode("utf-16-le", "surrogatepass")) // 2


_COUNTED: Final = "the text has changed since the labels were made: use the text they were made on"


def _with_place(row: Row, where: str) -> Row:
    found = {column: value for column, value in row.items() if column not in _PLACED or value not in (None, "")}
    if "document" in found:
        found.setdefault("article", found["document"])
    if isinstance(found.get("article"), int | float):
        found["article"] = f"{found['article']:g}"
    for column in ("start", "end"):
        if column in found:
            found[column] = _whole(found[column], column, where)
    if "start" not in found and isinstance(key := found.get("key"), str) and (parts := _KEY.fullmatch(key)):
        found |= {"article": parts[1], "start": int(parts[2]), "end": int(parts[3])}
    return found


def _whole(value: Any, column: str, where: str) -> int:
    try:
        return int(value)
    except (TypeError, ValueError) as error:
        raise FormatError(f"{column} is {value!r}", where=where, remedy="offsets are whole numbers") from error


def _held_against(row: Row, text: str, where: str) -> Row:
    wanted = row.get("text")
    if row.get("whole", text) != text:
        raise OffsetMismatch(where=where, expected=row["whole"], found=text)
    if "start" in row and "end" in row:
        start, end = row["start"], row["end"]
        if not 0 <= start < end <= len(text):
            said = f", where the row says {wanted[:_SHORT]!r}" if isinstance(wanted, str) else ""
            raise InputError(
                f"{start} to {end} lies outside {row['article']!r}, which has {len(text):,} characters{said}",
                where=where,
                remedy=_elsewhere(text, wanted) or "offsets count code points from 0: export the rows again",
            )
        if wanted not in (None, cut := text[start:end]):
            raise OffsetMismatch(where=where, expected=str(wanted), found=cut, remedy=_elsewhere(text, wanted))
        return row | {"text": text[start:end]}
    if not isinstance(wanted, str):
        raise FormatError("lacks text and offsets", where=where, remedy="a row needs one of them")
    places = [match.start() for match in re.finditer(f"(?={re.escape(wanted)})", text)]
    if not places:
        raise InputError(
            f"{row['article']!r} does not hold the text {wanted[:_SHORT]!r}; it begins {text[:_SHORT]!r}",
            where=where,
            remedy="copy the sentence from the article to the letter, or name the article it is from",
        )
    if len(places) > 1:
        shown = ", ".join(map(str, places[:_SHOWN])) + (", …" if len(places) > _SHOWN else "")
        raise InputError(
            f"{wanted[:_SHORT]!r} stands {len(places)} times in {row['article']!r} (at {shown})",
            where=where,
            remedy="give start and end too",
        )
    return row | {"start": places[0], "end": places[0] + len(wanted)}


def _elsewhere(text: str, wanted: Any) -> str | None:
    """Return the remedy for offsets that are wrong where their text is right and stands in one place."""
    if not isinstance(wanted, str) or not wanted or text.count(wanted) != 1:
        return None
    start = text.index(wanted)
    return f"the text stands at {start} to {start + len(wanted)}: correct the offsets, which count code points from 0"
