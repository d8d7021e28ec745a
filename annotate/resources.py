"""Find what the project carries: codebook, seeds, gold labels, models."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


def carried(*parts: str) -> Path:
    """Return the path of a carried file or folder, such as ``carried("data", "codebook.toml")``.

    A wheel holds the project's top-level folders inside the package, a checkout beside it.
    """
    inside = _PACKAGE / "_carried"
    root = inside if inside.is_dir() else _PACKAGE.parent
    return root.joinpath(*parts)
