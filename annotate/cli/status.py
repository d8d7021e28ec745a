"""``nutgraf status``."""

from __future__ import annotations

from typing import Any

import click
import msgspec

from annotate.cli import projects
from annotate.errors import CodebookError
from annotate.project import Project, open_project
from annotate.store import Store


@click.command("status")
@projects.folder
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def command(folder: str, *, as_json: bool) -> None:
    """Say what is in a project, and how far its coders are.

    \b
    Examples
      nutgraf status
      nutgraf status -C floods --json
    """
    project = open_project(folder)
    with project.store() as store:
        state = _state(project, store)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(state), indent=2).decode())
    else:
        _print(state)


def _state(project: Project, store: Store) -> dict[str, Any]:
    articles, units = store.counts()
    codebook = store.codebook()
    last = project.last_backup()
    progress = store.progress()
    return {
        "name": project.settings.name,
        "database": store.where,
        "codebook": {"name": codebook.name, "version": codebook.version, "fingerprint": codebook.fingerprint},
        "codebook_changed": _changed(project, codebook.fingerprint),
        "articles": articles,
        "units": units,
        "coders": [
            {"key": coder.key, "name": coder.name, "role": coder.role, "left": coder.left is not None}
            for coder in store.coders()
        ],
        "rounds": [
            {
                "name": one.name,
                "purpose": one.purpose,
                "design": one.design,
                "closed": one.closed is not None,
                "units": len(store.draws(one.id)),
                "progress": [
                    msgspec.to_builtins(line) | {"open": line.open} for line in progress if line.round == one.id
                ],
            }
            for one in store.rounds()
        ],
        "last_backup": None if last is None else f"{last:%Y-%m-%dT%H:%M:%SZ}",
    }


def _changed(project: Project, fingerprint: str) -> bool:
    try:
        return project.codebook().fingerprint != fingerprint
    except CodebookError:
        return True


def _print(state: dict[str, Any]) -> None:
    codebook = state["codebook"]
    coders = (f"{coder['key']} ({coder['role']}{', left' if coder['left'] else ''})" for coder in state["coders"])
    click.echo(f"{state['name']} ({state['database']})")
    click.echo(f"Codebook  {codebook['name']}, version {codebook['version']} ({codebook['fingerprint'][:12]})")
    if state["codebook_changed"]:
        click.echo("          the files beside it differ: take them into use with nutgraf codebook")
    click.echo(f"Articles  {state['articles']:,} with {projects.count(state['units'], 'unit')}")
    click.echo(f"Coders    {', '.join(coders) or 'none'}")
    click.echo(f"Backup    {state['last_backup'] or 'none'}")
    for one in state["rounds"]:
        click.echo(f"\n{one['name']}: {one['purpose']}{', closed' if one['closed'] else ''}; {one['design']}")
        projects.print_table(
            ("coder", "units", "done", "skipped", "again", "open", "hours"),
            [
                (
                    line["coder"],
                    line["assigned"],
                    line["done"],
                    line["skipped"],
                    line["again"],
                    line["open"],
                    f"{line['active_ms'] / 3_600_000:.1f}",
                )
                for line in one["progress"]
            ],
        )
