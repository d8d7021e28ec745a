"""``nutgraf demo``."""

from __future__ import annotations

import click

from annotate.cli import arguments
from annotate.demo import run_demo


@click.command("demo")
@arguments.out("Folder to write everything to.", default="nutgraf-demo")
@click.option("--again", is_flag=True, help="Also cross-validate on the gold again, offline: minutes.")
def command(out: str, *, force: bool, again: bool) -> None:
    """Show the whole chain on two articles that come with nutgraf.

    They are split, written for annotation, a classifier is trained on one and tested on the other, both ways, and each
    is labelled by the model that did not see it. Then it shows what the model that comes with nutgraf is worth on the
    gold documents. The last line printed is the path of a report to open in a browser.

    \b
    Examples
      nutgraf demo
      nutgraf demo --again -o checked
    """
    click.echo(run_demo(out, say=click.echo, force=force, again=again))
