"""Read a codebook, check that it does not contradict itself, and give it a fingerprint.

A codebook is a TOML file and, beside it, the guidelines for coders in Markdown. ``docs/codebook.md`` says how to write
one; ``data/codebook.toml`` is the one that nutgraf comes with.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import re
import tomllib
from pathlib import Path
from typing import Any, Final

import msgspec

from annotate.errors import CodebookError
from annotate.files import open_stream, read_whole
from annotate.resources import carried
from annotate.types import Codebook, Label

SKIP: Final = "skip"
"""What coders put where no label applies (not the codebook's language, unreadable): never a label."""

PLAIN: Final = "#808080"
"""The colour of a label that has none."""

_FIELDS: Final = ("name", "version", "unit", "guidelines", "label")
_KEY: Final = re.compile(r"[a-z][a-z0-9_]*")
_COLOUR: Final = re.compile(r"#[0-9a-f]{6}")
_PLACE: Final = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
_LABEL_PLACE: Final = re.compile(r"^\.label\[(\d+)\]")
_FINGERPRINT_FORMAT: Final = 1


class _File(msgspec.Struct, frozen=True):
    """The fields of a codebook file, as written."""

    name: str
    version: str
    label: list[Label]
    unit: str = "sentence"
    guidelines: str = ""


def ink(colour: str | None) -> str:
    """Return black or white, whichever reads better on a colour (WCAG 2 relative luminance)."""
    channels = [int((colour or PLAIN)[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    # Contrast with black is (L + 0.05) / 0.05, with white 1.05 / (L + 0.05).
    return "#000000" if (luminance + 0.05) ** 2 > 0.05 * 1.05 else "#ffffff"


def read_codebook(path: str | Path | None = None) -> Codebook:
    """Read and check a codebook; without a path, the one nutgraf comes with.

    The fingerprint is the SHA-256 of everything that a coder goes by: the unit, the guidelines, and each label's key,
    name, question, definition and examples, in decision order. The codebook's name and version, colours and hotkeys
    are left out: they change no judgment. Line endings do not count, nor do spaces around a text.

    Raises
    ------
    NoSuchFile
        If there is no such file.
    CodebookError
        If it is not UTF-8, not TOML, lacks or misspells a field, contradicts itself, or its guidelines are not there.
    """
    path = carried("data", "codebook.toml") if path is None else Path(path)
    table = _parse(_read_text(path), path)
    _refuse_unknown_fields(table, path)
    file = _convert(table, path)
    _check_labels(file.label, path)
    codebook = Codebook(
        name=file.name,
        version=file.version,
        unit=file.unit,
        labels=tuple(_tidy(label) for label in file.label),
        guidelines=_read_guidelines(file.guidelines, path),
    )
    return msgspec.structs.replace(codebook, fingerprint=fingerprint(codebook))


def fingerprint(codebook: Codebook) -> str:
    """Return the SHA-256, 64 hexadecimal digits, of what in a codebook can change a judgment.

    Empty fields are left out of what is hashed, so a field added to the format later changes no fingerprint of a
    codebook that does not use it.
    """
    canonical = {
        "format": _FINGERPRINT_FORMAT,
        "unit": codebook.unit,
        "guidelines": codebook.guidelines,
        "labels": [_judged(label) for label in codebook.labels],
    }
    encoded = json.dumps(canonical, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(encoded.encode("ascii")).hexdigest()


def _judged(label: Label) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "key": label.key,
        "name": label.name,
        "question": label.question,
        "definition": label.definition,
        "examples": label.examples,
    }
    return {field: value for field, value in fields.items() if value}


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _tidy(label: Label) -> Label:
    return msgspec.structs.replace(
        label,
        name=" ".join(label.name.split()),
        question=_plain(label.question),
        definition=_plain(label.definition),
        examples=tuple(_plain(example) for example in label.examples),
        colour=label.colour and label.colour.lower(),
    )


def _read_text(path: Path) -> str:
    with open_stream(path) as stream:
        raw = read_whole(stream, where=path)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise CodebookError("is not UTF-8", where=f"{path}:{line}", remedy="save it as UTF-8") from error


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
    return _plain(_read_text(path))


def _parse(text: str, path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # also numbers too long and tables too deep
        message = str(error)
        place = _PLACE.search(message)
        line = place and (place[1] or text.count("\n") + 1)
        raise CodebookError(
            f"is not TOML: {_PLACE.sub('', message)}",
            where=f"{path}:{line}" if line else path,
            remedy="docs/codebook.md shows the form",
        ) from error


def _refuse_unknown_fields(table: dict[str, Any], path: Path) -> None:
    _refuse_unknown(table, _FIELDS, "the codebook", path)
    labels = table.get("label")
    if isinstance(labels, list):
        for number, label in enumerate(labels, start=1):
            if isinstance(label, dict):
                _refuse_unknown(label, Label.__struct_fields__, f"label {number}", path)


def _refuse_unknown(table: dict[str, Any], known: tuple[str, ...], what: str, path: Path) -> None:
    for field in table:
        if field not in known:
            near = difflib.get_close_matches(field, known, n=1)
            meant = f"did you mean `{near[0]}`?" if near else f"the fields are {', '.join(known)}"
            raise CodebookError(f"{what} has an unknown field `{field}`", where=path, remedy=meant)


def _convert(table: dict[str, Any], path: Path) -> _File:
    labels = table.get("label")
    if not labels:
        raise CodebookError("has no labels", where=path, remedy="write at least two [[label]] tables")
    if isinstance(labels, dict):
        raise CodebookError(
            "has only one label", where=path, remedy="write [[label]], in double brackets, at least twice"
        )
    try:
        return msgspec.convert(table, _File)
    except msgspec.ValidationError as error:
        problem, _, place = str(error).partition(" - at `$")
        field = _LABEL_PLACE.sub(lambda match: f"label {int(match[1]) + 1} ", place.rstrip("`")).replace(".", "")
        raise CodebookError(
            f"{field.strip() or 'the codebook'}: {problem[:1].lower()}{problem[1:]}",
            where=path,
            remedy="write it in quotes" if "Expected `str`, got" in problem else "docs/codebook.md shows the form",
        ) from error


def _check_labels(labels: list[Label], path: Path) -> None:
    if len(labels) < 2:
        raise CodebookError("has only one label", where=path, remedy="a choice needs at least two [[label]] tables")
    for number, label in enumerate(labels, start=1):
        _check_label(label, f"label {number}", path)
    for field in ("key", "name", "hotkey", "colour"):
        _refuse_duplicates(labels, field, path)


def _check_label(label: Label, what: str, path: Path) -> None:
    if not _KEY.fullmatch(label.key):
        raise CodebookError(
            f"{what} has the key {label.key!r}",
            where=path,
            remedy="a key is made of a-z, 0-9 and _ and begins with a letter; the name may hold anything",
        )
    if label.key == SKIP:
        raise CodebookError(
            f"{what} has the key {SKIP!r}",
            where=path,
            remedy="choose another: every coder can skip a unit, and a skipped unit has no label",
        )
    if not label.name.strip():
        raise CodebookError(
            f"{what} ({label.key}) has an empty name", where=path, remedy="write what people shall read"
        )
    if label.hotkey is not None and (len(label.hotkey) != 1 or not label.hotkey.isprintable() or label.hotkey == " "):
        raise CodebookError(
            f"{what} ({label.key}) has the hotkey {label.hotkey!r}",
            where=path,
            remedy="a hotkey is one visible character, such as a digit",
        )
    if label.colour is not None and not _COLOUR.fullmatch(label.colour.lower()):
        raise CodebookError(
            f"{what} ({label.key}) has the colour {label.colour!r}", where=path, remedy="write it as #rrggbb"
        )


def _refuse_duplicates(labels: list[Label], field: str, path: Path) -> None:
    seen: dict[str, int] = {}
    for number, label in enumerate(labels, start=1):
        value = getattr(label, field)
        if value is None:
            continue
        # a coder does not tell `A` from `a` on a keyboard, nor in a list of names
        first = seen.setdefault(value.strip().casefold(), number)
        if first != number:
            raise CodebookError(
                f"labels {first} and {number} have the same {field} {value!r}", where=path, remedy="make them differ"
            )
