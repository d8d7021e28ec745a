"""The documents that gold labels belong to: where each is from, and its text, verified."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import msgspec

from annotate.errors import DuplicateId, FormatError, InputError
from annotate.files import open_stream, read_whole
from annotate.resources import carried
from annotate.tables import read_table
from annotate.types import Article

DOCUMENTS: Final = "documents.jsonl"


class Document(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A labelled document, without its text.

    Parameters
    ----------
    document
        Its id: what labels call it, and the stem of its text's file.
    source
        The public repository it is from (``owner/name``), or ``"seeds"``.
    path
        The file in that repository that its text is made of.
    sha256
        Of its text in UTF-8.
    characters
        Code points of its text.
    n
        How many units it has.
    url
        Where it was published, if known.
    """

    document: str
    source: str
    path: str
    sha256: str
    characters: int
    n: int
    url: str | None = None


def read_documents(path: str | Path | None = None) -> dict[str, Document]:
    """Read the table of documents, by id in the file's order; without a path, of the labels nutgraf comes with.

    Raises
    ------
    FormatError
        If a row lacks a field or has one too many.
    DuplicateId
        If two rows have one id.
    NoSuchFile, EmptyInput, EncodingError
        See :func:`annotate.tables.read_table`.
    """
    path = carried("data", "gold", DOCUMENTS) if path is None else path
    documents: dict[str, Document] = {}
    for where, row in read_table(path):
        try:
            document = msgspec.convert(row, Document, strict=False)
        except msgspec.ValidationError as error:
            raise FormatError(
                f"is no document ({error})", where=where, remedy=f"a row has {', '.join(Document.__struct_fields__)}"
            ) from error
        if document.document in documents:
            raise DuplicateId(f"the document {document.document!r} stands here twice", where=where, remedy="keep one")
        documents[document.document] = document
    return documents


def read_texts(folder: str | Path, documents: Iterable[Document]) -> dict[str, Article]:
    """Read the documents' texts from ``<folder>/<document>.txt``, as articles by id.

    Raises
    ------
    NoSuchFile
        If a text is not there.
    InputError
        If a text is not the one that was labelled.
    """
    articles: dict[str, Article] = {}
    for document in documents:
        path = Path(folder) / f"{document.document}.txt"
        with open_stream(path) as stream:
            raw = read_whole(stream, where=path)
        if not is_text_of(document, raw):
            raise _changed(document.document, path)
        articles[document.document] = Article(
            id=document.document, text=raw.decode("utf-8"), url=document.url, source=str(path)
        )
    return articles


def refuse_changed(articles: Mapping[str, Article], labels: str | Path) -> None:
    """Refuse articles that are not those labelled, where a table of documents stands beside the labels.

    Raises
    ------
    InputError
        If the table lists an article with the SHA-256 of another text.
    FormatError
        See :func:`annotate.tables.read_table`.
    """
    table = Path(labels).parent / DOCUMENTS
    if not table.is_file():
        return
    for _, row in read_table(table):
        # Another project's table may have other fields; these two are all that is needed here.
        article, sha256 = articles.get(str(row.get("document"))), row.get("sha256")
        if article is not None and sha256 and sha256 != _sha256(article.text.encode("utf-8", "surrogatepass")):
            raise _changed(article.id, article.source or article.id)


def is_text_of(document: Document, raw: bytes) -> bool:
    """Tell if these bytes are the document's text, in UTF-8."""
    return _sha256(raw) == document.sha256


def _sha256(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def _changed(document: str, where: object) -> InputError:
    return InputError(
        f"is not the text of {document} that was labelled (its SHA-256 differs)",
        where=where,
        remedy="make it again with nutgraf gold",
    )
