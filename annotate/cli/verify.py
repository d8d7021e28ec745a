"""``nutgraf verify``."""

from __future__ import annotations

import click

from annotate.cli import arguments, projects
from annotate.counts import count
from annotate.errors import StoreRefused
from annotate.project import open_project

_SHOWN = 20


@click.command("verify")
@projects.folder
@click.option("--head", metavar="HASH", help="A hash that an earlier run printed: it must still be in the chain.")
def command(folder: str, *, head: str | None) -> None:
    """Prove that nothing in a project was changed since it was written.

    Every judgment, draw and article is covered by a chain of hashes. The last hash is printed: whoever notes it
    down, or publishes it, can prove later that nothing before it was changed or removed.

    \b
    Examples
      nutgraf verify
      nutgraf verify --head 5618d87fd2eddc9d69aac59491eb708df0eda2ac8ca0033343dc04e2a68a20d2
    """
    with open_project(folder).store() as store:
        verified = store.verify(head=head)
        where = store.where
    for flaw in verified.flaws[:_SHOWN]:
        click.echo(f"{flaw.where}: {flaw.problem}")
    if verified.flaws:
        first = verified.flaws[0]
        raise StoreRefused(
            f"{first.where} {first.problem} ({count(len(verified.flaws), 'flaw')} in all)",
            where=where,
            remedy="compare with a backup; nutgraf doctor says what can be rebuilt",
        )
    click.echo(verified.head)
    arguments.tell(f"{count(verified.events, 'event')}, none changed")
