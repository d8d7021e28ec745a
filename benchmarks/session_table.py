"""Tools side by side: what each measured, a row a measure."""

from __future__ import annotations


def table(found):
    """Lay out ``{tool: {row: value}}`` as Markdown, rows in the order in which they first come."""
    names = list(dict.fromkeys(row for rows in found.values() for row in rows))
    lines = [["", *found], *([name, *(rows.get(name, "") for rows in found.values())] for name in names)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    )
