"""The formats that annotations travel in: one registry, a module a format."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from annotate.errors import InputError
from annotate.exchange import doccano, hf, label_studio, prodigy, uima
from annotate.exchange.annotation import Annotation, as_row, refuse_unencodable, said_columns
from annotate.exchange.sentences import COLUMNS
from annotate.outputs import STDOUT
from annotate.tables import first_row, read_table, write_table
from annotate.types import Codebook, Row


class Job(msgspec.Struct, frozen=True):
    """What is to be written.

    Parameters
    ----------
    texts
        The articles' texts by id, as far as they are at hand.
    test_share, seed
        Of datasets.
    """

    path: str
    annotations: Sequence[Annotation]
    codebook: Codebook
    texts: Mapping[str, str] = {}
    test_share: float = 0.0
    seed: int = 0
    force: bool = False


class Format(msgspec.Struct, frozen=True):
    """A format.

    Parameters
    ----------
    write
        Returns how many annotations or tasks it wrote.
    read
        Yields rows with their places; what a row may hold says ``docs/formats.md``.
    suffix
        What the name of its file ends in; None for a folder.
    whole
        Whether it needs the articles' texts.
    line
        What it is, for the overview.
    """

    line: str
    write: Callable[[Job], int]
    read: Callable[[str], Iterator[tuple[str, Row]]]
    suffix: str | None
    whole: bool = False


def _table(job: Job) -> int:
    columns = (*COLUMNS, "label", *said_columns(job.annotations))
    rows = ({column: row.get(column) for column in columns} for row in map(as_row, job.annotations))
    return write_table(job.path, rows, columns, force=job.force)


def _jsonl(job: Job) -> int:
    return write_table(job.path, map(as_row, job.annotations), COLUMNS, force=job.force)


FORMATS: Final[Mapping[str, Format]] = {
    "doccano": Format(
        "a folder of units-0001.jsonl … (at most 1,000 rows each), labels.json and guidelines.md to import",
        lambda job: doccano.write_annotations(job.path, job.annotations, job.codebook, force=job.force),
        doccano.rows_of,
        None,
    ),
    "label-studio": Format(
        "JSON, a sentence a task, with its annotations and predictions",
        lambda job: label_studio.write_tasks(job.path, label_studio.tasks(job.annotations), force=job.force),
        label_studio.rows_of,
        ".json",
    ),
    "label-studio-spans": Format(
        "JSON, an article a task, its labelled sentences marked",
        lambda job: label_studio.write_tasks(
            job.path, label_studio.span_tasks(job.annotations, job.texts), force=job.force
        ),
        label_studio.rows_of,
        ".json",
        whole=True,
    ),
    "prodigy": Format(
        "JSON lines for the interface `choice`",
        lambda job: prodigy.write_tasks(job.path, job.annotations, job.codebook, force=job.force),
        prodigy.rows_of,
        ".jsonl",
    ),
    "datasets": Format(
        "a folder of Parquet with a card, for Hugging Face `load_dataset` without a network",
        lambda job: hf.write_annotations(
            job.path,
            job.annotations,
            job.codebook,
            test_share=job.test_share,
            seed=job.seed,
            force=job.force,
        ),
        hf.rows_of,
        None,
    ),
    "inception": Format(
        "a folder of UIMA CAS JSON, a file an article",
        lambda job: uima.write_annotations(job.path, job.annotations, job.codebook, job.texts, force=job.force),
        uima.rows_of,
        None,
        whole=True,
    ),
    "csv": Format("a table that spreadsheets open, formulas disarmed", _table, read_table, ".csv"),
    "excel": Format("a workbook, every text a text", _table, read_table, ".xlsx"),
    "parquet": Format("a table with types", _table, read_table, ".parquet"),
    "jsonl": Format("the rows of `nutgraf split`, with what was said of them", _jsonl, read_table, ".jsonl"),
}


def write(form: str, job: Job) -> int:
    """Write annotations in a format and return their number.

    Raises
    ------
    InputError
        If the format can't hold them, or the file's name does not fit.
    OutputExists, OutputFailed
        See :mod:`annotate.outputs`.
    """
    wanted = FORMATS[form].suffix
    if wanted is not None and job.path != STDOUT and Path(job.path).suffix.lower() != wanted:
        raise InputError(f"--to {form} writes {wanted} files", where=job.path, remedy=f"end the name in {wanted}")
    if job.path == STDOUT and wanted not in (".json", ".jsonl"):
        raise InputError(f"{form} is not written to standard output", remedy="name a file or folder with -o")
    refuse_unencodable(job.annotations)
    return FORMATS[form].write(job)


def named(path: str) -> str:
    """Return the format that the name of a file to be written speaks for.

    Raises
    ------
    InputError
        If it speaks for none, or for several.
    """
    found = "jsonl" if path == STDOUT else _TABLES.get(Path(path).suffix.lower())
    if found is None:
        suffix = Path(path).suffix.lower() or None
        several = [form for form, one in FORMATS.items() if one.suffix == suffix] or list(FORMATS)
        raise InputError(
            "its name does not say what to write", where=path, remedy=f"say it with --to: {', '.join(several)}"
        )
    return found


def guess(path: str) -> str:
    """Return the format that a file's name and first bytes, or a folder's files, speak for.

    Raises
    ------
    InputError
        If nothing speaks for any.
    """
    place = Path(path)
    if place.is_dir():
        found = next((form for pattern, form in _IN_FOLDERS.items() if any(place.glob(pattern))), None)
    elif place.suffix.lower() == ".json":
        with place.open("rb") as stream:
            found = "label-studio" if stream.read(16).lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"[") else "inception"
    elif place.suffix.lower() == ".jsonl":
        found = _kind_of_lines(first_row(path))
    else:
        found = _BY_NAME.get(place.suffix.lower())
    if found is None:
        raise InputError("is of no format known here", where=path, remedy=f"say it with --from: {', '.join(FORMATS)}")
    return found


_IN_FOLDERS: Final = {
    "**/*.parquet": "datasets",
    "*.jsonl": "doccano",
    "**/*.json": "inception",
    "**/*.xmi": "inception",
}
_TABLES: Final = {".csv": "csv", ".xlsx": "excel", ".parquet": "parquet", ".jsonl": "jsonl"}
_BY_NAME: Final = {**_TABLES, ".xmi": "inception"}


def _kind_of_lines(row: Row) -> str:
    if {"_input_hash", "answer", "accept"} & row.keys():
        return "prodigy"
    return "doccano" if isinstance(row.get("label", row.get("labels")), list) else "jsonl"
