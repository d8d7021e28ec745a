"""``nutgraf gold``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import click

from annotate.agreement import certify, from_gold
from annotate.agreement.certificate import PairAgreement
from annotate.cli import arguments
from annotate.codebook import SKIP, read_codebook
from annotate.counts import count
from annotate.errors import InputError
from annotate.gold.documents import Document, read_documents
from annotate.gold.labels import read_gold
from annotate.gold.rebuild import Outcome, rebuild
from annotate.gold.sources import GITHUB, GitHub, LocalCopies, Seeds, Shelf
from annotate.gold.summary import Tally, check_completeness, tallies

_STATES = {
    "made": "rebuilt",
    "found": "as text",
    "kept": "there already",
    "changed": "changed",
    "missing": "missing",
}
_FEW = 100  # replicates: the interval is not shown
_NAMED = 5  # documents that an error names


@click.command("gold")
@click.option("--text", "folder", metavar="DIR", help="Rebuild the text from local copies of the public sources.")
@click.option("--download", is_flag=True, help="Fetch from GitHub what is not there (375 files, 48 MB).")
@click.option("--check", is_flag=True, help="Check the labels and print what they hold (the default).")
@arguments.out("Folder for the texts.", default="gold-text")
@click.option(
    "--base-url", default=GITHUB, show_default=True, metavar="URL", help="Where --download gets OWNER/NAME/COMMIT/PATH."
)
def command(*, folder: str | None, download: bool, check: bool, out: str, force: bool, base_url: str) -> None:
    """Rebuild and check the text of the released gold labels.

    The labels come with nutgraf, the articles do not: they belong to their publishers. DIR may hold clones of the
    public repositories that data/README.md names, parts of them, or finished texts, in any arrangement. Each text is
    written as OUT/DOCUMENT.txt only if its SHA-256 is that of the text that was labelled. A run that was stopped goes
    on where it was.

    \b
    Examples
      nutgraf gold
      nutgraf gold --download
      nutgraf gold --text ~/clones --out gold-text
      nutgraf evaluate data/gold/labels.jsonl --text gold-text --coder coder-a
    """
    rebuilding = download or folder is not None
    if check and rebuilding:
        raise click.UsageError("--check stands alone: it looks at the labels, not at the text.")
    if not base_url.startswith(("https://", "http://")):
        raise click.BadParameter("is no http(s) address", param_hint="--base-url")
    documents = read_documents()
    if not rebuilding:
        _check(documents)
        return
    shelves: list[Shelf] = [Seeds()]
    if folder is not None:
        shelves.append(LocalCopies(folder, documents.values()))
    if download:
        shelves.append(GitHub(base_url))
    table = list(documents.values())
    outcomes = rebuild(table, shelves, out, force=force)
    _report(list(arguments.progress(outcomes, label="Gold texts", length=len(table))), out)


def _report(outcomes: Sequence[Outcome], out: str) -> None:
    """Print what became of the texts, by source.

    Raises
    ------
    InputError
        If any was not the text that was labelled.
    """
    _print_table(
        ("source", "documents", *_STATES.values()),
        [
            (source, len(states), *(states.count(state) for state in _STATES))
            for source, states in _by_source(outcomes).items()
        ],
    )
    missing = [outcome.document.document for outcome in outcomes if outcome.state == "missing"]
    if missing:
        arguments.tell(f"missing: {len(missing)} ({_some(missing)}); --download fetches what is missing")
    changed = [outcome.document.document for outcome in outcomes if outcome.state == "changed"]
    if changed:
        raise InputError(
            f"not the text that was labelled, and not written: {len(changed)} ({_some(changed)})",
            remedy="take their sources at the commits that data/README.md names",
        )
    arguments.tell(f"verified: {len(outcomes) - len(missing)}, in {out}")


def _by_source(outcomes: Iterable[Outcome]) -> dict[str, list[str]]:
    states: dict[str, list[str]] = {}
    for outcome in outcomes:
        states.setdefault(outcome.document.source, []).append(outcome.state)
    return dict(sorted(states.items()))


def _check(documents: dict[str, Document]) -> None:
    codebook = read_codebook()
    gold = read_gold(codebook=codebook, lengths={name: document.characters for name, document in documents.items()})
    check_completeness(gold, documents)
    keys = (*codebook.keys, SKIP)
    for coder, group in _by_coder(tallies(gold, documents)).items():
        click.echo(f"Labels of {coder}")
        rows: list[tuple[str | int, ...]] = [
            (tally.source, tally.documents, tally.units, *(tally.labels.get(key, 0) for key in keys)) for tally in group
        ]
        _print_table(("source", "documents", "units", *keys), rows)
        click.echo()
    for pair in certify(from_gold(gold, codebook.keys), bootstraps=_FEW).by_pair:
        click.echo(_in_words(pair))
    click.echo(
        "The coders are language models of one family that followed the codebook: they may agree far more\n"
        "often than people would, and their agreement says nothing of human reliability."
    )


def _by_coder(counted: Iterable[Tally]) -> dict[str, list[Tally]]:
    groups: dict[str, list[Tally]] = {}
    for tally in counted:
        groups.setdefault(tally.coder, []).append(tally)
    return groups


def _in_words(pair: PairAgreement) -> str:
    kappa = "undefined" if pair.cohen.estimate is None else f"{pair.cohen.estimate:.3f}"
    return (
        f"{' and '.join(pair.coders)} give {pair.percent.estimate:.1%} of {count(pair.units, 'unit')}"
        f" of {count(pair.articles, 'document')} the same label (kappa {kappa})."
    )


def _print_table(header: Sequence[str], rows: Sequence[tuple[str | int, ...]]) -> None:
    """Print rows under their header, with a row of sums where there are several."""
    lines: list[tuple[str | int, ...]] = [tuple(header), *rows]
    if len(rows) > 1:
        sums: Counter[int] = Counter()
        for row in rows:
            sums.update({column: int(value) for column, value in enumerate(row) if column})
        lines.append(("total", *(sums[column] for column in range(1, len(header)))))
    cells = [[f"{value:,}" if isinstance(value, int) else value for value in line] for line in lines]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for first, *others in cells:
        right = (cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))
        click.echo("  ".join((first.ljust(widths[0]), *right)))


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
