"""``nutgraf doctor``."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from pathlib import Path

import click
from packaging.requirements import Requirement

from annotate import __version__
from annotate.cli import arguments
from annotate.codebook import read_codebook
from annotate.counts import count
from annotate.errors import NutgrafError, StoreRefused
from annotate.resources import carried

_SETTINGS = "nutgraf.toml"
_SHOWN = 20
_MARKS = {"ok": "ok     ", "look": "LOOK   ", "broken": "BROKEN "}


@click.command("doctor")
@click.option("-C", "folder", metavar="DIR", help="A project to check too; else the current folder, if it is one.")
@click.option("--repair", "mend", is_flag=True, help="Back the project up, then rebuild what its ledger can rebuild.")
def command(folder: str | None, *, mend: bool) -> None:
    """Say what is installed, what is missing and how to get it; in a project, what is wrong with it.

    A project's check reads all of it: the database's pages, every event of the ledger, what is in force, the codebook,
    backups and disk. What is in force can be rebuilt from the ledger with --repair; the ledger itself never is changed.
    Exit status 1 if something that nutgraf can't do without is missing or broken.

    \b
    Examples
      nutgraf doctor
      nutgraf doctor -C floods
      nutgraf doctor -C floods --repair
    """
    broken = _check_installed()
    if broken:
        things = f"{len(broken)} things are" if len(broken) > 1 else "one thing is"
        raise NutgrafError(f"{things} broken", remedy="install nutgraf again")
    if folder is not None or mend or Path(_SETTINGS).is_file():
        _check_project(folder or ".", mend=mend)


def _check_project(folder: str, *, mend: bool) -> None:
    """Print what is wrong with a project, and mend what can be mended.

    Raises
    ------
    StoreRefused
        If something stays broken.
    """
    # Here, not above: the doctor must come also where what a project needs is missing.
    from annotate.project import examine, open_project, repair  # noqa: PLC0415

    project = open_project(folder)
    click.echo(f"\nProject {project.settings.name} ({project.settings.database})")
    with arguments.working("Reading the ledger"):
        findings = examine(project)
    if mend and any(finding.mendable for finding in findings):
        with arguments.working("Rebuilding"):
            saved, wrong = repair(project)
        click.echo(f"  mended  {count(wrong, 'assignment')} rebuilt from the ledger; as it was: {saved}")
        findings = examine(project)
    elif mend:
        click.echo("  nothing that could be rebuilt")
    for finding in findings[:_SHOWN]:
        remedy = f" ({finding.remedy})" if finding.remedy else ""
        click.echo(f"  {_MARKS[finding.state]} {finding.line}{remedy}")
    if len(findings) > _SHOWN:
        click.echo(f"  …and {len(findings) - _SHOWN} more")
    bad = [finding for finding in findings if finding.state == "broken"]
    if bad:
        remedy = bad[0].remedy if not bad[0].mendable else "nutgraf doctor --repair"
        raise StoreRefused(
            f"{count(len(bad), 'thing')} {'is' if len(bad) == 1 else 'are'} broken: {bad[0].line}",
            where=project.folder,
            remedy=remedy,
        )


def _check_installed() -> list[str]:
    """Print what is installed and carried along; return what is broken."""
    click.echo(f"nutgraf {__version__} on Python {platform.python_version()}, {platform.system()} {platform.machine()}")
    needed, extras = _requirements()
    broken = [line for line in _check_carried() if line]
    click.echo("\nNeeded")
    for requirement in needed:
        version = _version(requirement.name)
        wanted = "" if _is_met(requirement) else f" (nutgraf needs {requirement.specifier})"
        click.echo(f"  {'MISSING' if wanted else 'ok     '} {requirement.name} {version or ''}".rstrip() + wanted)
        if wanted:
            broken.append(f"{requirement.name} is {f'too old ({version})' if version else 'missing'}")
    click.echo("\nOptional")
    for extra, requirements in extras.items():
        missing = [str(requirement.name) for requirement in requirements if not _is_met(requirement)]
        state = "ok     " if not missing else "missing"
        remedy = f" (lacks {', '.join(missing)}; pip install 'nutgraf[{extra}]')" if missing else ""
        click.echo(f"  {state} {extra}{remedy}")
    click.echo("\nCarried along")
    for part in ("data/codebook.toml", "data/gold/labels.jsonl", "seeds"):
        here = carried(*part.split("/")).exists()
        click.echo(f"  {'ok     ' if here else 'MISSING'} {part}")
        if not here:
            broken.append(f"{part} is missing")
    corpora = os.environ.get("NUTGRAF_CORPORA")
    click.echo("\nSettings")
    click.echo(f"  NUTGRAF_CORPORA {_state_of(corpora)}")
    for line in broken:
        click.echo(f"\nBROKEN: {line}")
    return broken


def _requirements() -> tuple[list[Requirement], dict[str, list[Requirement]]]:
    """Return the distributions nutgraf needs on this machine, and those of each extra."""
    found = metadata.metadata("nutgraf")
    requirements = [Requirement(line) for line in found.get_all("Requires-Dist") or []]
    needed = [requirement for requirement in requirements if _applies(requirement, extra="")]
    extras = {
        extra: [each for each in requirements if each not in needed and _applies(each, extra=extra)]
        for extra in found.get_all("Provides-Extra") or []
    }
    return needed, extras


def _applies(requirement: Requirement, *, extra: str) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": extra})


def _is_met(requirement: Requirement) -> bool:
    version = _version(requirement.name)
    return version is not None and requirement.specifier.contains(version, prereleases=True)


def _version(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def _check_carried() -> list[str]:
    try:
        read_codebook()
    except NutgrafError as error:
        return [str(error)]
    return []


def _state_of(corpora: str | None) -> str:
    if not corpora:
        return "not set (only benchmarks and the demo's full evaluation use it)"
    return corpora if Path(corpora).is_dir() else f"{corpora} (NO SUCH FOLDER)"
