"""Recipes that nutgraf comes with, made quick: fewer columns, rounds and networks.

They go the same ways as the whole ones, and learn a made-up newspaper as well. Only a test of what training says or
costs at its real size needs more.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from annotate.classify.recipes import Recipe, read_recipe

_STACK = {"n_rounds": 4, "n_networks": 1, "n_folds": 2}
_SETTINGS = {
    "fast": _STACK,
    "accurate": _STACK,
    "linear": {"word_bits": 12, "character_bits": 12, "neighbour_bits": 8},
}


def quick(name: str) -> Recipe:
    """Return a recipe by its name, quick if it is known how."""
    recipe = read_recipe(name)
    return msgspec.structs.replace(recipe, settings=recipe.settings | _SETTINGS.get(name, {}))


def quick_file(name: str, path: Path) -> None:
    """Write the same as a file, for a command line."""
    path.write_text(quick(name).as_toml(), encoding="utf-8")
