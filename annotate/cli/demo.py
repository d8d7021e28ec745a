"""``nutgraf demo``."""

from __future__ import annotations

import click

from annotate.cli import arguments
from annotate.demo import run_demo


@click.command("demo")
@arguments.out("Folder to write everything to.", default="nutgraf-demo")
def command(out: str, *, force: bool) -> None:
    """Show the whole chain on two articles that come with nutgraf.

    They are split, written for annotation, a classifier is trained on one and tested on the other, both ways, and each
    is labelled by the model that did not see it. The last line printed is the path of a report to open in a browser.

    \b
    Example
      nutgraf demo
    """
    click.echo(run_demo(out, say=click.echo, force=force))
