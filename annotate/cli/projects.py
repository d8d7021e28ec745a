"""What the verbs on a project share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def folder(function: F) -> F:
    """Add ``-C``, which names the project's folder."""
    return click.option(
        "-C", "folder", default=".", show_default="the current folder", metavar="DIR", help="The project's folder."
    )(function)


def print_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows under their header; numbers stand to the right."""
    cells = [[_cell(value) for value in row] for row in rows]
    widths = [max(len(row[column]) for row in [list(header), *cells]) for column in range(len(header))]
    numeric = [all(_is_number(row[column]) for row in cells) for column in range(len(header))]
    for row in [list(header), *cells]:
        parts = (
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, numeric, strict=True)
        )
        click.echo("  ".join(parts).rstrip())


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) else str(value)


def _is_number(cell: str) -> bool:
    return cell.replace(",", "").replace(".", "").isdigit()
