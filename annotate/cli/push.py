"""``nutgraf push``."""

from __future__ import annotations

from collections.abc import Mapping

import click

from annotate.cli import arguments, projects, servers
from annotate.counts import count
from annotate.errors import ProjectError
from annotate.exchange.servers.links import links
from annotate.exchange.servers.push import Pushed, push
from annotate.project import open_project
from annotate.store import Store


@click.command("push")
@servers.kind
@projects.folder
@click.option("--url", metavar="URL", help="The server's address; may be left out once it is known.")
@click.option("--round", "round_", metavar="ROUND", help="Which round; may be left out if only one is open.")
@click.option("--project", "name", metavar="NAME", help="What the project is called there; else PROJECT: ROUND.")
@click.option(
    "--coder",
    "accounts",
    multiple=True,
    callback=servers.pairs,
    metavar="CODER=ACCOUNT",
    help="A coder's account there, where its name is another.",
)
@servers.account
def command(
    kind: str,
    folder: str,
    *,
    url: str | None,
    round_: str | None,
    name: str | None,
    accounts: Mapping[str, str],
    user: str | None,
    dry_run: bool,
    seconds: float,
) -> None:
    """Bring a round to doccano or Label Studio: labels, guidelines, coders, units with their context.

    Where all coders code the same units they share a project there; else each gets one of their own. Run it again
    whenever it was cut off: only what is missing is sent. The password (Label Studio: token) comes from
    NUTGRAF_DOCCANO_PASSWORD (NUTGRAF_LABEL_STUDIO_TOKEN), a keyring, or a prompt.

    \b
    Examples
      nutgraf push doccano --url http://127.0.0.1:8000 --user lead --round main
      nutgraf push doccano --url https://code.example.org --user lead --round main --coder ana=a.berg --dry-run
      nutgraf push doccano
    """
    project = open_project(folder)
    with project.store() as store:
        round_name = round_ or _only_round(store)
        url, user = _place(store, kind, url, user)
        patience = servers.patience(seconds)
        done = push(
            store,
            servers.connect(kind, url, user, patience),
            round_name,
            name=name or _last_name(store, kind, url, round_name) or f"{project.settings.name}: {round_name}",
            user=user,
            accounts=accounts,
            patience=patience,
            dry_run=dry_run,
        )
    for one in done:
        click.echo(_line(one, dry_run=dry_run))
        if one.strays:
            rows = count(one.strays, "row")
            arguments.tell(f"{rows} of {one.name} are not of this round: left as they are")


def _only_round(store: Store) -> str:
    rounds = [one.name for one in store.rounds() if one.closed is None]
    if len(rounds) != 1:
        remedy = f"say which with --round: {', '.join(rounds)}" if rounds else "draw one with nutgraf sample"
        raise ProjectError(f"{count(len(rounds), 'round')} could be pushed", remedy=remedy)
    return rounds[0]


def _place(store: Store, kind: str, url: str | None, user: str | None) -> tuple[str, str]:
    """Return address and user, as given or as used the last time."""
    known = [link for link in links(store) if link.kind == kind and (url is None or link.url == servers.address(url))]
    if url is None and not known:
        raise click.UsageError("Say where the server is with --url.")
    last = known[-1] if known else None
    return (
        servers.address(url) if url is not None else known[-1].url,
        user if user is not None else (last.user if last else ""),
    )


def _last_name(store: Store, kind: str, url: str, round_name: str) -> str | None:
    """Return what the round was called when it was last pushed there."""
    number = store.round(round_name).id
    names = [link.series for link in links(store) if (link.kind, link.url, link.round) == (kind, url, number)]
    return names[-1] if names else None


def _line(one: Pushed, *, dry_run: bool) -> str:
    units, coders = count(one.units, "unit"), ", ".join(one.coders)
    if dry_run:
        place = f"project {one.project}" if one.project else "a new project"
        return f"{one.name}: {units} for {coders} in {place}; {one.sent:,} would be sent"
    copies = f"; {count(one.removed, 'copy')} taken away" if one.removed else ""
    return f"{one.name}: {units} for {coders} in project {one.project}; {one.sent:,} were missing{copies}"
