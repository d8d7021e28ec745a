"""``nutgraf inspect``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import click
import msgspec

from annotate.classify.crossfit import cross_fit
from annotate.classify.inspect import Disagreement, confident_errors, likely_wrong_labels
from annotate.classify.splits import by_article, refuse_untrainable
from annotate.classify.why import Why, explain_errors
from annotate.cli import arguments, learning
from annotate.cli.explain import because
from annotate.counts import count
from annotate.outputs import refuse_existing
from annotate.tables import extension, write_table

# What a coder who codes a unit again may see: nothing of the label that is in doubt; the column for it is empty.
_BLIND = ("article", "index", "paragraph", "start", "end", "text", "before", "after", "label")


@click.command("inspect")
@learning.task
@arguments.out("Table of units to code again, blind: .jsonl, .csv, .xlsx or .parquet.")
@click.option("--most", type=click.IntRange(1), default=10, show_default=True, help="Errors and labels to show.")
@click.option("--why", is_flag=True, help="Also say why the errors were made, by what the model would say without.")
@learning.folds
def command(task: learning.Task, out: str | None, *, force: bool, most: int, why: bool, folds: int, seed: int) -> None:
    """Show where classifier and labels disagree, and which labels are likely to be wrong.

    Every prediction is by a model that saw nothing of the article. With `--out`, the units whose label is in doubt are
    written without it, the likeliest first, to be coded again, blind: in a spreadsheet, or in a project's round
    (`nutgraf sample doubts --units code-again.csv`).

    \b
    Examples
      nutgraf inspect labelled.jsonl -o code-again.csv
      nutgraf inspect labelled.jsonl --why --most 3
    """
    if out is not None:
        extension(out)
        refuse_existing(out, force=force)
    data = task.read()
    split = by_article(data, folds, seed=seed)
    refuse_untrainable(data, split)
    look = partial(explain_errors, most) if why else None
    with arguments.Bar("Folds", len(split.folds)) as done:
        out_of_fold = cross_fit(data, task.recipe, split, look=look, progress=done)
    errors = confident_errors(data, out_of_fold, most=most)
    wrong = int((out_of_fold.predicted != data.y).sum())
    suspects = likely_wrong_labels(data, out_of_fold)
    click.echo(f"# The most confident of {count(wrong, 'error')} in {count(len(data.y), 'sentence')}\n")
    reasons = {(one.article, one.start): one for seen in out_of_fold.seen for one in seen} if why else {}
    _show(errors, reasons)
    click.echo(f"# The likeliest of {count(len(suspects), 'label')} that may be wrong\n")
    _show(suspects[:most], {})
    if out is not None:
        rows = [msgspec.to_builtins(row) | {"label": None} for row in suspects]
        rows = [{name: row[name] for name in _BLIND} for row in rows]
        n = write_table(out, rows, _BLIND, force=force)
        arguments.tell(f"{count(n, 'unit')} to code again in {out}, without labels")


def _show(rows: Sequence[Disagreement], reasons: Mapping[tuple[str, int], Why]) -> None:
    for row in rows:
        click.echo(f"{row.article}, sentence {row.index}: {row.given} was given ({row.given_probability:.2f}),")
        click.echo(f"  {row.predicted} predicted ({row.probability:.2f})")
        click.echo(f"    … {row.before}" if row.before else "    (the page begins)")
        click.echo(f"  > {row.text}")
        click.echo(f"    {row.after} …" if row.after else "    (the page ends)")
        if (row.article, row.start) in reasons:
            for line in because(reasons[row.article, row.start]):
                click.echo(line)
        click.echo()
