"""What a codebook may not say."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from annotate.errors import CodebookError
from annotate.types import Label, Value, Variable

SKIP: Final = "skip"
"""What coders put where no label applies (not the codebook's language, unreadable): never a label."""

_LABEL: Final = "label"
_KEY: Final = re.compile(r"[a-z][a-z0-9_]*")
_VALUE_KEY: Final = re.compile(r"[a-z0-9][a-z0-9_]*")
_COLOUR: Final = re.compile(r"#[0-9a-f]{6}")


def check_labels(labels: Sequence[Label], path: Path) -> None:
    """Raise :class:`CodebookError` at labels that can't be told apart or can't be chosen."""
    if len(labels) < 2:
        raise CodebookError("has only one label", where=path, remedy="a choice needs at least two [[label]] tables")
    for number, label in enumerate(labels, start=1):
        _check_label(label, f"label {number}", path)
    for field in ("key", "name", "hotkey", "colour"):
        _refuse_duplicates(labels, field, "labels", path)


def check_variables(variables: Sequence[Variable], labels: Sequence[Label], path: Path) -> None:
    """Raise :class:`CodebookError` at variables that can't be asked or answered."""
    keys = [label.key for label in labels]
    for number, variable in enumerate(variables, start=1):
        _check_variable(variable, f"variable {number}", keys, path)
    for field in ("key", "name"):
        _refuse_duplicates(variables, field, "variables", path)


def _check_label(label: Label, what: str, path: Path) -> None:
    _check_key(label.key, _KEY, what, path)
    if label.key == SKIP:
        raise CodebookError(
            f"{what} has the key {SKIP!r}",
            where=path,
            remedy="choose another: every coder can skip a unit, and a skipped unit has no label",
        )
    what = f"{what} ({label.key})"
    _check_name(label.name, what, path)
    _check_hotkey(label.hotkey, what, path)
    if label.colour is not None and not _COLOUR.fullmatch(label.colour.lower()):
        raise CodebookError(f"{what} has the colour {label.colour!r}", where=path, remedy="write it as #rrggbb")


def _check_variable(variable: Variable, what: str, labels: Sequence[str], path: Path) -> None:
    _check_key(variable.key, _KEY, what, path)
    if variable.key == _LABEL:
        raise CodebookError(
            f"{what} has the key {_LABEL!r}", where=path, remedy="choose another: the labels are the first variable"
        )
    what = f"{what} ({variable.key})"
    _check_name(variable.name, what, path)
    if len(variable.values) < (1 if variable.multiple else 2):
        raise CodebookError(
            f"{what} has too few values", where=path, remedy="write a [[variable.value]] table for each answer"
        )
    if variable.multiple and variable.scale == "ordinal":
        raise CodebookError(
            f"{what} is a scale of which several values may be chosen",
            where=path,
            remedy="take out `multiple` or `scale`",
        )
    for label in variable.when:
        if label not in labels:
            raise CodebookError(
                f"{what} is asked after {label!r}, which is no label",
                where=path,
                remedy=f"the labels are {', '.join(labels)}",
            )
    for number, value in enumerate(variable.values, start=1):
        _check_value(value, f"{what} value {number}", path)
    for field in ("key", "name", "hotkey"):
        _refuse_duplicates(variable.values, field, f"{what} values", path)


def _check_value(value: Value, what: str, path: Path) -> None:
    _check_key(value.key, _VALUE_KEY, what, path)
    what = f"{what} ({value.key})"
    _check_name(value.name, what, path)
    _check_hotkey(value.hotkey, what, path)


def _check_key(key: str, form: re.Pattern[str], what: str, path: Path) -> None:
    if not form.fullmatch(key):
        begins = "begins with a letter" if form is _KEY else "does not begin with _"
        raise CodebookError(
            f"{what} has the key {key!r}",
            where=path,
            remedy=f"a key is made of a-z, 0-9 and _ and {begins}; the name may hold anything",
        )


def _check_name(name: str, what: str, path: Path) -> None:
    if not name.strip():
        raise CodebookError(f"{what} has an empty name", where=path, remedy="write what people shall read")


def _check_hotkey(hotkey: str | None, what: str, path: Path) -> None:
    if hotkey is not None and (len(hotkey) != 1 or not hotkey.isprintable() or hotkey == " "):
        raise CodebookError(
            f"{what} has the hotkey {hotkey!r}",
            where=path,
            remedy="a hotkey is one visible character, such as a digit",
        )


def _refuse_duplicates(
    found: Sequence[Label] | Sequence[Variable] | Sequence[Value], field: str, what: str, path: Path
) -> None:
    seen: dict[str, int] = {}
    for number, one in enumerate(found, start=1):
        value = getattr(one, field)
        if value is None:
            continue
        # a coder does not tell `A` from `a` on a keyboard, nor in a list of names
        first = seen.setdefault(value.strip().casefold(), number)
        if first != number:
            raise CodebookError(
                f"{what} {first} and {number} have the same {field} {value!r}", where=path, remedy="make them differ"
            )
