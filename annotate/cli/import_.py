"""``nutgraf import``."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import click

from annotate.cli import arguments
from annotate.codebook import read_codebook
from annotate.counts import count
from annotate.errors import NoSuchFile
from annotate.exchange.annotations import Placed, read_annotations, texts_of
from annotate.exchange.formats import FORMATS, Job, guess, write
from annotate.tables import extension
from annotate.types import Codebook

_TABLES = {".jsonl": "jsonl", ".csv": "csv", ".xlsx": "excel", ".parquet": "parquet"}


@click.command("import")
@click.argument("sources", nargs=-1, required=True, metavar="FILE…")
@click.option("--from", "form", type=click.Choice(list(FORMATS)), help="Its format; else it is looked at.")
@click.option("-C", "folder", metavar="DIR", help="The project's folder; else the current one.")
@click.option("--round", "name", metavar="NAME", help="What to call the round that the judgments come in as.")
@arguments.out("Instead of a project, a table to write: .jsonl, .csv, .xlsx or .parquet.")
@click.option("--coder", metavar="KEY", help="Who judged what names no coder.")
@click.option(
    "--rename", "renamed", multiple=True, metavar="THEIRS=OURS", help="What a label of theirs is called here."
)
@click.option("--text", "paths", multiple=True, metavar="PATH", help="The articles, to search for sentences in.")
@click.option("--dry-run", is_flag=True, help="Read and check, and say what would be done.")
@arguments.codebook
def command(
    sources: tuple[str, ...],
    form: str | None,
    folder: str | None,
    name: str | None,
    out: str | None,
    *,
    force: bool,
    coder: str | None,
    renamed: tuple[str, ...],
    paths: tuple[str, ...],
    dry_run: bool,
    codebook_path: str | None,
) -> None:
    """Bring judgments made elsewhere into a project, or into a table.

    They come in as a round of purpose `import`, all or none of them; importing a file again brings nothing twice.
    What does not match its text is refused with file, line and both texts. A table without offsets will do: sentences
    are searched for in their articles. Such judgments train a classifier and carry no figure, for nobody knows with
    which probability they were drawn.

    \b
    Examples
      nutgraf import ana.jsonl ben.jsonl -C floods
      nutgraf import export.json --from label-studio -C floods --round studio --coder ana
      nutgraf import judged.xlsx --text articles/ --rename opinion=editorial_framing -o labelled.jsonl
    """
    names = dict(pair.split("=", 1) for pair in renamed if "=" in pair)
    if len(names) < len(renamed):
        raise click.UsageError("--rename takes THEIRS=OURS, each label of theirs once.")
    foreign = _Foreign(sources, form, coder, names)
    if out is not None and (folder is not None or name is not None):
        raise click.UsageError("-o writes a table, -C and --round speak of a project: give one.")
    if out is not None:
        extension(out)
        codebook = read_codebook(codebook_path)
        found = foreign.read(codebook, texts_of(paths))
        if not dry_run:
            write(_TABLES[extension(out)], Job(out, [one for _, one in found], codebook, force=force))
        arguments.tell(f"{count(len(found), 'sentence')} in {out}{' (not written)' if dry_run else ''}")
        return
    if codebook_path is not None:
        raise click.UsageError("A project has its own codebook.")
    _into_project(foreign, folder or ".", name, texts_of(paths), dry_run=dry_run)


class _Foreign(NamedTuple):
    """Files of judgments made elsewhere, and how to read them."""

    sources: Sequence[str]
    form: str | None
    coder: str | None
    renamed: Mapping[str, str]

    def read(self, codebook: Codebook, texts: Mapping[str, str]) -> list[Placed]:
        """Read all of them."""
        found: list[Placed] = []
        for source in self.sources:
            if not Path(source).exists():
                raise NoSuchFile("does not exist", where=source, remedy="check the name")
            form = self.form or guess(source)
            found += read_annotations(source, form, codebook, texts=texts, coder=self.coder, renamed=self.renamed)
        return found

    @property
    def names(self) -> str:
        """Return what the files are called."""
        return ", ".join(Path(source).name for source in self.sources)


def _into_project(
    foreign: _Foreign, folder: str, name: str | None, more_texts: Mapping[str, str], *, dry_run: bool
) -> None:
    from annotate.exchange.projects import bring_in, foreign_codebooks  # noqa: PLC0415 - a project is an optional part
    from annotate.project import open_project  # noqa: PLC0415

    with open_project(folder).store() as store:
        texts = {article.id: article.text for article in store.articles()} | dict(more_texts)
        found = foreign.read(store.codebook(), texts)
        for fingerprint, n in foreign_codebooks(store, found).items():
            arguments.tell(f"CAUTION: {count(n, 'judgment')} made under another codebook ({fingerprint[:12]})")
        sha256 = _digest(foreign.sources)
        brought = bring_in(store, found, source=foreign.names, sha256=sha256, name=name, dry_run=dry_run)
    if brought.new == 0:
        click.echo(f"nothing new; there already: {count(brought.known, 'judgment')}")
        return
    known = f"; there already: {brought.known:,}" if brought.known else ""
    round_ = f" in the round {brought.round.name!r}" if brought.round is not None else " would be brought in"
    click.echo(f"{count(brought.new, 'judgment')}{round_}{known}")
    for key in brought.coders:
        arguments.tell(f"{key} is a new coder")


def _digest(sources: Sequence[str]) -> str:
    """Return the SHA-256 of files, and of all files in folders, in the order of their names."""
    total = hashlib.sha256()
    for source in sources:
        path = Path(source)
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()
