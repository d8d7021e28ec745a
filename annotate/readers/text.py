"""Plain text: one file, one article, unchanged."""

from __future__ import annotations

import io
from collections.abc import Iterator

from annotate.files import article_stem, decode, read_whole
from annotate.readers.options import Options, Source
from annotate.types import Article


def read_plain_text(stream: io.BufferedReader, source: Source, options: Options) -> Iterator[Article]:
    """Yield the decoded file as one article; an encoding other than UTF-8 stands in its metadata."""
    raw = read_whole(stream, where=source)
    text, encoding = decode(raw, where=source, encoding=options.encoding)
    metadata = {} if encoding in {"utf-8", "utf-8-sig"} else {"encoding": encoding}
    yield Article(id=article_stem(source.path), text=text, source=str(source), metadata=metadata)
