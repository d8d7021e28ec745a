"""``nutgraf evaluate``."""

from __future__ import annotations

from pathlib import Path

import click

from annotate.classify.curve import refuse_few_articles
from annotate.classify.curve import steps as curve_steps
from annotate.classify.evaluate import (
    evaluate,
    refuse_unknown_fact,
    with_ceiling,
    with_curve,
    with_random_split,
    with_rival,
    with_slices,
)
from annotate.classify.labelled import Labelled
from annotate.classify.recipes import read_recipe
from annotate.classify.splits import Split, by_article, forward_in_time, leave_one_out
from annotate.cli import arguments, learning
from annotate.errors import InputError
from annotate.files import STDIN
from annotate.outputs import STDOUT, new_file, refuse_existing
from annotate.report.evaluation import FORMATS, render


@click.command("evaluate")
@learning.task
@arguments.out("Report to write: .html, .md or .json; else Markdown on standard output.", default=STDOUT)
@learning.folds
@click.option("--leave-out", metavar="COLUMN", help="Leave out one value of a column at a time, such as outlet.")
@click.option(
    "--forward", metavar="COLUMN", help="Train on earlier articles, test on later ones, by a column of dates."
)
@click.option("--against", multiple=True, metavar="NAME|TOML", help="Another recipe on the same folds; repeatable.")
@click.option("--ceiling", metavar="CODER", help="How well another coder predicts the coder, on the same units.")
@click.option("--by", "column", metavar="COLUMN", help="Scores by a column of the articles; else by outlet if known.")
@click.option("--curve", is_flag=True, help="Also learn from fewer articles, and say what more may bring.")
@click.option("--random-split", is_flag=True, help="Also show what a split that lets articles leak would have said.")
def command(
    task: learning.Task,
    out: str,
    *,
    force: bool,
    folds: int,
    leave_out: str | None,
    forward: str | None,
    against: tuple[str, ...],
    ceiling: str | None,
    column: str | None,
    curve: bool,
    random_split: bool,
    seed: int,
) -> None:
    """Cross-validate a classifier: measure how well it labels articles it never saw.

    No article stands on both sides of a split. Scores come with 95 % intervals from a bootstrap over articles, and with
    two baselines on the same folds. What can't be estimated honestly is refused. Of a project only units drawn at
    random are tested on; those that a model picked, and other people's, train.

    \b
    Examples
      nutgraf evaluate labelled.jsonl
      nutgraf evaluate -C floods -o scores.html
      nutgraf evaluate labelled.csv --leave-out outlet -o scores.html
      nutgraf evaluate labelled.csv --curve --against linear --random-split -o scores.html
      nutgraf evaluate data/gold/labels.jsonl --text gold-text/ --coder coder-a --ceiling coder-b
    """
    if ceiling is not None and task.labels == STDIN:
        raise click.UsageError("--ceiling reads the labels twice: name a file instead of -.")
    rivals = [read_recipe(rival) for rival in against]
    if task.recipe in rivals:
        raise click.UsageError("--against needs another recipe than --recipe.")
    suffix = _report_format(out)
    refuse_existing(out, force=force)
    data = task.read()
    split = task.honest(_split(data, folds=folds, leave_out=leave_out, forward=forward, seed=seed), data)
    # What can't be had is said before hours of work, not after.
    if column is not None:
        refuse_unknown_fact(data, column)
    if curve:
        refuse_few_articles(data, split)
    with arguments.Bar("Folds", len(split.folds)) as done:
        evaluation, out_of_fold = evaluate(data, recipe=task.recipe, split=split, seed=seed, progress=done)
    if ceiling is not None:
        other = task.read_other(ceiling)
        evaluation = with_ceiling(evaluation, out_of_fold, data, split, other, seed=seed)
    if column is not None:
        evaluation = with_slices(evaluation, out_of_fold, data, split, column, seed=seed)
    for rival in rivals:
        with arguments.Bar(f"Folds of {rival.name}", len(split.folds)) as done:
            evaluation = with_rival(evaluation, out_of_fold, data, split, rival, seed=seed, progress=done)
    if curve:
        with arguments.Bar("Learning curve", curve_steps(split)) as done:
            evaluation = with_curve(evaluation, out_of_fold, data, split, task.recipe, seed=seed, progress=done)
    if random_split:
        with arguments.Bar("Folds at random", folds or 5) as done:
            evaluation = with_random_split(evaluation, data, task.recipe, folds=folds or 5, seed=seed, progress=done)
    with new_file(out, force=force) as stream:
        stream.write(render(evaluation, task.codebook, suffix).encode())
    if out != STDOUT:
        arguments.tell(f"macro-F1 {evaluation.scores.macro_f1}; the report is in {out}")
    for caution in evaluation.cautions:
        arguments.tell(f"CAUTION: {caution}")


def _report_format(out: str) -> str:
    suffix = ".md" if out == STDOUT else Path(out).suffix.lower()
    if suffix not in FORMATS:
        raise InputError(
            f"no report format for {suffix or 'a name without extension'}",
            where=out,
            remedy=f"use {', '.join(FORMATS)}",
        )
    return suffix


def _split(data: Labelled, *, folds: int, leave_out: str | None, forward: str | None, seed: int) -> Split:
    if leave_out is not None and forward is not None:
        raise click.UsageError("--leave-out and --forward are two ways to split: choose one.")
    if leave_out is not None:
        return leave_one_out(data, leave_out)
    if forward is not None:
        return forward_in_time(data, forward)
    return by_article(data, folds, seed=seed)
