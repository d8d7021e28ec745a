"""Recipes that nutgraf comes with, made quick: fewer columns, rounds and networks."""

from __future__ import annotations

import msgspec

from annotate.classify.recipes import Recipe, read_recipe

_SETTINGS = {
    "fast": {"n_rounds": 4, "n_networks": 1, "n_folds": 2},
    "linear": {"word_bits": 12, "character_bits": 12, "neighbour_bits": 8},
}


def quick(name: str) -> Recipe:
    """Return a recipe by its name, quick if it is known how."""
    recipe = read_recipe(name)
    return msgspec.structs.replace(recipe, settings=recipe.settings | _SETTINGS.get(name, {}))
