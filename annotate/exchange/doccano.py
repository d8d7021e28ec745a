"""Files that doccano 1.8 imports without losing or doubling anything.

Every row has the same keys, at most 1,000 rows stand in a file (doccano commits in batches of 1,000 and repeats a batch
that failed), ``"label": []`` is present, offsets are whole numbers, ``key`` joins what comes back with what went out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

import msgspec

from annotate.codebook import PLAIN, ink
from annotate.outputs import new_folder
from annotate.types import Codebook, Sentence

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
    encoder, n = msgspec.json.Encoder(), 0
    with new_folder(folder, force=force) as new:
        for number, rows in enumerate(_batches(doccano_rows(sentences, labels)), start=1):
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
