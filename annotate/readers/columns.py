"""Rows of strangers' tables to articles: which column is what is guessed, told, and settable."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec

from annotate.errors import EmptyInput, FormatError, InputError
from annotate.files import article_stem
from annotate.readers.dates import iso_date
from annotate.readers.html import article_from_html
from annotate.readers.options import Options, Source
from annotate.types import Article, Row

# Field of an article: what its column is called in exports of Media Cloud, LexisNexis, Factiva, news-please, Scrapy and
# spreadsheets, the likeliest first, in lower case without separators.
NAMES: Final[dict[str, list[str]]] = {
    field: names.split()
    for field, names in {
        "text": "text body articletext articlebody fulltext maintext content article storytext story bodytext",
        "html": "html rawhtml pagehtml contenthtml",
        "id": "id articleid storiesid storyid docid documentid uid uuid guid an key",
        "title": "title headline hd head subject",
        "outlet": "outlet medianame publication publisher newspaper sourcename sourcedomain site media source domain",
        "byline": "byline author authors by",
        "published": "published publishdate datepublish publicationdate publishedat pubdate date pd datetime timestamp",
        "url": "url link permalink uri",
        "language": "language lang la",
    }.items()
}
_WHOLE: Final = frozenset(["text", "html"])
_ABOUT: Final = tuple(field for field in NAMES if field not in _WHOLE)
_PATIENCE: Final = 1000
_LONG: Final = 200  # characters of a column without a known name that is taken for the text

Numbered = tuple[int, "Row | InputError"]
"""A row with its line, or why that line is none."""


def refuse_unknown_fields(columns: Mapping[str, str]) -> None:
    """Raise :class:`FormatError` if the user gave a column for a field that no article has."""
    unknown = [field for field in columns if field not in NAMES]
    if unknown:
        raise FormatError(f"articles have no field {unknown[0]!r}", remedy=f"fields are {', '.join(NAMES)}")


def articles_from_rows(rows: Iterable[Numbered], source: Source, options: Options) -> Iterator[Article]:
    """Yield an article a row; rows that can't be used are reported with their line and left out.

    Raises
    ------
    FormatError
        If no row can be used, or the first thousand have no column for the text.
    EmptyInput
        If there are no rows.
    """
    columns = _Columns(source, options)
    strangers: list[_NoText] = []  # rows before the first good one: one bad row, or a table without text?
    good = bad = 0
    for number, row in rows:
        try:
            if isinstance(row, InputError):
                raise row
            article = columns.article(row, number)
        except _NoText as error:
            strangers.append(error)
            if not good and len(strangers) >= _PATIENCE:
                break
        except InputError as error:
            options.bad_row(error)
            bad += 1
        else:
            good += 1
            yield article
        if good:
            for stranger in strangers:
                options.bad_row(stranger)
            strangers.clear()
    if not good and strangers:
        raise FormatError(strangers[0].problem, where=source, remedy=strangers[0].remedy)
    if not good and bad:
        raise FormatError(f"none of its {bad} rows could be used", where=source, remedy="mend the first and try again")
    if not good:
        raise EmptyInput("holds no rows", where=source)


class _NoText(InputError):
    """A row in which no column could be the text."""


class _Columns:
    """Knows which column is which field, for every set of columns that rows of one table have."""

    def __init__(self, source: Source, options: Options) -> None:
        self._source, self._options = source, options
        self._known: dict[tuple[str, ...], dict[str, str]] = {}
        self._stem = article_stem(source.path)

    def article(self, row: Row, number: int) -> Article:
        """Return a row as an article.

        Raises
        ------
        InputError
            If it has no text.
        """
        where = f"{self._source}:{number}"
        keys = tuple(row)
        columns = self._known.get(keys)
        if columns is None:
            columns = self._guess(row, where)
            if not self._known:
                self._tell(columns)
            self._known[keys] = columns
        return self._article(row, f"{self._stem}-{number}", where, columns)

    def _guess(self, row: Row, where: str) -> dict[str, str]:
        chosen = {field: column for field, column in self._options.columns.items() if column in row}
        taken = set(chosen.values())
        plain = {re.sub(r"[^a-z]", "", name.lower()): name for name in reversed(row)}
        for field, names in NAMES.items():
            if field in self._options.columns:
                continue
            for column in (plain[name] for name in names if name in plain):
                if column not in taken and _could_be(field, row[column]):
                    chosen[field] = column
                    taken.add(column)
                    break
        if not chosen.keys() & _WHOLE:
            longest = max(row, key=lambda name: len(row[name]) if isinstance(row[name], str) else 0, default="")
            if _WHOLE & self._options.columns.keys() or len(_as_text(row.get(longest))) < _LONG:
                raise self._no_text(row, where)
            chosen["text"] = longest
        return chosen

    def _no_text(self, row: Row, where: str) -> InputError:
        if self._known:
            return EmptyInput("has no text", where=where)
        wanted = next((self._options.columns[field] for field in _WHOLE if field in self._options.columns), None)
        problem = "no column seems to hold the text" if wanted is None else f"has no column {wanted!r}"
        names = ", ".join(map(repr, row)) or "none"
        return _NoText(problem, where=where, remedy=f"name it with --column text=NAME; columns are {names}")

    def _tell(self, found: Mapping[str, str]) -> None:
        said = ", ".join(f"{field} from {found[field]!r}" for field in NAMES if field in found)
        self._options.note(f"{self._source}: {said}; other columns are kept as metadata")

    def _article(self, row: Row, fallback: str, where: str, columns: Mapping[str, str]) -> Article:
        values = {field: _as_text(row[columns[field]]).strip() for field in _ABOUT if field in columns}
        identity = values.pop("id", "") or values.get("url") or fallback
        used = {columns[field] for field in columns if field != "published"}
        if "published" in values and (date := iso_date(values["published"])) is not None:
            values["published"] = date
            used.add(columns["published"])
        else:
            values.pop("published", None)
        known: dict[str, Any] = {field: value for field, value in values.items() if value}
        metadata = {name: text for name, value in row.items() if name not in used and (text := _as_text(value))}
        if "text" in columns:
            text = row[columns["text"]]
            if not isinstance(text, str) or not text or text.isspace():
                raise EmptyInput(f"has no text in column {columns['text']!r}", where=where)
            return Article(id=identity, text=text, source=where, metadata=metadata, **known)
        page = _as_text(row[columns["html"]])
        return msgspec.structs.replace(article_from_html(page, identity, where=where, metadata=metadata), **known)


def _could_be(field: str, value: Any) -> bool:
    return field not in _WHOLE or value is None or isinstance(value, str)


def _as_text(value: Any) -> str:
    """Return a cell as text: nothing as nothing, several names in a row, anything else as JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return "; ".join(value)
    return msgspec.json.encode(value, enc_hook=str).decode()
