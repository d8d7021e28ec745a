"""Prodigy's tasks as JSON lines: a sentence a task, the codebook's labels as options, one of them accepted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from annotate.errors import FormatError
from annotate.exchange.annotation import Annotation, said
from annotate.exchange.doccano import unit_key
from annotate.outputs import new_file
from annotate.tables import read_table
from annotate.types import Codebook, Row


def tasks(annotations: Sequence[Annotation], codebook: Codebook) -> Iterator[dict[str, Any]]:
    """Yield a task for each annotation, for the recipe ``mark --view-id choice``; predictions come accepted."""
    options = [{"id": label.key, "text": label.name} for label in codebook.labels]
    for one in annotations:
        task = msgspec.to_builtins(one.sentence) | {"key": unit_key(one.sentence), "options": options} | said(one)
        task["meta"] = {"article": one.sentence.article, "sentence": one.sentence.index}
        label = one.label or (one.predicted if not one.skipped else None)
        task["accept"] = [label] if label else []
        if one.judged:
            task["answer"] = "ignore" if one.skipped else "accept"
            task["_view_id"] = "choice"
        if one.coder:
            task["_annotator_id"] = one.coder
        if one.time:
            task["_timestamp"] = int(datetime.fromisoformat(one.time).timestamp())
        yield task


def write_tasks(path: str | Path, annotations: Sequence[Annotation], codebook: Codebook, *, force: bool = False) -> int:
    """Write the tasks as JSON lines and return their number; see :func:`annotate.outputs.new_file`."""
    encoder, n = msgspec.json.Encoder(), 0
    with new_file(path, force=force) as stream:
        for task in tasks(annotations, codebook):
            stream.write(encoder.encode(task) + b"\n")
            n += 1
    return n


def rows_of(path: str | Path) -> Iterator[tuple[str, Row]]:
    """Yield what ``prodigy db-out`` writes as rows, with their places.

    Raises
    ------
    FormatError
        If a task has several labels, or says only which label a text does not have.
    """
    for where, task in read_table(path):
        row = {**task, **_said(task, where)}
        if "_timestamp" in task and "time" not in task:
            row["time"] = datetime.fromtimestamp(task["_timestamp"]).astimezone().isoformat()
        yield where, row


def _said(task: Row, where: str) -> Row:
    answer = task.get("answer")
    if answer is None:
        return {"label": None, "coder": None}
    coder = {"coder": task.get("coder") or task.get("_annotator_id") or task.get("_session_id")}
    if answer == "ignore":
        return coder | {"label": None, "skipped": True}
    if answer == "reject":
        raise FormatError(
            "says what the text is not", where=where, remedy="take rejected tasks out: a judgment is one label"
        )
    given = task["accept"] if "accept" in task else [task["label"]] if "label" in task else []
    return coder | {"label": given}
