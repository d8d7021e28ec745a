"""``nutgraf predict``."""

from __future__ import annotations

from typing import Any

import click

from annotate.classify.model import load_model
from annotate.cli import arguments
from annotate.codebook import read_codebook
from annotate.counts import count
from annotate.exchange.sentences import COLUMNS, read_sentences
from annotate.outputs import STDOUT, refuse_existing
from annotate.tables import extension, write_table
from annotate.types import Sentence


@click.command("predict")
@click.argument("sources", nargs=-1, metavar="[FILE…]")
@click.option("-C", "project", metavar="DIR", help="The sentences of a project instead of files.")
@click.option(
    "-m", "--model", "folder", metavar="DIR", help="Folder that `nutgraf train` wrote, or accurate; else default."
)
@arguments.out("Table to write: .jsonl, .csv, .xlsx or .parquet; else JSON lines on standard output.", default=STDOUT)
@arguments.codebook
@arguments.splitting
def command(
    sources: tuple[str, ...],
    project: str | None,
    folder: str | None,
    out: str,
    *,
    force: bool,
    codebook_path: str | None,
    **reading: Any,
) -> None:
    """Label the sentences of new articles.

    Sources are articles, or sentences as `nutgraf split` writes them. Each row gets a label and a probability for every
    label, which sum to 1. The model that nutgraf comes with knows its four labels and English news; read its card
    (models/default/README.md) before you quote a figure.

    \b
    Examples
      nutgraf predict story.txt
      nutgraf predict story.txt -m framing-model
      nutgraf split pages/ | nutgraf predict - -m framing-model -o labelled.csv
    """
    if (project is None) == (not sources):
        raise click.UsageError("Name files, or a project with -C.")
    extension(out)
    refuse_existing(out, force=force)
    arguments.refuse_inside(out, sources)
    wanted = read_codebook(codebook_path).fingerprint if codebook_path else None
    model = load_model(arguments.model_folder(folder), codebook=wanted)
    if project is None:
        sentences = list(read_sentences(sources, on_note=arguments.tell, on_bad_row=arguments.tell, **reading))
    else:
        sentences = _of_project(project)
    predictions = arguments.progress(model.predict(sentences), label="Predicting", length=len(sentences))
    n = write_table(out, predictions, (*COLUMNS, "label", "probabilities", "model"), force=force)
    if out != STDOUT:
        arguments.tell(f"{count(n, 'sentence')} labelled by {model.id} in {out}")


def _of_project(folder: str) -> list[Sentence]:
    from annotate.project import open_project  # noqa: PLC0415 - a project is an optional part

    with open_project(folder).store() as store:
        return [unit.sentence for page in store.pages() for unit in page.units]
