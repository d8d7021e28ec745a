"""Labels as a row gives them: certain, or with a probability for each."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from annotate.codebook import SKIP
from annotate.errors import CodebookError, FormatError
from annotate.types import Codebook, Row

_FIELD: Final = "probabilities"
_TOLERANCE: Final = 0.01  # shares that were rounded for reading still count as a sum of 1


class Given(NamedTuple):
    """A unit's label, and each label's probability where the row tells them."""

    key: str
    shares: Mapping[str, float] | None = None


def given(row: Row, codebook: Codebook, *, where: str) -> Given | None:
    """Return the row's label, or None where the sentence has none or was skipped.

    Probabilities stand in ``probabilities`` as an object, or in columns ``probabilities.KEY``. They count where the
    label is the most probable one, or none is given; not beside what somebody decided (``decided_by``), nor beside a
    model's name, for then they are the model's.

    Raises
    ------
    FormatError
        If the row has several labels, or its probabilities are none or contradict the label.
    CodebookError
        If a label is not in the codebook.
    """
    key = label_of(row, codebook, where=where) if "label" in row else None
    if row.get("label") == SKIP or row.get("decided_by") or row.get("model"):
        return None if key is None else Given(key)
    shares = _shares(row, codebook, where)
    if shares is None:
        return None if key is None else Given(key)
    best = max(codebook.keys, key=lambda label: shares.get(label, 0.0))
    if key is not None and shares.get(key, 0.0) < shares[best]:
        raise FormatError(
            f"the label {key} is less probable than {best} ({shares.get(key, 0.0):.3f} and {shares[best]:.3f})",
            where=where,
            remedy="correct one of them, or leave the probabilities empty where a person decided",
        )
    return Given(key or best, shares)


def has_label(row: Row) -> bool:
    """Return whether a row is of a table of labelled sentences, be this sentence labelled or not."""
    return "label" in row or any(column == _FIELD or column.startswith(f"{_FIELD}.") for column in row)


def soft_labels(labels: Iterable[Given], keys: Sequence[str]) -> NDArray[np.float64] | None:
    """Return each label's probability, shape (n_units, n_labels), or None if every label is certain."""
    labels = list(labels)
    soft = np.array(
        [[label.shares.get(k, 0.0) if label.shares else float(label.key == k) for k in keys] for label in labels]
    )
    return None if (soft.max(axis=1) == 1).all() else soft


def label_of(row: Row, codebook: Codebook, *, where: str) -> str | None:
    """Return the row's label, or None where the sentence has none or was skipped.

    Raises
    ------
    FormatError
        If it has several.
    CodebookError
        If it is not in the codebook.
    """
    label: Any = row["label"]
    if isinstance(label, float) and math.isnan(label):  # a statistics package's way to leave a cell empty
        return None
    if isinstance(label, list):
        if len(label) > 1:
            raise FormatError(f"has {len(label)} labels", where=where, remedy="each sentence gets exactly one")
        label = label[0] if label else None
    if label in (None, "", SKIP):
        return None
    _refuse_unknown(label, codebook, where)
    return str(label)


def _shares(row: Row, codebook: Codebook, where: str) -> dict[str, float] | None:
    table = row.get(_FIELD)
    if not isinstance(table, Mapping):
        prefix = f"{_FIELD}."
        table = {column.removeprefix(prefix): cell for column, cell in row.items() if column.startswith(prefix)}
    shares = {str(key): _share(cell, where) for key, cell in table.items() if cell not in (None, "")}
    if not shares:
        return None
    for key in shares:
        _refuse_unknown(key, codebook, where)
    total = sum(shares.values())
    if abs(total - 1) > _TOLERANCE:
        raise FormatError(
            f"the probabilities sum to {total:.3f}", where=where, remedy="write one for each label; they sum to 1"
        )
    return {key: share / total for key, share in shares.items()}


def _share(cell: Any, where: str) -> float:
    try:
        share = float(cell)
    except (TypeError, ValueError):
        share = math.nan
    if not 0 <= share <= 1:
        raise FormatError(f"{cell!r} is no probability", where=where, remedy="write a number from 0 to 1")
    return share


def _refuse_unknown(label: Any, codebook: Codebook, where: str) -> None:
    if label not in codebook.keys:
        raise CodebookError(
            f"label {label!r} is not in the codebook {codebook.name!r}",
            where=where,
            remedy=f"use {', '.join(codebook.keys)}",
        )
