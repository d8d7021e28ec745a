"""Numbers with their nouns, for what is told to people."""

from __future__ import annotations

from typing import Final

_IRREGULAR: Final = {"copy": "copies", "batch": "batches"}


def count(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural where that is right: ``1 unit``, ``2,071 units``, ``3 batches``."""
    if number == 1:
        return f"1 {noun}"
    first, _, last = noun.rpartition(" ")
    return f"{number:,} {first}{' ' * bool(first)}{_IRREGULAR.get(last, f'{last}s')}"
