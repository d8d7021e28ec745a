"""``nutgraf backup``."""

from __future__ import annotations

import click

from annotate.cli import projects
from annotate.project import open_project


@click.command("backup")
@projects.folder
@click.option("-o", "--out", metavar="PATH", help="File or folder to write to; else the project's folder `backups`.")
@click.option("--force", is_flag=True, help="Overwrite what is there.")
def command(folder: str, *, out: str | None, force: bool) -> None:
    """Copy a project's database while it is in use, as it is at one moment.

    To go back to it, put it in the place of the database while no session is running (from PostgreSQL: pg_restore).

    \b
    Examples
      nutgraf backup
      nutgraf backup -C floods -o /media/stick/floods.db
    """
    project = open_project(folder)
    with project.store() as store:
        click.echo(project.backup(store) if out is None else store.backup(out, force=force))
