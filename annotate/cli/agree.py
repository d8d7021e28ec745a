"""``nutgraf agree``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import click
import msgspec

from annotate.adjudication import METHODS, Method, Settlement, settle
from annotate.agreement.bootstrap import BOOTSTRAPS
from annotate.agreement.certificate import WIDTH, certify
from annotate.agreement.coefficients import KINDS, Scale
from annotate.agreement.ratings import Ratings, Unit
from annotate.agreement.reading import read_decisions, read_ratings
from annotate.cli import arguments
from annotate.codebook import read_codebook
from annotate.counts import count
from annotate.errors import FormatError, InputError
from annotate.gold import read_coders, read_documents, refuse_changed
from annotate.gold.documents import DOCUMENTS
from annotate.gold.labels import LABELS
from annotate.outputs import STDOUT, new_file, refuse_existing
from annotate.readers import read_articles
from annotate.report.agreement import FORMATS, as_text, render
from annotate.resources import carried
from annotate.tables import extension, write_table
from annotate.types import Article, Codebook

_NAMED = 5  # units that a message names


@click.command("agree")
@click.argument("labels", required=False, metavar="[LABELS]")
@click.option("-C", "folder", metavar="DIR", help="A project instead of a table.")
@click.option("--round", "rounds", multiple=True, metavar="ROUND", help="Of a project; else all rounds of reliability.")
@click.option(
    "--variable", metavar="NAME", help="Of a project: a variable instead of the label; NAME:VALUE of several."
)
@click.option("--text", "texts", multiple=True, metavar="PATH", help="Articles or folder, to show the disputed units.")
@click.option("--coders", metavar="A,B", help="Compare only these.")
@arguments.out("Report to write: .html, .md, .json or .tex (the methods paragraph).")
@click.option("--scale", type=click.Choice(KINDS), help="How labels differ; else nominal, or as the variable says.")
@click.option("--labels", "chosen", metavar="A,B,…", help="The labels in order, where there is no codebook.")
@click.option("--width", type=float, default=WIDTH, show_default=True, help="Plan for an interval this wide.")
@click.option("--expect", type=float, metavar="ALPHA", help="Plan for this alpha; else for the one observed.")
@click.option("--gold", "gold_path", metavar="PATH", help="Also write one label a unit: .jsonl, .csv or .parquet.")
@click.option("--by", type=click.Choice(METHODS), default="majority", show_default=True, help="How --gold decides.")
@click.option("--decisions", metavar="TABLE", help="What somebody decided where coders differ, for --by adjudicated.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the bootstrap and of mace.")
@click.option(
    "--bootstraps", type=click.IntRange(100, 1_000_000), default=BOOTSTRAPS, show_default=True, help="Replicates."
)
@arguments.codebook
def command(
    *,
    labels: str | None,
    folder: str | None,
    rounds: tuple[str, ...],
    variable: str | None,
    texts: tuple[str, ...],
    coders: str | None,
    out: str | None,
    force: bool,
    scale: str | None,
    chosen: str | None,
    width: float,
    expect: float | None,
    gold_path: str | None,
    by: Method,
    decisions: str | None,
    seed: int,
    bootstraps: int,
    codebook_path: str | None,
) -> None:
    """Say how far coders agree, with intervals: the reliability a reviewer asks for.

    LABELS is a table (.jsonl, .csv, .parquet) with document, start, end, label and coder, a row a judgment, made before
    any discussion; outlet, round and week (or time), where they stand in it, show drift. Without LABELS it is the gold
    labels that come with nutgraf. A file coders.toml beside them, or in the project, says what the coders are. Of a
    project only what was judged before any discussion or adjudication of a unit counts.

    \b
    Examples
      nutgraf agree
      nutgraf agree -C floods -o agreement.html
      nutgraf agree labels.jsonl --text articles/ -o agreement.html
      nutgraf agree labels.jsonl --gold gold.jsonl --by dawid-skene
      nutgraf agree labels.csv --coders ann,ben --labels low,middle,high --scale ordinal -o methods.tex
    """
    if chosen and codebook_path:
        raise click.UsageError("--labels and --codebook both say what the labels are: give one.")
    if decisions and by != "adjudicated":
        raise click.UsageError("--decisions go with --by adjudicated.")
    if folder is None and (rounds or variable):
        raise click.UsageError("--round and --variable go with a project: -C.")
    if folder is not None and (labels or texts or chosen or codebook_path or decisions):
        raise click.UsageError("A project has its own labels, texts, codebook and decisions.")
    suffix = _suffix(out, force=force)
    if gold_path is not None:
        extension(gold_path)
        refuse_existing(gold_path, force=force)
    if folder is not None:
        coded = _of_project(folder, rounds, variable)
    else:
        coded = _of_table(labels, texts, chosen, codebook_path, read_decisions(decisions) if decisions else {})
    ratings = coded.ratings.of(_listed(coders)) if coders else coded.ratings
    certificate = certify(
        ratings,
        kinds=coded.kinds,
        text_of=lambda article, start, end: coded.texts.get((article, start, end)),
        scale=_scale(scale or coded.scale, ratings.labels),
        codebook=coded.codebook,
        seed=seed,
        bootstraps=bootstraps,
        width=width,
        expect=expect,
    )
    if out is not None:
        with new_file(out, force=force) as stream:
            stream.write(render(certificate, suffix, codebook=coded.codebook).encode())
    if out != STDOUT:
        click.echo(as_text(certificate), nl=False)
    for note in coded.notes:
        arguments.tell(note)
    if out not in (None, STDOUT):
        arguments.tell(f"the report is in {out}")
    if gold_path is not None:
        _write_gold(settle(ratings, by, decisions=coded.decisions, seed=seed), gold_path, force=force)


class _Coded(NamedTuple):
    """Judgments with all that a certificate says of them."""

    ratings: Ratings
    codebook: Codebook | None
    scale: str
    kinds: Mapping[str, tuple[str, str]]
    texts: Mapping[Unit, str]
    decisions: Mapping[Unit, tuple[str, str]]
    notes: Sequence[str]


def _of_table(
    labels: str | None,
    texts: Sequence[str],
    chosen: str | None,
    codebook_path: str | None,
    decisions: Mapping[Unit, tuple[str, str]],
) -> _Coded:
    codebook = None if chosen else read_codebook(codebook_path)
    keys = _listed(chosen) if chosen else codebook.keys if codebook else ()
    path = str(carried("data", "gold", LABELS)) if labels is None else labels
    articles = {article.id: article for article in read_articles(texts)} if texts else {}
    if path != STDOUT:
        refuse_changed(articles, path)
    coded = read_ratings(path, keys, groups=_groups(path, articles))
    _refuse_beyond(coded.ratings, articles, path)
    shown = dict(coded.texts)
    shown |= {unit: articles[unit[0]].text[unit[1] : unit[2]] for unit in coded.ratings.units if unit[0] in articles}
    notes = [f"left out {count(coded.discussed, 'judgment')} made after a discussion"] if coded.discussed else []
    return _Coded(coded.ratings, codebook, "nominal", _kinds(labels), shown, decisions, notes)


def _of_project(folder: str, rounds: Sequence[str], variable: str | None) -> _Coded:
    from annotate.agreement.judged import decisions, independent  # noqa: PLC0415 - a project is an optional part
    from annotate.project import open_project  # noqa: PLC0415

    project = open_project(folder)
    with project.store() as store:
        found = independent(store, rounds=rounds, variable=variable)
        numbers = [store.round(name).id for name in found.rounds]
        rated = set(found.ratings.units)
        decided = {} if variable else {unit: one for unit, one in decisions(store, numbers).items() if unit in rated}
        shown: dict[Unit, str] = {}
        for unit in found.ratings.units:
            page = store.find_page(unit[0])
            shown[unit] = "" if page is None else page.article.text[unit[1] : unit[2]]
    notes = [f"rounds: {', '.join(found.rounds)}"]
    for n, what in (
        (found.discussed, "made or changed after a discussion"),
        (found.stale, "that the codebook in use asks to be made again"),
        (found.repeated, "a coder's second of one unit"),
    ):
        if n:
            notes.append(f"left out {count(n, 'judgment')} {what}")
    kinds = _kinds(project.folder / LABELS)
    return _Coded(found.ratings, found.codebook, found.scale, kinds, shown, decided, notes)


def _kinds(labels: str | Path | None) -> dict[str, tuple[str, str]]:
    return {name: (coder.kind, coder.note) for name, coder in read_coders(labels).items()}


def _write_gold(settled: Settlement, path: str, *, force: bool) -> None:
    rows = [msgspec.to_builtins(row) | {"coder": settled.method} for row in settled.rows if row.label is not None]
    columns = ("document", "start", "end", "label", "coder", "probabilities", "supporters", "others", "decided_by")
    write_table(path, rows, columns, force=force)
    arguments.tell(f"{count(len(rows), 'label')} by {settled.method} in {path}")
    if settled.undecided:
        named = ", ".join(f"{row.document} {row.start} to {row.end}" for row in settled.undecided[:_NAMED])
        more = f" and {len(settled.undecided) - _NAMED:,} more" if len(settled.undecided) > _NAMED else ""
        arguments.tell(f"undecided, and left out: {count(len(settled.undecided), 'unit')} ({named}{more})")
    if settled.converged is False:
        arguments.tell(f"CAUTION: {settled.method} had not converged after {settled.iterations} steps")


def _suffix(out: str | None, *, force: bool) -> str:
    """Return the report's format, and refuse what can't be written, before any work."""
    if out is None:
        return ""
    suffix = ".md" if out == STDOUT else Path(out).suffix.lower()
    if suffix not in FORMATS:
        raise InputError(
            f"no report format for {suffix or 'a name without extension'}",
            where=out,
            remedy=f"use {', '.join(FORMATS)}",
        )
    refuse_existing(out, force=force)
    return suffix


def _listed(names: str) -> tuple[str, ...]:
    listed = tuple(dict.fromkeys(name.strip() for name in names.split(",") if name.strip()))
    if len(listed) < 2:
        raise click.UsageError(f"{names!r} names fewer than two.")
    return listed


def _scale(kind: str, keys: Sequence[str]) -> Scale:
    """Return the scale; labels that are rising numbers stand for themselves, others for 1, 2, 3 …."""
    values = [_number(key) for key in keys]
    numbers = [value for value in values if value is not None]
    rising = len(numbers) == len(keys) and numbers == sorted(numbers)
    return Scale(
        next(known for known in KINDS if known == kind),
        tuple(numbers) if rising else tuple(float(i) for i in range(1, len(keys) + 1)),
    )


def _number(key: str) -> float | None:
    try:
        value = float(key)
    except ValueError:
        return None
    return value if abs(value) < float("inf") else None


def _groups(path: str, articles: Mapping[str, Article]) -> dict[str, dict[str, str]]:
    """Return the outlets and sources of articles, from the articles and from a table of documents beside the labels."""
    groups: dict[str, dict[str, str]] = {}
    table = Path(path).parent / DOCUMENTS
    if path != STDOUT and table.is_file():
        groups = {name: {"source": document.source} for name, document in read_documents(table).items()}
    for name, article in articles.items():
        if article.outlet:
            groups.setdefault(name, {})["outlet"] = article.outlet
    return groups


def _refuse_beyond(ratings: Ratings, articles: Mapping[str, Article], path: str) -> None:
    for article, start, end in ratings.units:
        if article in articles and end > len(articles[article].text):
            raise FormatError(
                f"offsets {start} to {end} reach beyond {article}, which has {len(articles[article].text)} characters",
                where=path,
                remedy="the text has changed since the labels were made: use the text they were made on",
            )
