"""``nutgraf new``."""

from __future__ import annotations

import secrets

import click

from annotate.cli import arguments
from annotate.project import DATABASE, create_project
from annotate.sentences import Quotes, languages


@click.command("new")
@click.argument("folder", metavar="DIR")
@click.option("--name", help="The project's name; else the folder's.")
@arguments.codebook
@click.option(
    "--database",
    default=DATABASE,
    show_default=True,
    metavar="PATH|URL",
    help="A file in the project, or postgresql://user@host/database for a team.",
)
@click.option("--language", type=click.Choice(languages()), default="en", show_default=True, help="Of the articles.")
@click.option(
    "--quotes",
    type=click.Choice(["split", "whole"]),
    default="split",
    show_default=True,
    help="whole: the sentences of one quotation stay one unit.",
)
@click.option("--seed", type=int, help="What draws are made from; else chosen now and kept in nutgraf.toml.")
@click.option("--lead", metavar="KEY", help="The coder who leads the project; else your user name.")
def command(
    folder: str,
    *,
    name: str | None,
    codebook_path: str | None,
    database: str,
    language: str,
    quotes: Quotes,
    seed: int | None,
    lead: str | None,
) -> None:
    """Make a project: a folder with its settings, its codebook and its database.

    \b
    Examples
      nutgraf new floods
      nutgraf new floods --codebook blame/codebook.toml --database postgresql://lead@db/floods
    """
    project = create_project(
        folder,
        name=name,
        seed=secrets.randbelow(10**9) if seed is None else seed,
        database=database,
        codebook=codebook_path,
        language=language,
        quotes=quotes,
        lead=lead,
    )
    codebook = project.codebook()
    click.echo(folder)
    arguments.tell(f"a project with the codebook {codebook.name!r}; next: nutgraf add -C {folder} ARTICLES")
