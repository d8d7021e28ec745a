"""How many to draw from each stratum."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal


def allocate(size: int, sizes: Mapping[str, int], how: Literal["proportional", "equal"]) -> dict[str, int]:
    """Return how many elements to draw from each stratum: ``size`` in all, and of each at least one if it can be.

    Parameters
    ----------
    sizes
        Stratum to the number of its elements; ``size`` is at most their sum.
    """
    if how == "equal":
        return _equally(size, sizes)
    given = _proportionally(size, sizes)
    if size >= len(given):
        for stratum in sorted(given):
            if not given[stratum]:
                given[max(sorted(given), key=lambda other: given[other])] -= 1
                given[stratum] = 1
    return given


def _proportionally(size: int, sizes: Mapping[str, int]) -> dict[str, int]:
    """Round the shares by the largest remainder."""
    total = sum(sizes.values())
    given = {stratum: size * sizes[stratum] // total for stratum in sorted(sizes)}
    largest = sorted(given, key=lambda stratum: (-(size * sizes[stratum] % total), stratum))
    for stratum in largest[: size - sum(given.values())]:
        given[stratum] += 1
    return given


def _equally(size: int, sizes: Mapping[str, int]) -> dict[str, int]:
    """Give small strata all they have, and the others the same."""
    given: dict[str, int] = {}
    for place, stratum in enumerate(sorted(sizes, key=lambda stratum: (sizes[stratum], stratum))):
        share = (size - sum(given.values())) // (len(sizes) - place)
        given[stratum] = min(sizes[stratum], share)
    return given
