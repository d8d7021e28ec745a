"""Numbers that are random for all that is known, and always the same for the same place."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter
from typing import Any

import msgspec

from annotate.store import Frame


def number(key: str, *parts: Any) -> float:
    """Return a number from 0 to 1 that is always the same for the same parts, and random for all that is known."""
    digest = hashlib.sha256(msgspec.json.encode([key, *parts])).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def in_articles(frame: Iterable[Frame]) -> list[list[Frame]]:
    """Return the units of each article, in their order."""
    return [list(units) for _, units in groupby(frame, key=attrgetter("article"))]
