"""What the verbs that learn from labels share; apart from the other arguments, for it imports scikit-learn."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, wraps
from typing import Any

import click

from annotate.classify.labelled import Labelled
from annotate.classify.recipes import DEFAULT, Recipe, packaged, read_recipe
from annotate.cli import arguments
from annotate.codebook import read_codebook
from annotate.exchange.labelled import read_labelled
from annotate.types import Codebook

RECIPE = f"{' or '.join(packaged())}, or a file of your own: see `nutgraf recipe`"


class Task:
    """What to learn, and how: the arguments that name labels, codebook and recipe.

    Parameters
    ----------
    labels, texts, coder
        As :func:`annotate.exchange.labelled.read_labelled` takes them.
    recipe
        A name or path.
    codebook_path
        A path, or None for nutgraf's own.
    hard
        Whether to take the most probable label as certain where labels come with probabilities.
    """

    def __init__(
        self,
        labels: str,
        texts: tuple[str, ...],
        coder: str | None,
        recipe: str,
        codebook_path: str | None,
        *,
        hard: bool,
    ) -> None:
        self.labels, self.texts, self.coder = labels, texts, coder
        self.recipe: Recipe = read_recipe(recipe)
        self._codebook_path = codebook_path
        self._hard = hard

    @cached_property
    def codebook(self) -> Codebook:
        """Return the codebook that the labels are from."""
        return read_codebook(self._codebook_path)

    def read(self) -> Labelled:
        """Read the labels, and tell what there is to tell of them."""
        data = read_labelled(self.labels, self.codebook, texts=self.texts, coder=self.coder, on_note=arguments.tell)
        if data.soft is None or self._hard:
            return data.hard()
        uncertain = int((data.soft.max(axis=1) < 1).sum())
        arguments.tell(f"{uncertain} of {len(data.y)} labels are soft: they teach by their probabilities")
        return data

    def read_other(self, coder: str) -> Labelled:
        """Read another coder's labels from the same file."""
        return read_labelled(self.labels, self.codebook, texts=self.texts, coder=coder)


def task(function: Callable[..., None]) -> Callable[..., None]:
    """Add LABELS, ``--text``, ``--coder``, ``--codebook`` and ``--recipe``, and hand them on as a :class:`Task`."""

    @wraps(function)
    def with_task(
        *,
        labels: str,
        texts: tuple[str, ...],
        coder: str | None,
        recipe: str,
        codebook_path: str | None,
        hard: bool,
        **others: Any,
    ) -> None:
        function(Task(labels, texts, coder, recipe, codebook_path, hard=hard), **others)

    hard_option = click.option("--hard", is_flag=True, help="Take labels that come with probabilities as certain.")
    option = click.option("--recipe", metavar="NAME|TOML", default=DEFAULT, show_default=True, help=RECIPE)
    return arguments.labels(arguments.codebook(option(hard_option(with_task))))


def folds(function: Callable[..., None]) -> Callable[..., None]:
    """Add ``--folds`` and ``--seed``."""
    option = click.option(
        "--folds",
        type=click.IntRange(0),
        default=5,
        show_default=True,
        help="Folds by article; 0 leaves one article out at a time.",
    )
    return option(arguments.seed("Of the folds and the bootstrap.")(function))
