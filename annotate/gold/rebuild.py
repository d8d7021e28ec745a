"""Make the gold documents' text again from its public sources, and verify every one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from annotate.errors import FormatError, OutputExists
from annotate.gold.documents import Document, is_text_of
from annotate.gold.sources import Shelf, is_page
from annotate.outputs import new_file
from annotate.readers.trim import gold_text

State = Literal["made", "found", "kept", "changed", "missing"]


class Outcome(msgspec.Struct, frozen=True):
    """What became of a document's text.

    Parameters
    ----------
    state
        ``made`` from its source; ``found`` as finished text; ``kept``, as it stood in the output folder; ``changed``,
        nothing made of what was found is the text that was labelled; ``missing``. The first three are verified.
    """

    document: Document
    state: State


def rebuild(
    documents: Sequence[Document], shelves: Sequence[Shelf], out: str | Path, *, force: bool = False
) -> Iterator[Outcome]:
    """Write ``<out>/<document>.txt`` for each document whose text can be made and verified, one by one.

    Texts that stand there already are kept, so a run that was stopped can be taken up again.

    Parameters
    ----------
    shelves
        Where to look, the first first.
    force
        Overwrite files that stand in the way and are not the document's text.

    Raises
    ------
    OutputExists
        If a file stands in the way and ``force`` is false; nothing is written then.
    OutputFailed
        See :func:`annotate.outputs.new_file`.
    InputError
        If a server can't be reached.
    """
    there = {document.document for document in documents if _stands(document, _place(document, out), force=force)}
    for document in documents:
        if document.document in there:
            yield Outcome(document, "kept")
            continue
        state, text = _make(document, shelves)
        if text is not None:
            with new_file(_place(document, out), force=force) as stream:
                stream.write(text)
        yield Outcome(document, state)


def _place(document: Document, out: str | Path) -> Path:
    return Path(out) / f"{document.document}.txt"


def _stands(document: Document, path: Path, *, force: bool) -> bool:
    if not path.exists():
        return False
    if path.is_file() and is_text_of(document, path.read_bytes()):
        return True
    if not force:
        raise OutputExists(
            f"is not the text of {document.document}", where=path, remedy="choose another folder or add --force"
        )
    return False


def _make(document: Document, shelves: Iterable[Shelf]) -> tuple[State, bytes | None]:
    """Return the first text that is the one labelled, or why there is none."""
    state: State = "missing"
    for shelf in shelves:
        for found, text in _candidates(document, shelf):
            if text is not None and is_text_of(document, text):
                return found, text
            state = "changed"
    return state, None


def _candidates(document: Document, shelf: Shelf) -> Iterator[tuple[State, bytes | None]]:
    """Yield every text that a shelf's files make; None for files that make none."""
    for raw in shelf.files(document):
        if not is_page(document):
            yield "made", raw
            continue
        for body in shelf.bodies(document):
            yield "made", _text_of_page(raw, body)
    for raw in shelf.texts(document):
        yield "found", raw


def _text_of_page(raw: bytes, body: str) -> bytes | None:
    try:
        return gold_text(raw.decode("utf-8", "replace"), body).encode("utf-8", "replace")
    except FormatError:
        return None
