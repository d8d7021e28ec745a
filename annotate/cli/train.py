"""``nutgraf train``."""

from __future__ import annotations

import time

import click

from annotate.classify.model import train
from annotate.cli import arguments, learning
from annotate.counts import count
from annotate.outputs import refuse_folder


@click.command("train")
@learning.task
@arguments.out("Folder to write the model to.", required=True)
@click.option("--name", help="What predictions call the model; else the recipe's name.")
def command(task: learning.Task, out: str, *, force: bool, name: str | None) -> None:
    """Train a classifier on labelled sentences.

    LABELS is a table of sentences with a column `label` (empty where unlabelled), as `nutgraf export` and doccano write
    it, or stand-off labels with `--text`. The model is a folder of data; it holds no sentence and can't run anything.

    \b
    Examples
      nutgraf train labelled.jsonl -o framing-model
      nutgraf train -C floods -o framing-model
      nutgraf train data/gold/labels.jsonl --text seeds/ --coder coder-a -o framing-model
    """
    refuse_folder(out, force=force)
    began = time.perf_counter()
    model = train(task.read(), recipe=task.recipe, name=name)
    model.save(out, force=force)
    on = model.manifest.trained_on
    counts = ", ".join(f"{n} {label}" for label, n in on.label_counts.items() if n)
    arguments.tell(
        f"trained {model.id} on {count(on.units, 'unit')} of {count(on.articles, 'article')}"
        f" ({counts}; labelled by {on.coder}) in {time.perf_counter() - began:.1f} s; it is in {out}"
    )
    arguments.tell("how good is it? ask `nutgraf evaluate` with the same labels before you use it")
