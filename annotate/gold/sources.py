"""Where the text of gold documents can come from: a folder of local copies, GitHub, the seeds nutgraf carries."""

from __future__ import annotations

import gzip
import http.client
import io
import os
import urllib.error
import urllib.parse
import urllib.request
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final, Protocol, cast

import msgspec

from annotate import __version__
from annotate.errors import FormatError, InputError, NoSuchFile
from annotate.files import open_stream, read_whole
from annotate.gold.documents import Document
from annotate.resources import carried

GITHUB: Final = "https://raw.githubusercontent.com"
SEEDS: Final = "seeds"
MAX_FILE: Final = 32 << 20
"""Bytes of a source file, unpacked; the largest there is has 2.7 million."""
_TIMEOUT: Final = 30.0  # seconds without a byte
_GONE: Final = frozenset((404, 410))


class Repository(msgspec.Struct, frozen=True):
    """A public repository that gold documents are from.

    Parameters
    ----------
    commit
        The one the labels were checked against.
    licence
        As the repository states it; None if it states none.
    bodies
        The file with the articles' bodies, if its documents are pages.
    """

    name: str
    commit: str
    licence: str | None
    bodies: str | None = None


REPOSITORIES: Final = {
    repository.name: repository
    for repository in (
        Repository(
            "scrapinghub/article-extraction-benchmark",
            commit="4a3bc979f76c0df73cb95fe272e2fc1b96f9f010",
            licence="MIT",
            bodies="ground-truth.json",
        ),
        Repository(
            "AndyTheFactory/article-extraction-dataset",
            commit="cf3e2959ffc4fde13e0714d2b6d50c2bd220ed3b",
            licence="Apache-2.0",
            bodies="articles.json",
        ),
        Repository("networkdynamics/PolNeAR", commit="c3eee833c035bf7b8c84f55b58c0bf7346cfae76", licence=None),
    )
}


class Shelf(Protocol):
    """A place that may hold what documents are made of."""

    def files(self, document: Document) -> Iterable[bytes]:
        """Return each copy of the file that the document is made of, decompressed."""

    def bodies(self, document: Document) -> Iterable[str]:
        """Return each version of the article's body, where the document is a page."""

    def texts(self, document: Document) -> Iterable[bytes]:
        """Return each copy of the finished text."""


class Seeds:
    """The seed articles, which nutgraf carries."""

    def files(self, document: Document) -> Iterable[bytes]:
        """See :class:`Shelf`."""
        if document.source == SEEDS:
            yield _read(carried(*PurePosixPath(document.path).parts))

    def bodies(self, document: Document) -> Iterable[str]:  # noqa: ARG002 - the protocol's
        """See :class:`Shelf`."""
        return ()

    def texts(self, document: Document) -> Iterable[bytes]:  # noqa: ARG002 - the protocol's
        """See :class:`Shelf`."""
        return ()


class LocalCopies:
    """A folder that holds clones of the repositories, or any part of them, in any arrangement: files are known by name.

    Parameters
    ----------
    folder
        Is searched with all that is below it but hidden folders.
    documents
        What to look for.

    Raises
    ------
    NoSuchFile
        If there is no such folder, or nothing in it that a document is made of.
    """

    def __init__(self, folder: str | Path, documents: Iterable[Document]) -> None:
        if not Path(folder).is_dir():
            raise NoSuchFile("is not a folder", where=folder, remedy="name the folder that holds the sources")
        wanted = {name for document in documents for name in (*_file_names(document), _text_name(document))}
        self._paths: dict[str, list[Path]] = {}
        self._bodies: dict[str, list[str]] = {}
        body_files: list[Path] = []
        for path in _walk(Path(folder)):
            if path.name in wanted:
                self._paths.setdefault(path.name, []).append(path)
            elif path.name in _BODY_FILES:
                body_files.append(path)
        if not self._paths:
            raise NoSuchFile(
                "holds nothing that gold documents are made of",
                where=folder,
                remedy=f"put clones of {', '.join(REPOSITORIES)} there, or use --download",
            )
        for path in body_files:
            for page, body in _parse_bodies(_read(path), path).items():
                self._bodies.setdefault(page, []).append(body)

    def files(self, document: Document) -> Iterable[bytes]:
        """See :class:`Shelf`."""
        return (_read(path) for name in _file_names(document) for path in self._paths.get(name, ()))

    def bodies(self, document: Document) -> Iterable[str]:
        """See :class:`Shelf`."""
        return self._bodies.get(_page(document), ())

    def texts(self, document: Document) -> Iterable[bytes]:
        """See :class:`Shelf`."""
        return (_read(path) for path in self._paths.get(_text_name(document), ()))


class GitHub:
    """The repositories at their pinned commits, file by file: 48 MB are needed of the 1,214 MB that they hold.

    Parameters
    ----------
    base
        Where ``<owner>/<name>/<commit>/<path>`` can be had over HTTP.
    """

    def __init__(self, base: str = GITHUB) -> None:
        self._base = base.rstrip("/")
        self._known_bodies: dict[str, dict[str, str]] = {}

    def files(self, document: Document) -> Iterable[bytes]:
        """See :class:`Shelf`; asks the network."""
        if document.source in REPOSITORIES:
            yield from self._fetch(REPOSITORIES[document.source], document.path)

    def bodies(self, document: Document) -> Iterable[str]:
        """See :class:`Shelf`; asks the network once a repository."""
        repository = REPOSITORIES[document.source]
        if repository.name not in self._known_bodies and repository.bodies is not None:
            self._known_bodies[repository.name] = {
                page: body
                for raw in self._fetch(repository, repository.bodies)
                for page, body in _parse_bodies(raw, self._url(repository, repository.bodies)).items()
            }
        page = _page(document)
        known = self._known_bodies.get(repository.name, {})
        return (known[page],) if page in known else ()

    def texts(self, document: Document) -> Iterable[bytes]:  # noqa: ARG002 - the protocol's
        """See :class:`Shelf`; GitHub has none."""
        return ()

    def _url(self, repository: Repository, path: str) -> str:
        return f"{self._base}/{repository.name}/{repository.commit}/{urllib.parse.quote(path)}"

    def _fetch(self, repository: Repository, path: str) -> Iterator[bytes]:
        """Yield the file, or nothing if it is gone.

        Raises
        ------
        InputError
            If the server can't be reached, refuses or sends too much.
        """
        url = self._url(repository, path)
        request = urllib.request.Request(url, headers={"User-Agent": f"nutgraf/{__version__}"})  # noqa: S310 - cli checks
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT) as response:  # noqa: S310 - cli checks the scheme
                raw = read_whole(response, where=url, limit=MAX_FILE)
        except urllib.error.HTTPError as error:
            with error:
                if error.code in _GONE:
                    return
                raise _unreachable(url, f"the server answered {error.code} {error.reason}") from error
        except (OSError, http.client.HTTPException) as error:
            raise _unreachable(url, str(getattr(error, "reason", error)) or type(error).__name__) from error
        yield _gunzip(raw, url)


_BODY_FILES: Final = frozenset(repository.bodies for repository in REPOSITORIES.values() if repository.bodies)


def is_page(document: Document) -> bool:
    """Tell if the document's text is made of a web page and its article's body."""
    return document.source in REPOSITORIES and REPOSITORIES[document.source].bodies is not None


def _file_names(document: Document) -> tuple[str, ...]:
    """Return the names the document's file may have: pages are looked for compressed and not."""
    if not is_page(document):
        return (PurePosixPath(document.path).name,)
    return (f"{_page(document)}.html", f"{_page(document)}.html.gz")


def _text_name(document: Document) -> str:
    return f"{document.document}.txt"


def _page(document: Document) -> str:
    return PurePosixPath(document.path).name.split(".")[0]


def _walk(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(parent, name) for name in sorted(names))


def _read(path: Path) -> bytes:
    with open_stream(path) as stream:
        return read_whole(stream, where=path, limit=MAX_FILE)


def _gunzip(raw: bytes, where: str) -> bytes:
    if not raw.startswith(b"\x1f\x8b"):
        return raw
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(raw)) as stream:
            return read_whole(cast("BinaryIO", stream), where=where, limit=MAX_FILE)
    except (OSError, EOFError, zlib.error) as error:
        raise FormatError(
            f"the compressed file is damaged ({error})", where=where, remedy="download it again"
        ) from error


class _Page(msgspec.Struct):
    body: str = msgspec.field(name="articleBody")


def _parse_bodies(raw: bytes, where: object) -> dict[str, str]:
    try:
        pages = msgspec.json.decode(raw, type=dict[str, _Page])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise FormatError(
            f"does not hold articles' bodies ({error})", where=where, remedy="take the file from its repository again"
        ) from error
    return {page: entry.body for page, entry in pages.items()}


def _unreachable(url: str, reason: str) -> InputError:
    return InputError(
        f"could not be fetched ({reason})",
        where=url,
        remedy="try again later: what is there is kept; or clone the repositories and use --text",
    )
