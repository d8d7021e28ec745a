"""A codebook's file, and the guidelines beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from annotate.codebook.checks import check_labels, check_variables
from annotate.codebook.identity import fingerprint
from annotate.errors import CodebookError
from annotate.resources import carried
from annotate.toml_files import meant, parse, read_text
from annotate.types import Codebook, Label, Value, Variable

_NUMBERED: Final = re.compile(r"\.?\b(label|variable|value)\[(\d+)\]\.?")


class _File(msgspec.Struct, frozen=True):
    """The fields of a codebook file, as written."""

    name: str
    version: str
    label: list[Label]
    unit: str = "sentence"
    guidelines: str = ""
    variable: list[Variable] = []


def read_codebook(path: str | Path | None = None) -> Codebook:
    """Read and check a codebook; without a path, the one nutgraf comes with.

    The fingerprint is the SHA-256 of everything that a coder goes by: the unit, the guidelines, each label's key,
    name, question, definition and examples, in decision order, and the variables with their values likewise. The
    codebook's name and version, colours and hotkeys are left out: they change no judgment. Line endings do not count,
    nor do spaces around a text.

    Raises
    ------
    NoSuchFile
        If there is no such file.
    CodebookError
        If it is not UTF-8, not TOML, lacks or misspells a field, contradicts itself, or its guidelines are not there.
    """
    path = carried("data", "codebook.toml") if path is None else Path(path)
    table = parse(read_text(path, refusal=CodebookError), path, guide="docs/codebook.md", refusal=CodebookError)
    for fields, known, what in _tables(table):
        _refuse_unknown(fields, known, what, path)
    file = _convert(table, path)
    check_labels(file.label, path)
    check_variables(file.variable, file.label, path)
    codebook = Codebook(
        name=file.name,
        version=file.version,
        unit=file.unit,
        labels=tuple(_tidy(label) for label in file.label),
        guidelines=_read_guidelines(file.guidelines, path),
        variables=tuple(_tidy_variable(variable, file.label) for variable in file.variable),
    )
    return msgspec.structs.replace(codebook, fingerprint=fingerprint(codebook))


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _line(text: str) -> str:
    return " ".join(text.split())


def _tidy(label: Label) -> Label:
    return msgspec.structs.replace(
        label,
        name=_line(label.name),
        question=_plain(label.question),
        definition=_plain(label.definition),
        examples=tuple(_plain(example) for example in label.examples),
        colour=label.colour and label.colour.lower(),
    )


def _tidy_variable(variable: Variable, labels: list[Label]) -> Variable:
    return msgspec.structs.replace(
        variable,
        name=_line(variable.name),
        question=_plain(variable.question),
        definition=_plain(variable.definition),
        when=tuple(label.key for label in labels if label.key in variable.when),
        values=tuple(_tidy_value(value) for value in variable.values),
    )


def _tidy_value(value: Value) -> Value:
    return msgspec.structs.replace(
        value,
        name=_line(value.name),
        definition=_plain(value.definition),
        examples=tuple(_plain(example) for example in value.examples),
    )


def _read_guidelines(name: str, codebook: Path) -> str:
    if not name:
        return ""
    path = codebook.parent / name
    if not path.is_file():
        raise CodebookError(
            f"the guidelines {name!r} are not beside the codebook",
            where=codebook,
            remedy=f"put them at {path} or take the field `guidelines` out",
        )
    return _plain(read_text(path, refusal=CodebookError))


def _tables(table: dict[str, Any]) -> Iterator[tuple[dict[str, Any], tuple[str, ...], str]]:
    """Yield every table of a file with the fields it may have and what it is."""
    yield table, _File.__struct_fields__, "the codebook"
    for number, label in _listed(table.get("label")):
        yield label, Label.__struct_encode_fields__, f"label {number}"
    for number, variable in _listed(table.get("variable")):
        yield variable, Variable.__struct_encode_fields__, f"variable {number}"
        for place, value in _listed(variable.get("value")):
            yield value, Value.__struct_encode_fields__, f"variable {number} value {place}"


def _listed(tables: Any) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield what is a table in a list of tables; what is not, the conversion refuses."""
    for number, one in enumerate(tables if isinstance(tables, list) else (), start=1):
        if isinstance(one, dict):
            yield number, one


def _refuse_unknown(table: dict[str, Any], known: tuple[str, ...], what: str, path: Path) -> None:
    for field in table:
        if field not in known:
            raise CodebookError(f"{what} has an unknown field `{field}`", where=path, remedy=meant(field, known))


def _convert(table: dict[str, Any], path: Path) -> _File:
    labels = table.get("label")
    if not labels:
        raise CodebookError("has no labels", where=path, remedy="write at least two [[label]] tables")
    if isinstance(labels, dict):
        raise CodebookError(
            "has only one label", where=path, remedy="write [[label]], in double brackets, at least twice"
        )
    _refuse_single(table, path)
    try:
        return msgspec.convert(table, _File)
    except msgspec.ValidationError as error:
        problem, _, place = str(error).partition(" - at `$")
        field = _NUMBERED.sub(lambda match: f"{match[1]} {int(match[2]) + 1} ", place.rstrip("`")).removeprefix(".")
        raise CodebookError(
            f"{field.strip() or 'the codebook'}: {problem[:1].lower()}{problem[1:]}",
            where=path,
            remedy="write it in quotes" if "Expected `str`, got" in problem else "docs/codebook.md shows the form",
        ) from error


def _refuse_single(table: dict[str, Any], path: Path) -> None:
    """Refuse one table where a list of tables is meant: in TOML a matter of brackets."""
    if isinstance(table.get("variable"), dict):
        raise CodebookError(
            "the variable is no list", where=path, remedy="write [[variable]], in double brackets, for each"
        )
    for number, variable in _listed(table.get("variable")):
        if isinstance(variable.get("value"), dict):
            raise CodebookError(
                f"variable {number} has only one value",
                where=path,
                remedy="write [[variable.value]], in double brackets, for each answer",
            )
