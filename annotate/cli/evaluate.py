"""``nutgraf evaluate``."""

from __future__ import annotations

from pathlib import Path

import click

from annotate.classify.evaluate import evaluate, with_ceiling, with_random_split, with_rival
from annotate.classify.labelled import Labelled
from annotate.classify.recipes import RECIPES
from annotate.classify.splits import Split, by_article, forward_in_time, leave_one_out
from annotate.cli import arguments
from annotate.cli.recipe import option as recipe_option
from annotate.codebook import read_codebook
from annotate.errors import InputError
from annotate.exchange.labelled import read_labelled
from annotate.files import STDIN
from annotate.outputs import STDOUT, new_file, refuse_existing
from annotate.report.evaluation import FORMATS, render


@click.command("evaluate")
@arguments.labels
@arguments.out("Report to write: .html, .md or .json; else Markdown on standard output.", default=STDOUT)
@recipe_option
@click.option(
    "--folds",
    type=click.IntRange(0),
    default=5,
    show_default=True,
    help="Folds by article; 0 leaves one article out at a time.",
)
@click.option("--leave-out", metavar="COLUMN", help="Leave out one value of a column at a time, such as outlet.")
@click.option(
    "--forward", metavar="COLUMN", help="Train on earlier articles, test on later ones, by a column of dates."
)
@click.option("--against", type=click.Choice(list(RECIPES)), help="Another recipe on the same folds.")
@click.option("--ceiling", metavar="CODER", help="How well another coder predicts the coder, on the same units.")
@click.option("--random-split", is_flag=True, help="Also show what a split that lets articles leak would have said.")
@arguments.seed("Of the folds and the bootstrap.")
@arguments.codebook
def command(
    labels: str,
    texts: tuple[str, ...],
    coder: str | None,
    out: str,
    *,
    force: bool,
    recipe: str,
    folds: int,
    leave_out: str | None,
    forward: str | None,
    against: str | None,
    ceiling: str | None,
    random_split: bool,
    seed: int,
    codebook_path: str | None,
) -> None:
    """Cross-validate a classifier: measure how well it labels articles it never saw.

    No article stands on both sides of a split. Scores come with 95 % intervals from a bootstrap over articles, and with
    two baselines on the same folds. What can't be estimated honestly is refused.

    \b
    Examples
      nutgraf evaluate labelled.jsonl
      nutgraf evaluate labelled.csv --leave-out outlet -o scores.html
      nutgraf evaluate data/gold/labels.jsonl --text gold-text/ --coder coder-a --ceiling coder-b
    """
    if ceiling is not None and labels == STDIN:
        raise click.UsageError("--ceiling reads the labels twice: name a file instead of -.")
    if against == recipe:
        raise click.UsageError("--against needs another recipe than --recipe.")
    suffix = _report_format(out)
    refuse_existing(out, force=force)
    codebook = read_codebook(codebook_path)
    data = read_labelled(labels, codebook, texts=texts, coder=coder, on_note=arguments.tell)
    split = _split(data, folds=folds, leave_out=leave_out, forward=forward, seed=seed)
    with arguments.Bar("Folds", len(split.folds)) as done:
        evaluation, out_of_fold = evaluate(data, recipe=recipe, split=split, seed=seed, progress=done)
    if ceiling is not None:
        other = read_labelled(labels, codebook, texts=texts, coder=ceiling)
        evaluation = with_ceiling(evaluation, out_of_fold, data, split, other, seed=seed)
    if against is not None:
        with arguments.Bar(f"Folds of {against}", len(split.folds)) as done:
            evaluation = with_rival(evaluation, out_of_fold, data, split, against, seed=seed, progress=done)
    if random_split:
        with arguments.Bar("Folds at random", folds or 5) as done:
            evaluation = with_random_split(evaluation, data, folds=folds or 5, seed=seed, progress=done)
    with new_file(out, force=force) as stream:
        stream.write(render(evaluation, codebook, suffix).encode())
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
