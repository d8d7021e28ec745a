"""``nutgraf split``."""

from __future__ import annotations

from typing import Any

import click

from annotate.cli import arguments
from annotate.counts import count
from annotate.exchange.sentences import COLUMNS, read_sentences
from annotate.outputs import STDOUT
from annotate.tables import write_table


@click.command("split")
@arguments.sources
@arguments.out("Table to write: .jsonl, .csv, .xlsx or .parquet; else JSON lines on standard output.", default=STDOUT)
@arguments.splitting
def command(sources: tuple[str, ...], out: str, *, force: bool, **reading: Any) -> None:
    """Split articles into sentences with exact offsets.

    A row a sentence, in page order. `start` and `end` count code points into the file's text.

    \b
    Examples
      nutgraf split seeds/*.txt
      nutgraf split pages/ -o sentences.csv
      cat story.txt | nutgraf split - | head
    """
    arguments.refuse_inside(out, sources)
    bad: list[str] = []

    def report(line: str) -> None:
        bad.append(line)
        arguments.tell(line)

    sentences = read_sentences(sources, on_note=arguments.tell, on_bad_row=report, **reading)
    n = write_table(out, arguments.progress(sentences, label="Splitting"), COLUMNS, force=force)
    if out != STDOUT or bad:
        left_out = f"; {count(len(bad), 'row')} left out" if bad else ""
        arguments.tell(f"{count(n, 'sentence')}{f' in {out}' if out != STDOUT else ''}{left_out}")
