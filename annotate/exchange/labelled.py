"""Labels that somebody made, joined with the sentences they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from annotate.classify.labelled import Labelled
from annotate.classify.units import Unit, as_sample, sample
from annotate.codebook import SKIP
from annotate.errors import CodebookError, EmptyInput, FormatError, InputError
from annotate.exchange.sentences import read_rows
from annotate.tables import read_table
from annotate.types import Codebook, Row, Sentence

UNKNOWN_CODER: Final = "a coder not named in the file"


def read_labelled(
    source: str | Path,
    codebook: Codebook,
    *,
    texts: Sequence[str | Path] = (),
    coder: str | None = None,
) -> Labelled:
    """Read a labelled sample.

    Parameters
    ----------
    source
        A table of sentences with a column ``label`` (a key, a list of at most one key as doccano writes it, or nothing
        where the sentence is unlabelled), or stand-off labels as :class:`annotate.types.Gold`.
    codebook
        What the labels must be from.
    texts
        The articles that stand-off labels point into.
    coder
        Whose labels to take, where there is a column ``coder``.

    Raises
    ------
    FormatError, OffsetMismatch
        If a row is not what it should be, or does not fit the text.
    CodebookError
        If a label is not in the codebook.
    InputError
        If several coders labelled and none was chosen, or stand-off labels come without texts.
    """
    _, first = next(read_table(source))
    if first.keys() >= {"document", "start", "end", "label"} and "text" not in first:
        return _read_stand_off(source, codebook, texts=texts, coder=coder)
    return _read_labelled_rows(source, codebook, coder=coder)


def _read_labelled_rows(source: str | Path, codebook: Codebook, *, coder: str | None) -> Labelled:
    sentences: list[Sentence] = []
    labels: list[str | None] = []
    coders: set[str] = set()
    for where, row, sentence in read_rows(source):
        if "label" not in row:
            raise FormatError(
                "lacks label", where=where, remedy="add a column with the label of each sentence, or leave it empty"
            )
        who = str(row.get("coder") or UNKNOWN_CODER)
        if coder is not None and who != coder:
            continue
        label = label_of(row, codebook, where=where)
        if label is not None:
            coders.add(who)
        sentences.append(sentence)
        labels.append(label)
    _refuse_several(coders, source)
    if not coders:
        raise EmptyInput(
            f"holds no label{f' by {coder}' if coder else ''}", where=source, remedy="label some sentences first"
        )
    return _labelled(sample(sentences), labels, codebook, coder=min(coders))


def label_of(row: Row, codebook: Codebook, *, where: str) -> str | None:
    """Return the row's label, or None where the sentence has none or was skipped.

    Raises
    ------
    FormatError
        If it has several.
    CodebookError
        If it is not in the codebook.
    """
    label: Any = row["label"]
    if isinstance(label, list):
        if len(label) > 1:
            raise FormatError(f"has {len(label)} labels", where=where, remedy="each sentence gets exactly one")
        label = label[0] if label else None
    if label in (None, "", SKIP):
        return None
    if label not in codebook.keys:
        raise CodebookError(
            f"label {label!r} is not in the codebook {codebook.name!r}",
            where=where,
            remedy=f"use {', '.join(codebook.keys)}",
        )
    return str(label)


def _refuse_several(coders: set[str], source: str | Path) -> None:
    if len(coders) > 1:
        raise InputError(
            f"holds the labels of {', '.join(sorted(coders))}", where=source, remedy="choose one with --coder"
        )


def _labelled(units: Any, labels: Sequence[str | None], codebook: Codebook, *, coder: str) -> Labelled:
    chosen: list[Unit] = [unit for unit, label in zip(units, labels, strict=True) if label is not None]
    return Labelled(
        X=as_sample(chosen),
        y=np.array([label for label in labels if label is not None], dtype=np.str_),
        coder=coder,
        labels=codebook.keys,
        codebook=codebook.fingerprint,
    )
