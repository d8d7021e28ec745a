"""The chain of hashes that makes tampering visible."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final

import msgspec

_ENCODER: Final = msgspec.json.Encoder(order="sorted")
GENESIS: Final = ""
"""What stands before the first event."""


def canonical(row: Mapping[str, Any]) -> bytes:
    """Return the bytes of an event that are hashed: its columns by name, as JSON, the empty ones left out.

    Leaving out the empty ones lets a later version add a column without touching the hashes that stand.
    """
    return _ENCODER.encode(
        {name: value for name, value in row.items() if name != "hash" and value is not None and value is not False}
    )


def link(previous: str, row: Mapping[str, Any]) -> str:
    """Return the hash of an event: SHA-256, in hexadecimal digits, over the hash before it and the event."""
    return hashlib.sha256(previous.encode("ascii") + canonical(row)).hexdigest()
