"""``nutgraf inspect``."""

from __future__ import annotations

from collections.abc import Sequence

import click
import msgspec

from annotate.classify.evaluate import evaluate
from annotate.classify.inspect import Disagreement, confident_errors, likely_wrong_labels
from annotate.classify.splits import by_article
from annotate.cli import arguments, learning
from annotate.outputs import refuse_existing
from annotate.tables import extension, write_table

# What a coder who codes a unit again may see: nothing of the label that is in doubt.
_BLIND = ("article", "index", "start", "end", "text", "before", "after")


@click.command("inspect")
@learning.task
@arguments.out("Table of units to code again, blind: .jsonl, .csv or .parquet.")
@click.option("--most", type=click.IntRange(1), default=10, show_default=True, help="Errors and labels to show.")
@learning.folds
def command(task: learning.Task, out: str | None, *, force: bool, most: int, folds: int, seed: int) -> None:
    """Show where classifier and labels disagree, and which labels are likely to be wrong.

    Every prediction is by a model that saw nothing of the article. With `--out`, the units whose label is in doubt are
    written without it, the likeliest first, to be coded again.

    \b
    Example
      nutgraf inspect labelled.jsonl -o code-again.csv
    """
    if out is not None:
        extension(out)
        refuse_existing(out, force=force)
    data = task.read()
    split = by_article(data, folds, seed=seed)
    with arguments.Bar("Folds", len(split.folds)) as done:
        _, out_of_fold = evaluate(data, recipe=task.recipe, split=split, seed=seed, progress=done)
    errors = confident_errors(data, out_of_fold, most=most)
    suspects = likely_wrong_labels(data, out_of_fold)
    click.echo(f"# The most confident of {(out_of_fold.predicted != data.y).sum()} errors in {len(data.y)} sentences\n")
    _show(errors)
    click.echo(f"# The likeliest of {len(suspects)} labels that may be wrong\n")
    _show(suspects[:most])
    if out is not None:
        rows = [{name: value for name, value in msgspec.to_builtins(row).items() if name in _BLIND} for row in suspects]
        n = write_table(out, rows, _BLIND, force=force)
        arguments.tell(f"{n} units to code again in {out}, without their labels")


def _show(rows: Sequence[Disagreement]) -> None:
    for row in rows:
        click.echo(f"{row.article}, sentence {row.index}: {row.given} was given ({row.given_probability:.2f}),")
        click.echo(f"  {row.predicted} predicted ({row.probability:.2f})")
        click.echo(f"    … {row.before}" if row.before else "    (the page begins)")
        click.echo(f"  > {row.text}")
        click.echo(f"    {row.after} …\n" if row.after else "    (the page ends)\n")
