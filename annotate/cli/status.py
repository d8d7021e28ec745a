"""``nutgraf status``."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import click
import msgspec

from annotate.cli import projects
from annotate.counts import count
from annotate.errors import CodebookError
from annotate.project import Project, open_project
from annotate.store import Round, Store


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
                "growth": _growth(store, one),
                "suggestions": _effect(store, one),
                "units": len(store.draws(one.id)),
                "progress": [
                    msgspec.to_builtins(line) | {"open": line.open} for line in progress if line.round == one.id
                ],
            }
            for one in store.rounds()
        ],
        "last_backup": None if last is None else f"{last:%Y-%m-%dT%H:%M:%SZ}",
    }


def _growth(store: Store, round_: Round) -> dict[str, Any] | None:
    """Return how an active round came about: its batches, and the model that picked the last of them."""
    if round_.purpose != "active":
        return None
    batches = store.growth(round_.id)
    reasons = Counter(draw.reason for draw in store.draws(round_.id))
    last = batches[-1]
    return {
        "size": None if round_.settings.growth is None else round_.settings.growth.size,
        "batches": len(batches),
        "picked": reasons["active"],
        "random": reasons["random"],
        "model": last.variables.get("model"),
        "drawn": f"{datetime.fromtimestamp(last.server_time / 1e6, UTC):%Y-%m-%dT%H:%M:%SZ}",
    }


def _effect(store: Store, round_: Round) -> dict[str, Any] | None:
    """Return what a model's suggestions did to coders, None where there were none."""
    if round_.settings.suggestions == "off" or round_.settings.suggester is None:
        return None
    made = store.suggested(round_.id, round_.settings.suggester)
    if not made:
        return None
    # Here, not above: few rounds need it, and it takes a moment to import.
    from annotate.agreement.suggestions import Choice, suggestion_effect  # noqa: PLC0415

    found = suggestion_effect(
        Choice(
            one.article,
            one.arm,
            one.label == one.said,
            one.active_ms,
            changed := one.now is not None and one.now != one.label,
            changed and one.now == one.said,
        )
        for one in made
    )
    lines = [f"{found.unseen.choices} choices without, {found.unseen.alike} are the model's label"]
    if found.seen.choices:
        lines = [
            f"{found.seen.choices} choices having seen the model's label, {found.seen.alike} are that label",
            f"{found.seen.seconds} s a decision having seen it, {found.unseen.seconds} s without",
            lines[0],
            f"difference {found.difference}, time ratio {found.ratio} (95 % intervals over articles)",
        ]
    if found.changed:
        lines.append(f"{found.changed} changed later, {found.adopted} of them to the model's label")
    return {**msgspec.to_builtins(found), "lines": lines}


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
    click.echo(f"Articles  {state['articles']:,} with {count(state['units'], 'unit')}")
    click.echo(f"Coders    {', '.join(coders) or 'none'}")
    click.echo(f"Backup    {state['last_backup'] or 'none'}")
    for one in state["rounds"]:
        click.echo(f"\n{one['name']}: {one['purpose']}{', closed' if one['closed'] else ''}; {one['design']}")
        _print_growth(one["growth"])
        for line in (one["suggestions"] or {"lines": ()})["lines"]:
            click.echo(f"  suggestions: {line}")
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


def _print_growth(growth: dict[str, Any] | None) -> None:
    """Say how far an active round has grown, and what the model that picked last had learnt from."""
    if growth is None:
        return
    of = "" if growth["size"] is None else f" of {growth['size']:,}"
    click.echo(
        f"  {growth['picked'] + growth['random']:,}{of} units in {count(growth['batches'], 'batch')}"
        f" ({growth['picked']:,} picked by a model, {growth['random']:,} at random); for training only"
    )
    model = growth["model"]
    if model is None:
        click.echo("  no model yet: it takes judged units of two labels")
        return
    labels = ", ".join(f"{n} {label}" for label, n in model["labels"].items())
    click.echo(
        f"  model {model['id']}, trained {growth['drawn']} on {count(model['units'], 'unit')}"
        f" of {count(model['articles'], 'article')} ({labels}; {model['coder']})"
    )
