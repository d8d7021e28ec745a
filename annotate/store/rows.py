"""Rows to values: decode what columns hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec
from sqlalchemy import RowMapping

from annotate.store.ledger import Event
from annotate.store.plans import Round, RoundSettings
from annotate.store.values import Assignment, Coder, Judgment, Unit
from annotate.types import Article, Block, Sentence

Columns = Mapping[str, Any] | RowMapping
"""A row by its columns' names."""

_MAPPING: Final = msgspec.json.Decoder(dict[str, Any])
_SPANS: Final = msgspec.json.Decoder(tuple[tuple[int, int], ...])
_BLOCKS: Final = msgspec.json.Decoder(tuple[Block, ...])
_METADATA: Final = msgspec.json.Decoder(dict[str, str])
_SETTINGS: Final = msgspec.json.Decoder(RoundSettings)
_METADATA_FIELDS: Final = ("title", "outlet", "byline", "published", "url", "language", "source")


def mapping(text: str | None) -> dict[str, Any]:
    """Return the mapping that a column holds; nothing is an empty one."""
    return _MAPPING.decode(text) if text else {}


def spans(text: str | None) -> tuple[tuple[int, int], ...]:
    """Return the spans that a column holds."""
    return _SPANS.decode(text) if text else ()


def event(row: Columns) -> Event:
    """Return an event from its row."""
    nested = {
        "variables": mapping(row["variables"]),
        "spans": spans(row["spans"]),
        "shown": mapping(row["shown"]),
        "unsure": bool(row["unsure"]),
    }
    return Event(**{**row, **nested})


def article(row: Columns) -> Article:
    """Return an article from its row."""
    return Article(
        id=row["key"],
        text=row["text"],
        blocks=_BLOCKS.decode(row["blocks"]) if row["blocks"] else (),
        metadata=_METADATA.decode(row["metadata"]) if row["metadata"] else {},
        **{field: row[field] for field in _METADATA_FIELDS},
    )


def unit(row: Columns, name: str, text: str) -> Unit:
    """Return a unit from its row and its article's name and text."""
    start, end = row["start"], row["end"]
    return Unit(row["id"], Sentence(name, row["position"], row["paragraph"], start, end, text[start:end], row["quote"]))


def round_(row: Columns) -> Round:
    """Return a round from its row."""
    kept = {field: row[field] for field in Round.__struct_fields__ if field not in {"settings", "created"}}
    return Round(**kept, settings=_SETTINGS.decode(row["settings"]), created=row["event"])


def assignment(row: Iterable[Any]) -> Assignment:
    """Return an assignment from its fields in order; what makes it be coded again is an event's number or nothing."""
    values = dict(zip(Assignment.__struct_fields__, row, strict=True))
    return Assignment(**{**values, "again": values["again"] is not None})


def judgment(row: Iterable[Any]) -> Judgment:
    """Return a judgment from its fields in order."""
    values = dict(zip(Judgment.__struct_fields__, row, strict=True))
    nested = {"variables": mapping(values["variables"]), "spans": spans(values["spans"])}
    return Judgment(**{**values, **nested, "unsure": bool(values["unsure"])})


def coder(row: Columns) -> Coder:
    """Return a coder from their row."""
    return Coder(**{**row, "preferences": mapping(row["preferences"])})
