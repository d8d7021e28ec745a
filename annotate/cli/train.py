"""``nutgraf train``."""

from __future__ import annotations

import time

import click

from annotate.classify.model import train
from annotate.cli import arguments
from annotate.cli.recipe import option as recipe_option
from annotate.codebook import read_codebook
from annotate.exchange.labelled import read_labelled
from annotate.outputs import refuse_folder


@click.command("train")
@arguments.labels
@arguments.out("Folder to write the model to.", required=True)
@recipe_option
@click.option("--name", help="What predictions call the model; else the recipe's name.")
@arguments.codebook
def command(
    labels: str,
    texts: tuple[str, ...],
    coder: str | None,
    out: str,
    *,
    force: bool,
    recipe: str,
    name: str | None,
    codebook_path: str | None,
) -> None:
    """Train a classifier on labelled sentences.

    LABELS is a table of sentences with a column `label` (empty where unlabelled), as `nutgraf export` and doccano write
    it, or stand-off labels with `--text`. The model is a folder of data; it holds no sentence and can't run anything.

    \b
    Examples
      nutgraf train labelled.jsonl -o framing-model
      nutgraf train data/gold/labels.jsonl --text seeds/ --coder coder-a -o framing-model
    """
    refuse_folder(out, force=force)
    began = time.perf_counter()
    data = read_labelled(labels, read_codebook(codebook_path), texts=texts, coder=coder, on_note=arguments.tell)
    model = train(data, recipe=recipe, name=name)
    model.save(out, force=force)
    on = model.manifest.trained_on
    counts = ", ".join(f"{n} {label}" for label, n in on.label_counts.items() if n)
    arguments.tell(
        f"trained {model.id} on {on.units} units of {on.articles} articles ({counts}; labelled by {on.coder})"
        f" in {time.perf_counter() - began:.1f} s; it is in {out}"
    )
    arguments.tell("how good is it? ask `nutgraf evaluate` with the same labels before you use it")
