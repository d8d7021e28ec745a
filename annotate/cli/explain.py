"""``nutgraf explain``."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
import numpy as np

from annotate.classify.model import load_model
from annotate.classify.units import sample
from annotate.classify.why import Piece, Why, explain
from annotate.cli import arguments
from annotate.counts import count
from annotate.errors import InputError
from annotate.exchange.sentences import read_sentences
from annotate.outputs import STDOUT, new_file, refuse_existing
from annotate.report import why as report
from annotate.tables import write_table

_FORMATS = (".html", ".jsonl")
_SHOWN, _WORDS_SHOWN = 4, 4
_LITTLE = 0.01


@click.command("explain")
@arguments.sources
@click.option(
    "-m", "--model", "folder", metavar="DIR", help="Folder that `nutgraf train` wrote, or accurate; else default."
)
@click.option(
    "--sentence", "indices", type=click.IntRange(0), multiple=True, metavar="INDEX", help="Which, from 0; else all."
)
@arguments.out("Page or table to write: .html or .jsonl; else text on standard output.", default=STDOUT)
@arguments.splitting
def command(
    sources: tuple[str, ...], folder: str | None, indices: tuple[int, ...], out: str, *, force: bool, **reading: Any
) -> None:
    """Say why sentences got their labels: what the model would say without something it read.

    Words of the sentence are taken away, then what stands around it, then what a careful reader sees in it (who speaks,
    loaded words, its place on the page). What several things say together is lost with any of them: the effects do not
    add up.

    \b
    Examples
      nutgraf explain story.txt --sentence 3
      nutgraf explain story.txt -m framing-model -o why.html
    """
    suffix = Path(out).suffix.lower()
    if out != STDOUT and suffix not in _FORMATS:
        raise InputError(
            f"no format for {suffix or 'a name without extension'}", where=out, remedy="use .html or .jsonl"
        )
    refuse_existing(out, force=force)
    arguments.refuse_inside(out, sources)
    model = load_model(arguments.model_folder(folder))
    units = sample(read_sentences(sources, on_note=arguments.tell, on_bad_row=arguments.tell, **reading))
    wanted = [row for row, unit in enumerate(units) if not indices or unit.sentence.index in indices]
    if not wanted:
        raise InputError(f"no sentence has the index {indices[0]}", remedy=f"there are 0 to {len(units) - 1}")
    found = _explained(model.estimator, units, wanted, model.manifest.labels)
    if out == STDOUT:
        for why in found:
            click.echo(f"{why.article}, sentence {why.index}: {why.text}")
            for line in because(why):
                click.echo(line)
            click.echo()
    elif suffix == ".jsonl":
        write_table(out, found, Why.__struct_fields__, force=force)
    else:
        page = report.render(list(found), model.id)
        with new_file(out, force=force) as stream:
            stream.write(page.encode())
    if out != STDOUT:
        arguments.tell(f"why {model.id} labels {count(len(wanted), 'sentence')} as it does: {out}")


def because(why: Why) -> list[str]:
    """Return what the label hangs on, as lines of text."""
    runner_up, chance = max(
        ((label, p) for label, p in why.probabilities.items() if label != why.label), key=lambda pair: pair[1]
    )
    said = [f"  {why.label} {why.probability:.2f} (then {runner_up} {chance:.2f}), and without"]
    said += [
        f"    {reason.what:<40} {reason.without:.2f}"
        for reason in why.reasons[:_SHOWN]
        if abs(why.probability - reason.without) >= _LITTLE
    ]
    for_it = _strongest(why, sign=1)
    against = _strongest(why, sign=-1)
    said += [f"    {piece.text.strip():<40} {piece.without:.2f}" for piece in (*for_it, *against)]
    return said


def _strongest(why: Why, *, sign: int) -> Iterable[Piece]:
    """Return the words that speak most for the label, or against it."""
    effects = np.array([sign * (why.probability - piece.without) for piece in why.pieces])
    order = np.argsort(-effects, kind="stable")[: _WORDS_SHOWN if sign > 0 else 1]
    return [why.pieces[i] for i in order if effects[i] >= _LITTLE]


def _explained(estimator: Any, units: Any, wanted: list[int], labels: tuple[str, ...]) -> Iterable[Why]:
    """Yield explanations a few at a time, so that progress can be told."""
    rows = arguments.progress(range(0, len(wanted), 4), label="Explaining", length=-(-len(wanted) // 4))
    for start in rows:
        yield from explain(estimator, units[wanted[start : start + 4]], labels, background=units)
