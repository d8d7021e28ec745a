"""What the verbs that learn from labels share; apart from the other arguments, for it imports scikit-learn."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, wraps
from typing import TYPE_CHECKING, Any, NamedTuple

import click
import numpy as np
from numpy.typing import NDArray

from annotate.adjudication import METHODS, Method
from annotate.classify.labelled import Labelled
from annotate.classify.recipes import DEFAULT, Recipe, packaged, read_recipe
from annotate.classify.splits import Split, restrict_tests
from annotate.cli import arguments
from annotate.codebook import read_codebook
from annotate.counts import count
from annotate.exchange.labelled import read_labelled
from annotate.gold import read_coders
from annotate.gold.labels import LABELS
from annotate.types import Codebook

if TYPE_CHECKING:  # a project is an optional part
    from annotate.classify.project_gold import ProjectGold
    from annotate.project import Project

RECIPE = f"{' or '.join(packaged())}, or a file of your own: see `nutgraf recipe`"


class Labels(NamedTuple):
    """Which labels to learn from.

    Parameters
    ----------
    labels, texts, coder
        As :func:`annotate.exchange.labelled.read_labelled` takes them; without ``labels`` a project is read.
    folder, rounds, gold
        The project, the names of its rounds, and how its judgments come to one label.
    hard
        Whether to take the most probable label as certain where labels come with probabilities.
    without
        Articles whose labels are left out.
    """

    labels: str | None
    texts: tuple[str, ...]
    coder: str | None
    folder: str | None
    rounds: tuple[str, ...]
    gold: Method
    hard: bool
    without: tuple[str, ...]


class Task:
    """What to learn, and how: the arguments that name labels, codebook and recipe.

    Parameters
    ----------
    recipe
        A name or path.
    codebook_path
        A path, or None for nutgraf's own, or the project's.
    """

    def __init__(self, given: Labels, recipe: str, codebook_path: str | None) -> None:
        if (given.labels is None) == (given.folder is None):
            raise click.UsageError("Name a table of LABELS, or a project with -C.")
        if given.folder is not None and (given.texts or codebook_path):
            raise click.UsageError("A project has its own texts and codebook.")
        if given.folder is None and given.rounds:
            raise click.UsageError("--round goes with a project: -C.")
        self._given = given
        self.recipe: Recipe = read_recipe(recipe)
        self._codebook_path = codebook_path
        self._tests: NDArray[np.bool_] | None = None

    @property
    def labels(self) -> str | None:
        """Return the table's name, None if a project is read."""
        return self._given.labels

    @cached_property
    def codebook(self) -> Codebook:
        """Return the codebook that the labels are from."""
        if self._given.folder is None:
            return read_codebook(self._codebook_path)
        with _project(self._given.folder).store() as store:
            return store.codebook()

    def read(self) -> Labelled:
        """Read the labels, and tell what there is to tell of them."""
        if self._given.folder is not None:
            gold = self._gold(self._given.coder)
            kept = gold.data.without(self._given.without)
            self._tests = gold.tests[~np.isin(gold.data.articles, self._given.without)]
            _tell_of(gold)
            return kept
        data = self._table(self._given.coder, on_note=arguments.tell).without(self._given.without)
        if data.soft is None or self._given.hard:
            return data.hard()
        uncertain = int((data.soft.max(axis=1) < 1).sum())
        arguments.tell(f"soft labels, which teach by their probabilities: {uncertain:,} of {len(data.y):,}")
        return data

    def read_other(self, coder: str) -> Labelled:
        """Read another coder's labels from the same file or project."""
        return self._gold(coder).data if self._given.folder is not None else self._table(coder)

    def honest(self, split: Split, data: Labelled) -> Split:
        """Return a split of what was read that tests only on what was drawn at random, as far as a project tells."""
        return split if self._tests is None else restrict_tests(split, data, self._tests)

    def _table(self, coder: str | None, **more: Any) -> Labelled:
        assert self._given.labels is not None
        return read_labelled(self._given.labels, self.codebook, texts=self._given.texts, coder=coder, **more)

    def _gold(self, coder: str | None) -> ProjectGold:
        from annotate.classify.project_gold import project_gold  # noqa: PLC0415 - a project is an optional part

        assert self._given.folder is not None
        project = _project(self._given.folder)
        kinds = {name: one.kind for name, one in read_coders(project.folder / LABELS).items()}
        with project.store() as store:
            rounds = [store.round(name).id for name in self._given.rounds] or None
            return project_gold(store, by=self._given.gold, coder=coder, rounds=rounds, kinds=kinds)


def _project(folder: str) -> Project:
    from annotate.project import open_project  # noqa: PLC0415 - a project is an optional part

    return open_project(folder)


def _tell_of(gold: ProjectGold) -> None:
    if gold.undecided:
        arguments.tell(f"left out {count(gold.undecided, 'unit')} that coders label differently and nobody adjudicated")
    if gold.left_out:
        arguments.tell(f"left out {count(gold.left_out, 'judgment')} that the codebook in use asks to be made again")
    drawn = gold.probability[gold.tests]
    if len(drawn) and drawn.max() > drawn.min() * 1.01:
        arguments.tell("CAUTION: units were drawn with different probabilities; scores are of the sample, not weighted")


def task(function: Callable[..., None]) -> Callable[..., None]:
    """Add what names and narrows labels, ``--codebook`` and ``--recipe``, and hand all on as a :class:`Task`."""

    @wraps(function)
    def with_task(*, recipe: str, codebook_path: str | None, **others: Any) -> None:
        given = Labels(*(others.pop(name) for name in Labels._fields))
        function(Task(given, recipe, codebook_path), **others)

    option = click.option("--recipe", metavar="NAME|TOML", default=DEFAULT, show_default=True, help=RECIPE)
    with_options: Any = with_task
    for further in (
        click.option("--without", multiple=True, metavar="ARTICLE", help="Leave out an article's labels; repeatable."),
        click.option("--hard", is_flag=True, help="Take labels that come with probabilities as certain."),
        click.option(
            "--gold",
            type=click.Choice(METHODS),
            default="majority",
            show_default=True,
            help="Of a project: how judgments come to one label where nobody adjudicated.",
        ),
        click.option("--round", "rounds", multiple=True, metavar="ROUND", help="Of a project: only this round."),
        click.option("-C", "folder", metavar="DIR", help="A project's judgments instead of LABELS."),
    ):
        with_options = further(with_options)
    named: Callable[..., None] = arguments.labels(arguments.codebook(option(with_options)))
    return named


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
