"""Read articles from any number of files, in order, each id once."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from annotate.errors import DuplicateId, InputError
from annotate.files import decompressed, open_stream
from annotate.readers.columns import refuse_unknown_fields
from annotate.readers.fetch import Fetcher, is_address
from annotate.readers.html import article_from_page
from annotate.readers.options import Fetched, Options, Source
from annotate.readers.registry import reader_of
from annotate.readers.sources import find_sources
from annotate.types import Article


def read_articles(
    sources: Sequence[str | Path],
    *,
    encoding: str | None = None,
    dedupe: bool = False,
    strict: bool = False,
    columns: Mapping[str, str] | None = None,
    on_bad_row: Callable[[str], None] | None = None,
    on_note: Callable[[str], None] | None = None,
    form: str | None = None,
    follow: bool = False,
    fetch: Callable[[str], Fetched] | None = None,
) -> Iterator[Article]:
    """Read articles one by one, in the order of the arguments; memory does not grow with the files.

    Parameters
    ----------
    sources
        Files, folders (their files sorted by name, recursively), patterns such as ``"pages/*.html"``, addresses (http
        and https), or ``"-"`` for standard input.
    encoding
        The codec of every file, instead of what each says of itself.
    dedupe
        Keep the first of several articles with one id instead of refusing the second.
    strict
        Stop at the first row that can't be used.
    columns
        Field of the article (``text``, ``id``, ``title``, …) to column of the table.
    on_bad_row
        Told in one line of every row, and every file of a folder, that can't be used; the rest is read. Without it, as
        with ``strict``, the first one raises.
    on_note
        Told in one line of what was guessed and of what was left out as a duplicate.
    form
        Read every source as this format, named by an extension such as ``"csv"``.
    follow
        Fetch and read the pages that a feed's entries point to, instead of what the feed has of them.
    fetch
        What fetches addresses, instead of a new :class:`annotate.readers.fetch.Fetcher`.

    Raises
    ------
    InputError
        If a file that was named can't be used, or any row when strict.
    DuplicateId
        If two articles have one id.
    MissingExtra
        If a format needs a part that is not installed.
    """
    refuse_unknown_fields(columns or {})
    options = Options(
        encoding=encoding,
        strict=strict,
        columns=dict(columns or {}),
        on_bad_row=on_bad_row,
        on_note=on_note,
        form=form,
        follow=follow,
        fetch=fetch or Fetcher(),
    )
    first: dict[
        str, str
    ] = {}  # id to the file it was first seen in; the file's name is one object, so this stays small
    for source in find_sources(sources):
        file = str(source)
        for article in _read_one(source, options):
            if article.id in first:
                twice = _duplicate(article, first[article.id], file)
                if not dedupe:
                    raise twice
                options.note(str(twice))
                continue
            first[article.id] = file
            yield article


def _read_one(source: Source, options: Options) -> Iterator[Article]:
    """Yield a file's articles; a file that a folder holds is to the folder what a row is to a table."""
    try:
        if is_address(source.path):
            yield from _read_address(source, options)
            return
        with open_stream(source.path) as stream:
            yield from _read_stream(stream, source, options)
    except InputError as error:
        if not source.found:
            raise
        options.bad_row(error)


def _read_address(source: Source, options: Options) -> Iterator[Article]:
    assert options.fetch is not None
    found = options.fetch(str(source))
    if found.is_page and options.form is None:
        yield article_from_page(
            found.content, str(source), where=found.url, options=options, charset=found.charset, url=found.url
        )
        return
    raw: Any = io.BytesIO(found.content)
    yield from _read_stream(decompressed(io.BufferedReader(raw), where=found.url), Source(found.url), options)


def _read_stream(stream: io.BufferedReader, source: Source, options: Options) -> Iterator[Article]:
    read = reader_of(source.path, stream.peek(4096), options.form)
    yield from read(stream, source, options)


def _duplicate(article: Article, first: str, file: str) -> DuplicateId:
    return DuplicateId(
        f"the id {article.id!r} was already taken by an article of {first}",
        where=article.source or file,
        remedy="rename one, or keep the first with --dedupe",
    )
