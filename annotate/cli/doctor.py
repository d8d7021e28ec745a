"""``nutgraf doctor``."""

from __future__ import annotations

import os
import platform
import re
from importlib import metadata
from pathlib import Path

import click

from annotate import __version__
from annotate.codebook import read_codebook
from annotate.errors import NutgrafError
from annotate.resources import carried

_NAME = re.compile(r"[A-Za-z0-9._-]+")
_EXTRA = re.compile(r"extra\s*==\s*['\"]([^'\"]+)['\"]")


@click.command("doctor")
def command() -> None:
    """Say what is installed, what is missing and how to get it.

    Exit status 1 if something that nutgraf can't do without is missing or broken.

    \b
    Example
      nutgraf doctor
    """
    click.echo(f"nutgraf {__version__} on Python {platform.python_version()}, {platform.system()} {platform.machine()}")
    needed, extras = _requirements()
    broken = [line for line in _check_carried() if line]
    click.echo("\nNeeded")
    for name in needed:
        version = _version(name)
        click.echo(f"  {'ok     ' if version else 'MISSING'} {name} {version or ''}".rstrip())
        if version is None:
            broken.append(f"{name} is missing; install nutgraf again")
    click.echo("\nOptional")
    for extra, names in extras.items():
        missing = [name for name in names if _version(name) is None]
        state = "ok     " if not missing else "missing"
        remedy = f" (lacks {', '.join(missing)}; pip install 'nutgraf[{extra}]')" if missing else ""
        click.echo(f"  {state} {extra}{remedy}")
    click.echo("\nCarried along")
    for part in ("data/codebook.toml", "data/gold/labels.jsonl", "seeds"):
        here = carried(*part.split("/")).exists()
        click.echo(f"  {'ok     ' if here else 'MISSING'} {part}")
    corpora = os.environ.get("NUTGRAF_CORPORA")
    click.echo("\nSettings")
    click.echo(f"  NUTGRAF_CORPORA {_state_of(corpora)}")
    for line in broken:
        click.echo(f"\nBROKEN: {line}")
    if broken:
        raise NutgrafError(f"{len(broken)} things are broken", remedy="install nutgraf again")


def _requirements() -> tuple[list[str], dict[str, list[str]]]:
    """Return the distributions nutgraf needs, and those of each extra."""
    needed: list[str] = []
    extras: dict[str, list[str]] = {}
    for requirement in metadata.requires("nutgraf") or []:
        name = _NAME.match(requirement)
        assert name is not None
        extra = _EXTRA.search(requirement)
        if extra is None:
            needed.append(name.group())
        else:
            extras.setdefault(extra.group(1), []).append(name.group())
    return needed, extras


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
