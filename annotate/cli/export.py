"""``nutgraf export``."""

from __future__ import annotations

from typing import Any

import click

from annotate.cli import arguments
from annotate.codebook import read_codebook
from annotate.errors import InputError
from annotate.exchange.doccano import write_doccano
from annotate.exchange.hf import write_datasets
from annotate.exchange.sentences import COLUMNS, read_sentences
from annotate.outputs import STDOUT
from annotate.tables import extension, write_table


@click.command("export")
@arguments.sources
@click.option(
    "--to",
    "target",
    required=True,
    type=click.Choice(["doccano", "csv", "jsonl", "datasets"]),
    help="For whom to write.",
)
@arguments.out("File (csv, jsonl) or folder (doccano, datasets) to write.", required=True)
@click.option(
    "--test-share",
    type=click.FloatRange(0, 1, max_open=True),
    default=0.0,
    help="datasets: share of articles in a split `test`.",
)
@arguments.seed("datasets: of the choice of test articles.")
@arguments.codebook
@arguments.reading
def command(
    sources: tuple[str, ...],
    target: str,
    out: str,
    *,
    force: bool,
    test_share: float,
    seed: int,
    codebook_path: str | None,
    **reading: Any,
) -> None:
    """Write sentences for annotation or for other tools.

    \b
    doccano   units-0001.jsonl … (at most 1,000 rows each), labels.json and guidelines.md to import
    datasets  a folder of Parquet that Hugging Face `load_dataset` reads offline
    csv       a table that spreadsheets open, formulas disarmed
    jsonl     the rows of `nutgraf split`

    \b
    Examples
      nutgraf export seeds/*.txt --to doccano -o for-doccano
      nutgraf export pages/ --to datasets --test-share 0.2 -o framing-dataset
    """
    arguments.refuse_inside(out, sources)
    codebook = read_codebook(codebook_path)
    sentences = read_sentences(sources, on_note=arguments.tell, on_bad_row=arguments.tell, **reading)
    if target == "doccano":
        n = write_doccano(out, sentences, codebook, force=force)
    elif target == "datasets":
        n = write_datasets(out, list(sentences), codebook, test_share=test_share, seed=seed, force=force)
    else:
        if out != STDOUT and extension(out) != f".{target}":
            raise InputError(f"--to {target} writes .{target} files", where=out, remedy=f"end the name in .{target}")
        n = write_table(out, sentences, COLUMNS, force=force)
    arguments.tell(f"{n} sentences in {out}")
