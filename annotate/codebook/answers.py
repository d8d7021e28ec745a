"""What coders answer to a codebook's variables: checked, and brought into one form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from annotate.errors import CodebookError
from annotate.types import Codebook, Variable


def checked_answers(
    codebook: Codebook, label: str | None, given: Mapping[str, Any], *, complete: bool = True
) -> dict[str, str | list[str]]:
    """Return answers in the codebook's order and form: a value's key, of a multiple choice a list of keys in order.

    Parameters
    ----------
    label
        The label that was chosen, None for a skip.
    complete
        Whether every variable that must be answered has to be.

    Raises
    ------
    CodebookError
        If a variable or value is not in the codebook, a variable is not asked after the label, or one that must be
        answered is not.
    """
    if not given and not codebook.variables:
        return {}
    asked = codebook.asked(label)
    keys = {variable.key for variable in asked}
    for key in given:
        if key not in keys:
            raise CodebookError(
                f"the codebook has no variable {key!r}"
                if all(key != variable.key for variable in codebook.variables)
                else f"the variable {key!r} is not asked after {label or 'a skip'}",
                remedy="reload the page",
            )
    found = {variable.key: _answer(variable, given[variable.key]) for variable in asked if variable.key in given}
    for variable in asked:
        if complete and variable.required and not found.get(variable.key):
            raise CodebookError(f"the variable {variable.key!r} needs an answer", remedy="choose one, or skip the unit")
    return found


def _answer(variable: Variable, given: Any) -> str | list[str]:
    if not variable.multiple:
        _check(variable, given)
        return str(given)
    if isinstance(given, str) or not isinstance(given, list | tuple):
        raise CodebookError(f"the variable {variable.key!r} takes a list of values", remedy="reload the page")
    for value in given:
        _check(variable, value)
    return [key for key in variable.keys if key in given]


def _check(variable: Variable, value: object) -> None:
    if value not in variable.keys:
        raise CodebookError(f"the variable {variable.key!r} has no value {value!r}", remedy="reload the page")
