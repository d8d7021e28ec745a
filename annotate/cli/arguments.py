"""Arguments that several verbs share, and how they speak."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from annotate.errors import InputError
from annotate.outputs import STDOUT
from annotate.resources import carried
from annotate.sentences import languages

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")


def sources(function: F) -> F:
    """Add the arguments that name what to read."""
    return click.argument("sources", nargs=-1, required=True, metavar="FILE…")(function)


def _fields(_context: click.Context, _parameter: click.Parameter, pairs: tuple[str, ...]) -> dict[str, str]:
    """Turn ``("text=body",)`` into ``{"text": "body"}``."""
    columns = dict(pair.split("=", 1) for pair in pairs if "=" in pair)
    if len(columns) < len(pairs):
        raise click.BadParameter("say FIELD=NAME, such as text=body, each field once")
    return columns


def reading(function: F) -> F:
    """Add the options that say how to read articles."""
    for option in (
        click.option("--feed", "follow", is_flag=True, help="Fetch the pages that the entries of a feed link to."),
        click.option(
            "--format", "form", metavar="EXT", help="Read every source as this format, such as .html or .jsonl."
        ),
        click.option(
            "--column",
            "columns",
            multiple=True,
            callback=_fields,
            metavar="FIELD=NAME",
            help="The table's column that holds an article's text, id, title, outlet, …",
        ),
        click.option("--strict", is_flag=True, help="Stop at the first row that can't be used; else it is reported."),
        click.option("--dedupe", is_flag=True, help="Keep the first of several articles with one id."),
        click.option("--encoding", metavar="CODEC", help="Read every file in this encoding."),
    ):
        function = option(function)
    return function


def splitting(function: F) -> F:
    """Add the options that say how to read articles and split them."""
    quotes = click.option(
        "--quotes",
        type=click.Choice(["split", "whole"]),
        default="split",
        show_default=True,
        help="whole: the sentences of one quotation stay one unit.",
    )
    language = click.option(
        "--language", type=click.Choice(languages()), default="en", show_default=True, help="Whose rules of splitting."
    )
    return language(quotes(reading(function)))


def out(what: str, *, required: bool = False, default: str | None = None) -> Callable[[F], F]:
    """Add ``--out`` and ``--force``."""

    def decorate(function: F) -> F:
        function = click.option("--force", is_flag=True, help="Overwrite what is there.")(function)
        return click.option(
            "-o",
            "--out",
            required=required,
            default=default,
            show_default=default is not None,
            metavar="PATH",
            help=what,
        )(function)

    return decorate


def seed(what: str) -> Callable[[F], F]:
    """Add ``--seed``, within what NumPy and scikit-learn take."""
    return click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True, help=what)


def codebook(function: F) -> F:
    """Add ``--codebook``."""
    return click.option("--codebook", "codebook_path", metavar="TOML", help="Your own codebook; else nutgraf's.")(
        function
    )


def labels(function: F) -> F:
    """Add the argument and options that name labelled sentences."""
    for option in (
        click.option("--coder", metavar="NAME", help="Whose labels, where several coders stand in the file."),
        click.option(
            "--text",
            "texts",
            multiple=True,
            metavar="PATH",
            help="Articles or folders that the labels belong to, or features released in their place; stand-off"
            " labels need them.",
        ),
    ):
        function = option(function)
    return click.argument("labels", required=False, metavar="[LABELS]")(function)


def refuse_inside(out: str, sources: tuple[str, ...]) -> None:
    """Raise :class:`InputError` if the output would stand among what is read, and be read itself the next time."""
    target = Path(out).absolute()
    for source in sources:
        if out != STDOUT and Path(source).is_dir() and Path(source).absolute() in target.parents:
            raise InputError("stands in the folder that is read", where=out, remedy="write it elsewhere")


def tell(line: str) -> None:
    """Say something about the work on standard error."""
    click.echo(f"nutgraf: {line}", err=True)


def progress(items: Iterable[T], *, label: str, length: int | None = None) -> Iterator[T]:
    """Yield the items, with a bar on standard error where that is a terminal."""
    if not sys.stderr.isatty():
        yield from items
        return
    with click.progressbar(items, label=label, length=length, file=sys.stderr) as bar:
        yield from bar


@contextmanager
def working(what: str) -> Iterator[None]:
    """Say on a terminal's standard error that something is being done, until it is."""
    shown = sys.stderr.isatty()
    if shown:
        click.echo(f"{what}…", nl=False, err=True)
    try:
        yield
    finally:
        if shown:
            click.echo("\r\033[K", nl=False, err=True)


def model_folder(given: str | None) -> Path:
    """Return a model's folder: the one given, or nutgraf's own of that name; its default if none is named."""
    ours = carried("models", given or "default")
    return ours if not given or (not Path(given).exists() and (ours / "model.skops").is_file()) else Path(given)


class Bar:
    """A bar that is told of steps; silent where standard error is no terminal."""

    def __init__(self, label: str, length: int) -> None:
        self._bar = click.progressbar(length=length, label=label, file=sys.stderr, hidden=not sys.stderr.isatty())

    def __enter__(self) -> Callable[[int], None]:
        """Return what to call with the number of steps done."""
        self._bar.__enter__()
        return self._bar.update

    def __exit__(self, *raised: object) -> None:
        """Leave the bar as it stands."""
        self._bar.__exit__(None, None, None)
