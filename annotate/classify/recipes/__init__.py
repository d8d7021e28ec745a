"""Recipes: how to build a classifier, written down as TOML.

A recipe names an estimator of :mod:`annotate.classify.estimators` and its settings. Those that nutgraf comes with stand
beside this file; anyone's own is a file like them. A recipe with a table ``[grid]`` leaves some settings open: training
chooses among them by an inner cross-validation by article, and an evaluation scores the whole of that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec

from annotate.classify.estimators import HOMES, estimator, settings_of
from annotate.classify.features.lexicon import read_lexicon
from annotate.errors import NutgrafError, RecipeError
from annotate.toml_files import meant, parse, read_text

DEFAULT: Final = "fast"
LARGEST_GRID: Final = 64
"""Combinations of settings that a grid may hold."""
_FOLDER: Final = Path(__file__).parent
_GUIDE: Final = "docs/classifier.md"


class Recipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How to build a classifier.

    Parameters
    ----------
    name
        What reports and models call it.
    estimator
        A key of :data:`annotate.classify.estimators.HOMES`.
    about
        What it does, in a line.
    settings
        Of the estimator, every one of them.
    grid
        Values to choose among, by setting; empty where nothing is left open.
    """

    name: Annotated[str, msgspec.Meta(min_length=1)]
    estimator: str
    about: str = ""
    settings: dict[str, Any] = {}
    grid: dict[str, list[Any]] = {}

    def variants(self) -> tuple[Recipe, ...]:
        """Return a recipe without a grid for each combination of the grid's values, in the order they are written."""
        names = list(self.grid)
        return tuple(
            msgspec.structs.replace(self, settings=self.settings | dict(zip(names, values, strict=True)), grid={})
            for values in product(*self.grid.values())
        )

    def as_toml(self) -> str:
        """Return the recipe as the text of a file that :func:`read_recipe` reads back as this recipe."""
        head = {"name": self.name, "about": self.about, "estimator": self.estimator}
        parts = ["".join(_lines({key: value for key, value in head.items() if value}))]
        for table, values in (("settings", self.settings), ("grid", self.grid)):
            if values:
                parts.append(f"[{table}]\n" + "".join(_lines(values)))
        return "\n".join(parts)


def packaged() -> tuple[str, ...]:
    """Return the names of the recipes that nutgraf comes with; the default first."""
    names = sorted(path.stem for path in _FOLDER.glob("*.toml"))
    return tuple(sorted(names, key=lambda name: name != DEFAULT))


def packaged_file(name: str) -> Path:
    """Return the file of a recipe that nutgraf comes with."""
    return _FOLDER / f"{name}.toml"


def read_recipe(recipe: str | Path | Recipe = DEFAULT) -> Recipe:
    """Return a recipe by its name, by the path of a file that ends in ``.toml``, or as it is.

    Raises
    ------
    RecipeError
        If no recipe has this name, or the file does not hold one.
    NoSuchFile
        If there is no such file.
    """
    if isinstance(recipe, Recipe):
        return recipe
    if Path(recipe).suffix.lower() == ".toml":
        return _read(Path(recipe))
    if str(recipe) not in packaged():
        raise RecipeError(
            f"no recipe is called {str(recipe)!r}",
            remedy=f"choose one of: {', '.join(packaged())}, or give the path of your own, which ends in .toml",
        )
    return _read(packaged_file(str(recipe)))


def build(recipe: str | Path | Recipe = DEFAULT) -> Any:
    """Return a new estimator that has learnt nothing yet.

    Raises
    ------
    RecipeError
        See :func:`read_recipe`; or if the recipe leaves settings open.
    MissingExtra
        If the estimator needs an optional part that is not installed.
    """
    recipe = read_recipe(recipe)
    if recipe.grid:
        raise RecipeError(f"the recipe {recipe.name} leaves settings open", remedy="choose one of its variants")
    return estimator(recipe.estimator)(**recipe.settings)


def _read(path: Path) -> Recipe:
    text = read_text(path, refusal=RecipeError)
    table = parse(text, path, guide=_GUIDE, refusal=RecipeError)
    for field in table:
        if field not in Recipe.__struct_fields__:
            raise RecipeError(
                f"a recipe has no field `{field}`",
                where=_place(path, text, field),
                remedy=meant(field, Recipe.__struct_fields__),
            )
    recipe: Recipe = _convert(table, Recipe, path, text)
    if recipe.estimator not in HOMES:
        raise RecipeError(
            f"no estimator is called {recipe.estimator!r}",
            where=_place(path, text, "estimator"),
            remedy=f"choose one of: {', '.join(HOMES)}",
        )
    settings = msgspec.structs.asdict(_checked(recipe.estimator, recipe.settings, "settings", path, text))
    return msgspec.structs.replace(recipe, settings=settings, grid=_checked_grid(recipe, path, text))


def _checked_grid(recipe: Recipe, path: Path, text: str) -> dict[str, list[Any]]:
    grid: dict[str, list[Any]] = {}
    for name, values in recipe.grid.items():
        if not values:
            raise RecipeError(
                f"the grid's `{name}` is empty",
                where=_place(path, text, name, table="grid"),
                remedy="write the values to choose among, or take it out",
            )
        grid[name] = [getattr(_checked(recipe.estimator, {name: value}, "grid", path, text), name) for value in values]
    size = sum(1 for _ in product(*grid.values()))
    if size > LARGEST_GRID:
        raise RecipeError(
            f"the grid holds {size:,} combinations, at most {LARGEST_GRID} are tried",
            where=_place(path, text, "", table="grid"),
            remedy="leave fewer values open",
        )
    return grid


def _checked(name: str, values: Mapping[str, Any], table: str, path: Path, text: str) -> msgspec.Struct:
    kind = settings_of(name)
    for field in values:
        if field not in kind.__struct_fields__:
            raise RecipeError(
                f"the estimator {name} has no setting `{field}`",
                where=_place(path, text, field, table=table),
                remedy=meant(field, kind.__struct_fields__),
            )
    settings: msgspec.Struct = _convert(values, kind, path, text, table=table)
    if "language" in values:
        try:
            read_lexicon(values["language"])
        except NutgrafError as error:
            raise RecipeError(
                error.problem, where=_place(path, text, "language", table=table), remedy=error.remedy
            ) from error
    return settings


def _convert(values: Mapping[str, Any], kind: type[Any], path: Path, text: str, *, table: str = "") -> Any:
    try:
        return msgspec.convert(values, kind)
    except msgspec.ValidationError as error:
        problem, _, place = str(error).partition(" - at `$.")
        field = re.split(r"[.\[`]", place)[0]
        problem = f"{problem[:1].lower()}{problem[1:]}".replace("object", "table")
        raise RecipeError(
            f"`{field}`: {problem}" if field else f"the recipe: {problem}",
            where=_place(path, text, field, table=table),
            remedy=f"{_GUIDE} shows the form",
        ) from error


def _place(path: Path, text: str, field: str, *, table: str = "") -> str:
    """Return the path with the line of a field, as far as it can be found."""
    here, number = "", 0
    for number, line in enumerate(text.splitlines(), start=1):
        header = re.match(r"\s*\[\s*([^\]]*?)\s*\]", line)
        here = header[1] if header else here
        if here == table and (header if not field else re.match(rf"\s*[\"']?{re.escape(field)}[\"']?\s*[=.]", line)):
            return f"{path}:{number}"
        if header and table == "" and header[1].split(".")[0] == field:
            return f"{path}:{number}"
    return str(path)


def _lines(values: Mapping[str, Any]) -> Iterator[str]:
    for key, value in values.items():
        # JSON's way to write strings, numbers, booleans and lists of them is TOML's too, but for one character.
        yield f"{key} = {msgspec.json.encode(value).decode()}\n".replace("\x7f", "\\u007f")
