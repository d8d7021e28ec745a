"""Parquet tables, a batch of rows at a time."""

from __future__ import annotations

import io
import shutil
import tempfile
from collections.abc import Iterator
from typing import BinaryIO, Final

from annotate.errors import FormatError
from annotate.readers.columns import Numbered, articles_from_rows
from annotate.readers.options import Options, Source
from annotate.types import Article

_BATCH: Final = 64  # rows: articles are long


def read_parquet(stream: io.BufferedReader, source: Source, options: Options) -> Iterator[Article]:
    """Yield an article a row; a table that can't be wound back is copied to a temporary file."""
    if stream.seekable():
        yield from articles_from_rows(_rows(stream, source), source, options)
        return
    with tempfile.TemporaryFile() as copy:
        shutil.copyfileobj(stream, copy)
        copy.seek(0)
        yield from articles_from_rows(_rows(copy, source), source, options)


def _rows(stream: BinaryIO, source: Source) -> Iterator[Numbered]:
    import pyarrow as pa  # noqa: PLC0415 - slow to import
    from pyarrow import parquet  # noqa: PLC0415

    number = 0
    try:
        for batch in parquet.ParquetFile(stream).iter_batches(batch_size=_BATCH):
            for row in batch.to_pylist():
                number += 1
                yield number, row
    except (pa.ArrowException, OSError) as error:
        where = f"{source}:{number + 1}" if number else source
        yield number + 1, FormatError(f"is no readable Parquet table ({error})", where=where, remedy="make it again")
