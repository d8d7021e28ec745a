"""``nutgraf codebook``."""

from __future__ import annotations

import click

from annotate.cli import arguments, projects
from annotate.counts import count
from annotate.errors import CodebookError
from annotate.project import open_project
from annotate.store import ALL, Store
from annotate.store.codebooks import to_code_again
from annotate.types import Codebook


@click.command("codebook")
@projects.folder
@click.option("--again", multiple=True, metavar="LABEL", help="Units with this label must be coded again; `*` for all.")
@click.option("--keep", is_flag=True, help="Nothing must be coded again.")
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
def command(folder: str, *, again: tuple[str, ...], keep: bool, dry_run: bool) -> None:
    """Take a changed codebook into use, and say what must be coded again.

    Judgments name the codebook they were made with; new ones are made with the new one. Without --again or --keep,
    units are coded again whose label's words changed; all of them, where labels were added or put in another order,
    or the unit or the guidelines changed. Coders get them after what is open.

    \b
    Examples
      nutgraf codebook --dry-run
      nutgraf codebook --again editorial_framing
      nutgraf codebook --keep
    """
    if again and keep:
        raise click.UsageError("--again and --keep contradict each other.")
    project = open_project(folder)
    new = project.codebook()
    with project.store() as store:
        old = store.codebook()
        if new.fingerprint == old.fingerprint:
            arguments.tell("the codebook is the one in use: its words did not change")
            return
        asked = () if keep else again or to_code_again(old, new)
        _check(asked, old, new)
        if dry_run:
            click.echo(f"{count(_carrying(store, asked), 'decision')} would be made again ({_named(asked)})")
            return
        marked = store.adopt(new, again=asked)
    click.echo(f"{new.name}, version {new.version}, is in use; {count(marked, 'decision')} must be made again")


def _check(asked: tuple[str, ...], old: Codebook, new: Codebook) -> None:
    for label in asked:
        if label != ALL and label not in old.keys and label not in new.keys:
            raise CodebookError(f"there is no label {label!r}", remedy=f"one of {', '.join(old.keys)}, or *")


def _carrying(store: Store, asked: tuple[str, ...]) -> int:
    return sum(ALL in asked or judgment.label in asked for judgment in store.judgments())


def _named(asked: tuple[str, ...]) -> str:
    return "all labels" if ALL in asked else ", ".join(asked) or "none"
