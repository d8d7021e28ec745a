"""Released features: what the two-stage classifier reads of labelled pages, without anyone's text.

A file holds, for each sentence in page order, its place, the CRC-32 of its text, a reader's features in half precision
and hashed counts of n-grams: no words, no order. Left out is each column that occurs in at most two sentences of all,
unless it is a common word's; no view of more than a thousand sentences reads such a column (see
:class:`~annotate.classify.views.LinearView`), so training on the file and on the text gives the same bytes.

It is a ZIP archive of NumPy arrays. A block of counts is kept by column, as the gaps between the sentences it occurs
in: low and high bytes apart, since most gaps are small.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from annotate.classify.features import ReaderFeatures
from annotate.classify.features.lexicon import read_lexicon
from annotate.classify.features.meaning import read_vectors
from annotate.classify.features.reading import Reading
from annotate.classify.features.texts import READ, hashed
from annotate.classify.units import Page, PageRead, Unit
from annotate.errors import FormatError, NoSuchFile
from annotate.types import Sentence

SUFFIX: Final = ".features"
_FORMAT: Final = 1
# The most sentences that a column may occur in and still be left out.
_RARE: Final = 2
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
Arrays = Mapping[str, NDArray[Any]]


def released_bytes(pages: Sequence[Page], copies: Mapping[str, str], language: str = "en") -> bytes:
    """Return the pages' features as a file that :func:`read_released` reads; the same pages give the same bytes.

    Parameters
    ----------
    pages
        With their text.
    copies
        Near-duplicates: article id to the id of the first article it is a copy of.
    language
        Whose word lists and vectors.
    """
    lexicon = read_lexicon(language)
    readings = [Reading(page, lexicon) for page in pages]
    reader = ReaderFeatures(language)
    sentences = [sentence for page in pages for sentence in page.sentences]
    arrays: dict[str, NDArray[Any]] = {
        "format": np.array(_FORMAT),
        "lexicon": _as_array(lexicon.fingerprint),
        "language": _as_array(language),
        "articles": _as_array("\n".join(page.article for page in pages)),
        "originals": _as_array("\n".join(copies.get(page.article, page.article) for page in pages)),
        "sizes": np.array([len(page.sentences) for page in pages], dtype=np.uint16),
        "starts": np.array([sentence.start for sentence in sentences], dtype=np.uint32),
        "lengths": np.array([sentence.end - sentence.start for sentence in sentences], dtype=np.uint32),
        "paragraphs": np.array([sentence.paragraph for sentence in sentences], dtype=np.uint16),
        "checks": np.array([Unit(p, k).check for p in pages for k in range(len(p.sentences))], dtype=np.uint32),
        "dense": np.ascontiguousarray(np.vstack([reader.compute(r) for r in readings]).T.astype(np.float16)),
    }
    for name, counts in hashed(readings).items():
        arrays.update((f"{name}.{part}", array) for part, array in _packed(counts, _kept(name, counts, language)))
    return _archived(arrays)


def read_released(path: str | Path) -> tuple[list[Page], dict[str, str]]:
    """Read released features: pages whose sentences have no text, and which of them are copies of others.

    Raises
    ------
    NoSuchFile
        If there is no such file.
    FormatError
        If it holds no released features, or some that were made with other word lists than this version's.
    """
    path = Path(path)
    if not path.is_file():
        raise NoSuchFile("no such file", where=path, remedy="name released features, such as data/gold/gold.features")
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
            pages = _pages(arrays)
    except (OSError, ValueError, KeyError, IndexError, EOFError, zipfile.BadZipFile, NotImplementedError) as error:
        raise FormatError("holds no released features", where=path, remedy="copy it again, whole") from error
    if _as_text(arrays["lexicon"]) != read_lexicon(_as_text(arrays["language"])).fingerprint:
        raise FormatError(
            "was made with other word lists than this version of nutgraf has",
            where=path,
            remedy="use the file that came with this version, or make it again with benchmarks/release.py",
        )
    originals = zip((page.article for page in pages), _as_text(arrays["originals"]).split("\n"), strict=True)
    return pages, {article: original for article, original in originals if article != original}


def _kept(name: str, counts: sparse.csr_matrix, language: str) -> NDArray[np.intp]:
    """Return the columns to release: those that are not rare, and common words."""
    frequency = np.bincount(counts.indices, minlength=counts.shape[1])
    wanted = frequency > _RARE
    if name == "tokens":
        vectors = read_vectors(language, READ[name])
        wanted |= (vectors.plain > 0) | (vectors.quoted > 0)
    return np.flatnonzero(wanted & (frequency > 0))


def _packed(counts: sparse.csr_matrix, columns: NDArray[np.intp]) -> Iterator[tuple[str, NDArray[Any]]]:
    chosen = counts.tocsc()[:, columns]
    rows, begins = chosen.indices.astype(np.int64), chosen.indptr[:-1]
    gaps = np.diff(rows, prepend=0)
    gaps[begins] = rows[begins]
    yield "columns", np.diff(columns, prepend=0).astype(np.uint32)
    yield "sizes", np.diff(chosen.indptr).astype(np.uint32)
    yield "gaps_low", (gaps & 0xFF).astype(np.uint8)
    yield "gaps_high", (gaps >> 8).astype(np.uint16)
    yield "counts", chosen.data.astype(np.uint8)


def _unpacked(arrays: Arrays, name: str, n_rows: int) -> sparse.csr_matrix:
    sizes = arrays[f"{name}.sizes"].astype(np.int64)
    gaps = arrays[f"{name}.gaps_low"] + (arrays[f"{name}.gaps_high"].astype(np.int64) << 8)
    ends = np.cumsum(sizes)
    total = np.cumsum(gaps)
    # The sum of all gaps, less what it was where the column began.
    rows = total - np.repeat(np.concatenate(([0], total[ends[:-1] - 1])), sizes)
    columns = np.repeat(np.cumsum(arrays[f"{name}.columns"]), sizes)
    values = arrays[f"{name}.counts"].astype(np.float32)
    return sparse.csr_matrix((values, (rows, columns)), shape=(n_rows, 2 ** READ[name]))


def _pages(arrays: Arrays) -> list[Page]:
    if int(arrays["format"]) != _FORMAT:
        raise ValueError
    starts, lengths = arrays["starts"].tolist(), arrays["lengths"].tolist()
    paragraphs, checks = arrays["paragraphs"].tolist(), arrays["checks"].tolist()
    dense = arrays["dense"].T.astype(np.float32)
    counts = {name: _unpacked(arrays, name, len(starts)) for name in READ}
    pages, first = [], 0
    for article, size in zip(_as_text(arrays["articles"]).split("\n"), arrays["sizes"].tolist(), strict=True):
        rows = slice(first, first + size)
        sentences = tuple(
            Sentence(article, index, paragraphs[row], starts[row], starts[row] + lengths[row], "")
            for index, row in enumerate(range(first, first + size))
        )
        of_page = {name: matrix[rows] for name, matrix in counts.items()}
        pages.append(Page(article, sentences, read=PageRead(dense[rows], of_page, tuple(checks[rows]))))
        first += size
    return pages


def _archived(arrays: Arrays) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_LZMA) as archive:
        for name, array in arrays.items():
            written = io.BytesIO()
            np.lib.format.write_array(written, array, version=(1, 0), allow_pickle=False)
            entry = zipfile.ZipInfo(f"{name}.npy", _EPOCH)
            entry.compress_type = zipfile.ZIP_LZMA
            archive.writestr(entry, written.getvalue())
    return target.getvalue()


def _as_array(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode("utf-8"), dtype=np.uint8)


def _as_text(array: NDArray[np.uint8]) -> str:
    return array.tobytes().decode("utf-8")
