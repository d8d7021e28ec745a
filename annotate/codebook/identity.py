"""A codebook's fingerprint: what in it can change a judgment."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Final

from annotate.types import Codebook, Label, Value, Variable

_FORMAT: Final = 1
_LABEL: Final = ("key", "name", "question", "definition", "examples")
_VALUE: Final = ("key", "name", "definition", "examples")


def fingerprint(codebook: Codebook) -> str:
    """Return the SHA-256, 64 hexadecimal digits, of what in a codebook can change a judgment.

    Empty fields are left out of what is hashed, so a field added to the format later changes no fingerprint of a
    codebook that does not use it.
    """
    canonical: dict[str, Any] = {
        "format": _FORMAT,
        "unit": codebook.unit,
        "guidelines": codebook.guidelines,
        "labels": [judged(label) for label in codebook.labels],
    }
    if codebook.variables:
        canonical["variables"] = [judged(variable) for variable in codebook.variables]
    encoded = json.dumps(canonical, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(encoded.encode("ascii")).hexdigest()


def judged(one: Label | Variable | Value) -> dict[str, Any]:
    """Return what of a label, variable or value coders go by; empty fields are left out."""
    if isinstance(one, Variable):
        return {
            "key": one.key,
            "name": one.name,
            "values": [judged(value) for value in one.values],
            "required": one.required,
        } | _filled(
            {
                "question": one.question,
                "definition": one.definition,
                "scale": "" if one.scale == "nominal" else one.scale,
                "multiple": one.multiple,
                "when": one.when,
            }
        )
    return _filled({field: getattr(one, field) for field in (_LABEL if isinstance(one, Label) else _VALUE)})


def _filled(fields: dict[str, Any]) -> dict[str, Any]:
    return {field: value for field, value in fields.items() if value}
