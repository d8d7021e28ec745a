"""``nutgraf recipe``."""

from __future__ import annotations

import click

from annotate.classify.recipes import DEFAULT, packaged, packaged_file
from annotate.cli import arguments
from annotate.outputs import STDOUT, new_file


@click.command("recipe")
@click.argument("name", type=click.Choice(packaged()), default=DEFAULT)
@arguments.out("File to write, such as my.toml; else standard output.", default=STDOUT)
def command(name: str, out: str, *, force: bool) -> None:
    """Print a recipe that nutgraf comes with, to change it and use it as your own.

    A recipe says in TOML how a classifier is built. `train`, `evaluate` and `inspect` take one by name or by path; a
    table [grid] leaves settings open, to be chosen in training.

    \b
    Example
      nutgraf recipe fast -o my.toml
      nutgraf evaluate labelled.jsonl --recipe my.toml --against fast
    """
    with new_file(out, force=force) as stream:
        stream.write(packaged_file(name).read_bytes())
