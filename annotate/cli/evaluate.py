"""``nutgraf evaluate``."""

from __future__ import annotations

from pathlib import Path

import click

from annotate.classify.evaluate import evaluate
from annotate.classify.recipes import DEFAULT, RECIPES
from annotate.cli import arguments
from annotate.codebook import read_codebook
from annotate.errors import InputError
from annotate.exchange.labelled import read_labelled
from annotate.outputs import STDOUT, new_file, refuse_existing
from annotate.report.evaluation import FORMATS, render


@click.command("evaluate")
@arguments.labels
@arguments.out("Report to write: .html, .md or .json; else Markdown on standard output.", default=STDOUT)
@click.option(
    "--recipe",
    type=click.Choice(list(RECIPES)),
    default=DEFAULT,
    show_default=True,
    help="How to build the classifier.",
)
@click.option(
    "--folds",
    type=click.IntRange(0),
    default=5,
    show_default=True,
    help="Folds by article; 0 leaves one article out at a time.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of the folds and the bootstrap.")
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
    seed: int,
    codebook_path: str | None,
) -> None:
    """Cross-validate a classifier: measure how well it labels articles it never saw.

    No article stands on both sides of a split. Scores come with 95 % intervals from a bootstrap over articles, and with
    two baselines on the same folds. What can't be estimated honestly is refused.

    \b
    Examples
      nutgraf evaluate labelled.jsonl
      nutgraf evaluate data/gold/labels.jsonl --text gold-text/ --coder coder-a -o scores.html
    """
    suffix = ".md" if out == STDOUT else Path(out).suffix.lower()
    if suffix not in FORMATS:
        raise InputError(
            f"no report format for {suffix or 'a name without extension'}",
            where=out,
            remedy=f"use {', '.join(FORMATS)}",
        )
    refuse_existing(out, force=force)
    codebook = read_codebook(codebook_path)
    data = read_labelled(labels, codebook, texts=texts, coder=coder, on_note=arguments.tell)
    with arguments.Bar("Folds", folds or len(set(data.groups))) as done:
        evaluation, _ = evaluate(data, recipe=recipe, folds=folds, seed=seed, progress=done)
    with new_file(out, force=force) as stream:
        stream.write(render(evaluation, codebook, suffix).encode())
    if out != STDOUT:
        arguments.tell(f"macro-F1 {evaluation.scores.macro_f1}; the report is in {out}")
    for caution in evaluation.cautions:
        arguments.tell(f"CAUTION: {caution}")
