"""Articles and their units in the store."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import Connection, bindparam, func, select, update

from annotate.errors import InputError, ProjectError
from annotate.store import rows, schema
from annotate.store.values import Frame, Page, Unit
from annotate.store.writer import Transaction
from annotate.types import Article, Sentence

Split = tuple[Article, Sequence[Sentence]]
"""An article and its sentences."""

_ARTICLE: Final = schema.article
_UNIT: Final = schema.unit
_ENCODER: Final = msgspec.json.Encoder(order="sorted")
_AT_ONCE: Final = 200
_LISTED: Final = 5000  # databases limit how many numbers a statement takes
_FIELDS: Final = ("title", "outlet", "byline", "published", "url", "language", "source")
_DIGESTED: Final = ("key", "sha256", *_FIELDS, "blocks", "metadata")


class Added(NamedTuple):
    """How many articles and units were added, and how many articles were there already."""

    articles: int
    units: int
    known: int


def add(transaction: Transaction, split: Sequence[Split], client: str) -> Added:
    """Add articles with their sentences; those that are there already, unchanged, stay as they are.

    Raises
    ------
    InputError
        If an article's text is not the one stored under its id; nothing of the call is stored then.
    """
    known = _known(transaction.connection, [article.id for article, _ in split])
    _refuse_changed([article for article, _ in split], known)
    new = [(article, sentences) for article, sentences in split if article.id not in known]
    if not new:
        return Added(0, 0, len(split))
    connection = transaction.connection
    next_article = (connection.scalar(select(func.max(_ARTICLE.c.id))) or 0) + 1
    next_unit = (connection.scalar(select(func.max(_UNIT.c.id))) or 0) + 1
    articles = [_article_row(number, article) for number, (article, _) in enumerate(new, start=next_article)]
    units = list(_unit_rows(articles, [sentences for _, sentences in new], next_unit))
    event = transaction.append(
        "articles",
        client,
        variables={"articles": len(articles), "units": len(units), "sha256": digest(articles, units)},
    )
    connection.execute(_ARTICLE.insert(), [row | {"event": event["seq"]} for row in articles])
    if units:
        connection.execute(_UNIT.insert(), units)
    return Added(len(articles), len(units), len(split) - len(new))


def digest(articles: Iterable[rows.Columns], units: Iterable[rows.Columns]) -> str:
    """Return the SHA-256 of articles and their units, each in the order of their numbers.

    An article's text stands in it by its own SHA-256.
    """
    total = hashlib.sha256()
    for row in articles:
        total.update(_ENCODER.encode([row[field] for field in ("id", *_DIGESTED)]) + b"\n")
    for row in units:
        total.update(_ENCODER.encode([row[column.name] for column in _UNIT.columns]) + b"\n")
    return total.hexdigest()


def set_clusters(transaction: Transaction, clusters: Mapping[str, str]) -> None:
    """Say which articles are near-duplicates: article id to the id of the article that stands for its cluster."""
    numbers = {row.key: row.id for row in transaction.connection.execute(select(_ARTICLE.c.key, _ARTICLE.c.id))}
    if clusters:
        transaction.connection.execute(
            update(_ARTICLE).where(_ARTICLE.c.id == bindparam("number")).values(cluster=bindparam("first")),
            [{"number": numbers[article], "first": numbers[first]} for article, first in sorted(clusters.items())],
        )


def page(connection: Connection, number: int) -> Page:
    """Return an article with its units.

    Raises
    ------
    ProjectError
        If there is no such article.
    """
    row = connection.execute(select(_ARTICLE).where(_ARTICLE.c.id == number)).mappings().one_or_none()
    if row is None:
        raise ProjectError(f"there is no article {number}")
    article = rows.article(row)
    found = connection.execute(select(_UNIT).where(_UNIT.c.article == number).order_by(_UNIT.c.position)).mappings()
    units = tuple(rows.unit(unit, article.id, article.text) for unit in found)
    return Page(number, article, units, row["cluster"])


def number_of(connection: Connection, article: str) -> int | None:
    """Return an article's number, None if there is no article of this id."""
    return connection.scalar(select(_ARTICLE.c.id).where(_ARTICLE.c.key == article))


def article_of(connection: Connection, unit: int) -> int:
    """Return the number of the article that a unit stands in.

    Raises
    ------
    ProjectError
        If there is no such unit.
    """
    number: int | None = connection.scalar(select(_UNIT.c.article).where(_UNIT.c.id == unit))
    if number is None:
        raise ProjectError(f"there is no unit {unit}")
    return number


def pages(connection: Connection) -> Iterator[Page]:
    """Yield every article with its units, in the order they were added."""
    numbers = list(connection.scalars(select(_ARTICLE.c.id).order_by(_ARTICLE.c.id)))
    for number in numbers:
        yield page(connection, number)


def units(connection: Connection, wanted: Sequence[int]) -> list[Unit]:
    """Return units by their numbers, in the order given.

    Raises
    ------
    ProjectError
        If there is no such unit.
    """
    found = {unit.id: unit for number in numbers_with(connection, wanted) for unit in page(connection, number).units}
    missing = [number for number in wanted if number not in found]
    if missing:
        raise ProjectError(f"there is no unit {missing[0]}")
    return [found[number] for number in wanted]


def numbers_with(connection: Connection, units: Sequence[int]) -> list[int]:
    """Return the numbers of the articles that some units stand in, ascending."""
    numbers: set[int] = set()
    for first in range(0, len(units), _LISTED):
        some = units[first : first + _LISTED]
        numbers.update(connection.scalars(select(_UNIT.c.article).where(_UNIT.c.id.in_(some)).distinct()))
    return sorted(numbers)


def frame(connection: Connection) -> list[Frame]:
    """Return every unit with what a design needs to know of it, in the order of their numbers."""
    query = select(
        _UNIT.c.id, _ARTICLE.c.key, _UNIT.c.position, _ARTICLE.c.cluster, _ARTICLE.c.outlet, _ARTICLE.c.published
    ).join(_ARTICLE, _ARTICLE.c.id == _UNIT.c.article)
    return [Frame(*row) for row in connection.execute(query.order_by(_UNIT.c.id))]


def every(connection: Connection) -> Iterator[Article]:
    """Yield every article, in the order they were added."""
    query = select(_ARTICLE).order_by(_ARTICLE.c.id).execution_options(yield_per=_AT_ONCE)
    for row in connection.execute(query).mappings():
        yield rows.article(row)


def counts(connection: Connection) -> tuple[int, int]:
    """Return the numbers of articles and units."""
    articles = connection.scalar(select(func.count()).select_from(_ARTICLE))
    return articles or 0, connection.scalar(select(func.count()).select_from(_UNIT)) or 0


def text_digest(text: str) -> str:
    """Return the SHA-256 of a text's UTF-8."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _known(connection: Connection, keys: Sequence[str]) -> dict[str, str]:
    """Return the SHA-256 of each text that is there already."""
    query = select(_ARTICLE.c.key, _ARTICLE.c.sha256).where(_ARTICLE.c.key.in_(keys))
    return {row.key: row.sha256 for row in connection.execute(query)}


def _refuse_changed(articles: Sequence[Article], known: Mapping[str, str]) -> None:
    for article in articles:
        _refuse_unstorable(article)
    changed = [article for article in articles if known.get(article.id, "") not in {"", text_digest(article.text)}]
    if changed:
        more = f" (and {len(changed) - 1} more)" if len(changed) > 1 else ""
        raise InputError(
            f"the text of {changed[0].id!r} is not the one that is in the project{more}",
            where=changed[0].source,
            remedy="its units may be coded already: keep the old text, or add the new one under another id",
        )


def _refuse_unstorable(article: Article) -> None:
    problem = None
    if "\x00" in article.text or "\x00" in article.id:
        problem = "holds a NUL character"
    else:
        try:
            article.text.encode("utf-8")
            article.id.encode("utf-8")
        except UnicodeEncodeError as error:
            problem = f"holds half a character (a lone surrogate) at {error.start}"
    if problem:
        raise InputError(
            f"{problem}, which no database can hold", where=article.source or repr(article.id), remedy="take it out"
        )


def _article_row(number: int, article: Article) -> dict[str, Any]:
    return {
        "id": number,
        "key": article.id,
        "text": article.text,
        "sha256": text_digest(article.text),
        **{field: _storable(getattr(article, field)) for field in _FIELDS},
        "blocks": _ENCODER.encode(article.blocks).decode() if article.blocks else None,
        "metadata": _ENCODER.encode(article.metadata).decode() if article.metadata else None,
        "cluster": number,
    }


def _unit_rows(
    articles: Sequence[Mapping[str, Any]], sentences: Sequence[Sequence[Sentence]], first: int
) -> Iterator[dict[str, Any]]:
    number = first
    for row, of_article in zip(articles, sentences, strict=True):
        for sentence in of_article:
            yield {
                "id": number,
                "article": row["id"],
                "position": sentence.index,
                "paragraph": sentence.paragraph,
                "start": sentence.start,
                "end": sentence.end,
                "quote": sentence.quote,
            }
            number += 1


def _storable(text: str | None) -> str | None:
    """Return metadata as every database can hold it; unlike the text, no offset points into it."""
    if text is None:
        return None
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")
