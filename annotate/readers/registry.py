"""Which reader reads which file: by its extension, else by its first bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from annotate.files import COMPRESSED
from annotate.readers.delimited import read_delimited
from annotate.readers.html import read_html
from annotate.readers.jsonl import read_json, read_jsonl
from annotate.readers.options import Reader
from annotate.readers.parquet import read_parquet
from annotate.readers.text import read_plain_text
from annotate.readers.warc import read_wacz, read_warc

READERS: Final[dict[str, Reader]] = {
    ".txt": read_plain_text,
    ".text": read_plain_text,
    ".md": read_plain_text,
    ".html": read_html,
    ".htm": read_html,
    ".xhtml": read_html,
    ".jsonl": read_jsonl,
    ".ndjson": read_jsonl,
    ".json": read_json,
    ".csv": read_delimited,
    ".tsv": read_delimited,
    ".parquet": read_parquet,
    ".warc": read_warc,
    ".wacz": read_wacz,
}


def extension(path: str | Path) -> str:
    """Return a file's extension in lower case, looking through that of its compression."""
    name = str(path).lower()
    for compression in COMPRESSED:
        name = name.removesuffix(compression)
    return Path(name).suffix


def reader_of(path: str | Path, head: bytes) -> Reader:  # noqa: ARG001 - sniffed where the name says nothing
    """Return the reader of a file of this name that begins with these bytes."""
    return READERS.get(extension(path), read_plain_text)
