"""``nutgraf label``."""

from __future__ import annotations

import webbrowser
from pathlib import Path

import click

from annotate.cli import arguments, projects
from annotate.errors import ProjectError
from annotate.project import open_project, user_key
from annotate.session import Address, serve
from annotate.session.settings import is_loopback
from annotate.store import Store


@click.command("label")
@projects.folder
@click.option("--coder", metavar="KEY", help="Whom the link signs in; the project's lead if left out.")
@click.option("--host", default="127.0.0.1", show_default=True, help="0.0.0.0 for a team: every machine may come.")
@click.option("--port", type=click.IntRange(0, 65535), help="8765 or the next free one if left out.")
@click.option("--name", "names", multiple=True, metavar="HOST", help="A host name under which browsers may come.")
@click.option("--certificate", type=click.Path(path_type=Path), metavar="PEM", help="Serve over TLS, with --key.")
@click.option("--key", type=click.Path(path_type=Path), metavar="PEM", help="The certificate's key.")
@click.option("--suggestions", metavar="MODEL", help="Whose labels to show in rounds that show suggestions.")
@click.option("--no-browser", is_flag=True, help="Print the link and open nothing.")
def command(
    *,
    folder: str,
    coder: str | None,
    host: str,
    port: int | None,
    names: tuple[str, ...],
    certificate: Path | None,
    key: Path | None,
    suggestions: str | None,
    no_browser: bool,
) -> None:
    """Label in the browser, alone or as a team.

    Opens the page and runs until it is stopped with Ctrl+C. Every decision is on disk before the page says "saved".
    Only this machine reaches it unless --host says otherwise; then invite coders on the page "People".

    \b
    Examples
      nutgraf label
      nutgraf label -C elections --port 9000 --no-browser
      nutgraf label --host 0.0.0.0 --certificate server.pem --key server.key --name annotate.example.org
    """
    if (certificate is None) != (key is None):
        raise click.UsageError("--certificate and --key come together.")
    if not is_loopback(host) and certificate is None:
        _warn_of_plain_text()
    opened = no_browser

    def ready(link: str) -> None:
        nonlocal opened
        click.echo(f"Your link, which works once:\n  {link}")
        if not opened:
            opened = True
            webbrowser.open(link)

    project = open_project(folder)
    with project.store() as store:
        store.own()
        project.daily_backup(store)
        starter = _starter(store, coder)
        if not store.rounds():
            arguments.tell(f"nothing to label yet; draw a round: nutgraf sample -C {folder} pilot -n 50")
        click.echo("Stop with Ctrl+C.", err=True)
        address = Address(host=host, port=port, certificate=certificate, key=key, names=names)
        serve(
            store,
            starter,
            address,
            model=suggestions,
            ready=ready,
            hourly=lambda: project.daily_backup(store),
        )


def _starter(store: Store, wanted: str | None) -> str:
    """Return the coder whom the link signs in; an empty project's first is whoever starts the session, as its lead."""
    coders = [coder for coder in store.coders() if coder.left is None]
    if wanted is not None:
        if wanted not in {coder.key for coder in coders}:
            known = ", ".join(coder.key for coder in coders) or "nobody"
            raise ProjectError(f"there is no coder {wanted!r}", remedy=f"the project has {known}")
        return wanted
    leads = [coder.key for coder in coders if coder.role == "lead"]
    if leads or len(coders) == 1:
        return (leads or [coders[0].key])[0]
    key = user_key()
    while key in {coder.key for coder in store.coders()}:
        key += "-lead"
    store.add_coder(key, role="lead")
    return key


def _warn_of_plain_text() -> None:
    click.secho(
        "WARNING: other machines reach this session over plain HTTP: whoever listens in on the network reads\n"
        "passwords and decisions. Give --certificate and --key, or go through an SSH tunnel.",
        err=True,
        bold=True,
        fg="red",
    )
