"""``nutgraf pull``."""

from __future__ import annotations

from collections import defaultdict

import click

from annotate.cli import arguments, projects, servers
from annotate.counts import count
from annotate.exchange.servers.links import Link, links, to_pull
from annotate.exchange.servers.pull import Left, Pulled, pull
from annotate.exchange.servers.server import Server
from annotate.project import open_project

_SHOWN = 3


@click.command("pull")
@servers.kind
@projects.folder
@click.option("--url", metavar="URL", help="Only what was pushed to this server.")
@click.option("--round", "round_", metavar="ROUND", help="Only this round; else all that are open.")
@click.option("--project", "name", metavar="NAME", help="Only this project there, by name or number.")
@servers.account
def command(
    kind: str,
    folder: str,
    *,
    url: str | None,
    round_: str | None,
    name: str | None,
    user: str | None,
    dry_run: bool,
    seconds: float,
) -> None:
    """Bring back what coders judged in doccano or Label Studio, from wherever it was pushed.

    Each judgment becomes an event of its coder in the project's ledger; a mind changed there supersedes, a label taken
    away there is taken back here. Run it as often as you like: nothing is taken over twice.

    \b
    Examples
      nutgraf pull doccano
      nutgraf pull label-studio --round main --dry-run
    """
    project = open_project(folder)
    with project.store() as store:
        rounds = {one.id: one for one in store.rounds()}
        known = [link for link in links(store) if link.kind == kind]
        place = None if url is None else servers.address(url)
        wanted = to_pull(known, rounds, url=place, round_=round_, name=name)
        patience = servers.patience(seconds)
        signed_in: dict[tuple[str, str], Server] = {}
        done = []
        for link in wanted:
            who = (link.url, user if user is not None else link.user)
            if who not in signed_in:
                signed_in[who] = servers.connect(kind, *who, patience)
            done.append((link, pull(store, signed_in[who], link, patience=patience, dry_run=dry_run)))
    _print(done)


def _print(done: list[tuple[Link, Pulled]]) -> None:
    header = ("round", "project", "new", "changed", "withdrawn", "same", "open", "left")
    projects.print_table(
        header,
        [
            (
                one.round,
                f"{link.project} {one.name}",
                one.new,
                one.changed,
                one.withdrawn,
                one.same,
                one.open,
                len(one.left),
            )
            for link, one in done
        ],
    )
    for _, one in done:
        reasons: dict[tuple[str, str], list[Left]] = defaultdict(list)
        for left in one.left:
            reasons[left.why, left.coder].append(left)
        for (why, coder), lefts in reasons.items():
            arguments.tell(_reason(why, coder, lefts))


def _reason(why: str, coder: str, lefts: list[Left]) -> str:
    named = [f"{left.key} ({', '.join(left.labels)})" if left.labels else left.key for left in lefts if left.key]
    if not named:
        return f"left: {coder} {why}"
    more = ", …" if len(named) > _SHOWN else ""
    return f"left: {count(len(lefts), 'unit')} of {coder}: {why}: {', '.join(named[:_SHOWN])}{more}"
