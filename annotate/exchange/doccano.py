"""Files that doccano 1.8 imports without losing or doubling anything.

Every row has the same keys, at most 1,000 rows stand in a file (doccano commits in batches of 1,000 and repeats a batch
that failed), ``"label": []`` is present, offsets are whole numbers, ``key`` joins what comes back with what went out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final

import msgspec

from annotate.codebook import PLAIN, ink
from annotate.exchange.annotation import Annotation, refuse_several, said, said_columns
from annotate.outputs import new_folder
from annotate.tables import read_table
from annotate.types import Codebook, Row, Sentence

ROWS_A_FILE: Final = 1000


def unit_key(sentence: Sentence) -> str:
    """Return what identifies a unit wherever it goes: its article and offsets."""
    return f"{sentence.article}:{sentence.start}-{sentence.end}"


def doccano_rows(sentences: Iterable[Sentence], labels: Iterable[str | None] | None = None) -> Iterator[dict[str, Any]]:
    """Yield a row for each sentence.

    Besides the unit's place a row carries the sentences before and after it on the page, which doccano shows coders as
    metadata; ``before`` and ``after`` are empty at the page's ends.
    """
    units = list(sentences)
    given = iter(labels) if labels is not None else iter([None] * len(units))
    for i, (sentence, label) in enumerate(zip(units, given, strict=True)):
        yield {
            "text": sentence.text,
            "label": [label] if label else [],
            "key": unit_key(sentence),
            "article": sentence.article,
            "index": sentence.index,
            "paragraph": sentence.paragraph,
            "start": sentence.start,
            "end": sentence.end,
            "before": _neighbour(units, i, -1),
            "after": _neighbour(units, i, 1),
        }


def annotation_rows(annotations: Sequence[Annotation]) -> Iterator[dict[str, Any]]:
    """Yield a row for each annotation: those of :func:`doccano_rows`, and in every row the same further columns.

    What a model predicts stands where a coder's label would, for the coder to confirm.
    """
    columns = said_columns(annotations)
    units = doccano_rows([one.sentence for one in annotations], [one.label or one.predicted for one in annotations])
    quotes = any(one.sentence.quote is not None for one in annotations)
    for row, one in zip(units, annotations, strict=True):
        more = said(one)
        quote = {"quote": "" if one.sentence.quote is None else one.sentence.quote} if quotes else {}
        yield row | quote | {column: more.get(column, "") for column in columns}


def rows_of(path: str | Path) -> Iterator[tuple[str, Row]]:
    """Yield the rows of what doccano exports, with their places; the file is called by its coder.

    doccano writes one file a coder, or ``all.jsonl``.
    """
    files = sorted(Path(path).glob("*.jsonl")) if Path(path).is_dir() else [path]
    for file in files:
        for where, row in read_table(file):
            labels = row.get("label", row.get("labels"))
            named = Path(file).stem
            coder = {} if named in {"all", "unknown"} or named.startswith("units-") else {"coder": named}
            found = {**coder, **row, "label": labels}
            if row.get("predicted") and not row.get("coder") and labels == [row["predicted"]]:
                found |= {"label": None, "coder": None}
            yield where, found


def label_settings(codebook: Codebook) -> list[dict[str, str]]:
    """Return what doccano's label import takes: names, keys and colours of the codebook's labels."""
    return [
        {
            "text": label.key,
            "suffix_key": label.hotkey or "",
            "background_color": label.colour or PLAIN,
            "text_color": ink(label.colour),
        }
        for label in codebook.labels
    ]


def write_doccano(
    folder: str | Path,
    sentences: Iterable[Sentence],
    codebook: Codebook,
    *,
    labels: Iterable[str | None] | None = None,
    force: bool = False,
) -> int:
    """Write a folder with units, ``labels.json`` and ``guidelines.md``; return the number of units.

    Raises
    ------
    OutputExists, OutputFailed
        See :func:`annotate.outputs.new_folder`.
    """
    return _write(folder, doccano_rows(sentences, labels), codebook, force=force)


def write_annotations(
    folder: str | Path, annotations: Sequence[Annotation], codebook: Codebook, *, force: bool = False
) -> int:
    """Write the same folder with judgments or predictions; return the number of units.

    Raises
    ------
    InputError
        If a sentence was judged by several coders: doccano would take it for several units.
    OutputExists, OutputFailed
        See :func:`annotate.outputs.new_folder`.
    """
    refuse_several(annotations, "doccano")
    return _write(folder, annotation_rows(annotations), codebook, force=force)


def _write(folder: str | Path, units: Iterator[Row], codebook: Codebook, *, force: bool) -> int:
    encoder, n = msgspec.json.Encoder(), 0
    with new_folder(folder, force=force) as new:
        for number, rows in enumerate(_batches(units), start=1):
            n += len(rows)
            (new / f"units-{number:04d}.jsonl").write_bytes(b"".join(encoder.encode(row) + b"\n" for row in rows))
        settings = msgspec.json.encode(label_settings(codebook))
        (new / "labels.json").write_bytes(msgspec.json.format(settings, indent=2) + b"\n")
        (new / "guidelines.md").write_text(codebook.guidelines, encoding="utf-8")
    return n


def _batches(rows: Iterator[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], ...]]:
    # itertools.batched came with Python 3.12.
    while batch := tuple(islice(rows, ROWS_A_FILE)):
        yield batch


def _neighbour(units: list[Sentence], i: int, offset: int) -> str:
    place = i + offset
    near = 0 <= place < len(units) and units[place].article == units[i].article
    return units[place].text if near else ""
