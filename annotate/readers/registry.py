"""Which reader reads which file: by its extension, else by its first bytes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from annotate.errors import InputError
from annotate.files import COMPRESSED
from annotate.readers.delimited import read_delimited
from annotate.readers.feed import read_feed
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
    ".rss": read_feed,
    ".atom": read_feed,
    ".xml": read_feed,
}

_PROLOGUE: Final = rb"\s*(?:<\?xml[^>]*>\s*|<!--.*?-->\s*)*"
_SIGNS: Final[tuple[tuple[re.Pattern[bytes], Reader], ...]] = tuple(
    (re.compile(sign, re.DOTALL | re.IGNORECASE), reader)
    for sign, reader in (
        (rb"WARC/[01]\.", read_warc),
        (rb"PAR1", read_parquet),
        (rb"PK\x03\x04.{26}(?:archive|datapackage|indexes|pages)", read_wacz),
        (_PROLOGUE + rb"<(?:rss|feed|rdf:RDF)[\s>]", read_feed),
        (_PROLOGUE + rb"<(?:!doctype\s+html|html|head|body)[\s>]", read_html),
        (rb"\s*\[\s*\{", read_json),
        (rb"\s*\{\s*\n", read_json),
        (rb'\s*\{\s*"', read_jsonl),
    )
)


def extension(path: str | Path) -> str:
    """Return the extension of a file or address in lower case, looking through that of its compression."""
    name = str(path)
    if "://" in name:
        name = urlsplit(name).path
    name = name.lower()
    for compression in COMPRESSED:
        name = name.removesuffix(compression)
    return Path(name).suffix


def reader_of(path: str | Path, head: bytes, form: str | None = None) -> Reader:
    """Return the reader of a file of this name that begins with these bytes, or of the format that the user names.

    Raises
    ------
    InputError
        If there is no such format.
    """
    if form is not None:
        reader = READERS.get(f".{form.lower().removeprefix('.')}")
        if reader is None:
            known = ", ".join(name.removeprefix(".") for name in READERS)
            raise InputError(f"there is no format {form!r}", remedy=f"formats are {known}")
        return reader
    named = READERS.get(extension(path))
    if named is not None:
        return named
    head = head.removeprefix(b"\xef\xbb\xbf")
    return next((reader for sign, reader in _SIGNS if sign.match(head)), read_plain_text)
