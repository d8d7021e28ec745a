"""A small language model that reads whole pages: what it says of each sentence becomes columns for the second stage.

The encoder is a transformer in ONNX form. A page is cut into windows of consecutive sentences that overlap, so that
each sentence is read with what stands before and after it; of the windows that hold a sentence, the one in which it is
farthest from an edge counts. Windows are read one at a time and without padding: what is said of a page does not depend
on what else is read.

The labels that it was tuned on came from pages too. For each of those the folder holds, as ``answers.npz``, what a
sibling says that was tuned without that page; so an evaluation on them does not know its own answers.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from zlib import crc32

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy import special

from annotate.classify.units import Page
from annotate.errors import MissingExtra, ModelRefused, NotHonest
from annotate.resources import carried

Floats = NDArray[np.float32]

NAME: Final = "encoder"
"""Where the encoder that nutgraf comes with lies among its models."""

_FORMAT: Final = 1
_NETWORK, _VOCABULARY, _ANSWERS, _MANIFEST = "encoder.onnx", "vocabulary.txt", "answers.npz", "manifest.json"


class Head(msgspec.Struct, frozen=True):
    """A question that the encoder answers of each sentence, with its possible answers."""

    name: str
    answers: tuple[str, ...]


class Manifest(msgspec.Struct, frozen=True):
    """What stands beside the network.

    Parameters
    ----------
    heads
        The questions, in the order of the network's scores.
    window
        Tokens in a window, the first one included.
    longest
        Tokens of a sentence that are read; the rest is cut off.
    margin
        Tokens that windows overlap by, at least, on each side of what they are read for.
    sha256
        File name to the SHA-256 of its content.
    """

    format: int
    name: str
    heads: tuple[Head, ...]
    window: int
    longest: int
    margin: int
    sha256: Mapping[str, str]


class Encoder:
    """The encoder in a folder; nothing is loaded before it is used.

    Parameters
    ----------
    folder
        With the network, its vocabulary and its manifest.

    Raises
    ------
    ModelRefused
        If a file is missing or was changed.
    MissingExtra
        If onnxruntime or tokenizers is not installed.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            self.manifest = msgspec.json.decode((folder / _MANIFEST).read_bytes(), type=Manifest)
        except (OSError, msgspec.MsgspecError) as error:
            raise ModelRefused("is no encoder", where=folder, remedy="install nutgraf again, whole") from error
        if self.manifest.format != _FORMAT:
            raise ModelRefused(
                f"has format {self.manifest.format}, this version reads format {_FORMAT}",
                where=folder,
                remedy="use the nutgraf version it came with",
            )
        self._tokenizer, self._session = self._load()
        self._answers = self._read_answers()

    @property
    def sha256(self) -> str:
        """Return the hash that tells this encoder from any other."""
        return self.manifest.sha256[_NETWORK]

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the names of the columns of :meth:`read`: question and answer."""
        return tuple(f"{head.name}: {answer}" for head in self.manifest.heads for answer in head.answers)

    def tuned_on(self, page: Page) -> bool:
        """Return whether the encoder has seen labels of this page."""
        return page_key(page) in self._answers

    def read(self, pages: Sequence[Page]) -> Floats:
        """Return the probability of each answer for each sentence of the pages, shape (n_sentences, n_columns)."""
        known = [self._answers.get(page_key(page)) for page in pages]
        unknown = [page for page, answers in zip(pages, known, strict=True) if answers is None]
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            found = iter(list(pool.map(self._read_page, unknown)))
        parts = [next(found) if answers is None else answers for answers in known]
        return np.vstack(parts) if parts else np.zeros((0, len(self.columns)), dtype=np.float32)

    def _read_page(self, page: Page) -> Floats:
        tokens = self._tokens([sentence.text for sentence in page.sentences])
        scores = np.zeros((len(tokens), len(self.columns)), dtype=np.float32)
        depth = np.full(len(tokens), -1)
        for start, end in windows([len(t) for t in tokens], self.manifest.window, self.manifest.margin):
            ids, pool = _input(tokens[start:end])
            (said,) = self._session.run(["scores"], {"ids": ids, "pool": pool})
            deep = _depth([len(t) for t in tokens[start:end]], first=start == 0, last=end == len(tokens))
            better = np.flatnonzero(deep > depth[start:end])
            scores[start + better] = said[0, better]
            depth[start + better] = deep[better]
        return self._probabilities(scores)

    def _probabilities(self, scores: Floats) -> Floats:
        ends = np.cumsum([len(head.answers) for head in self.manifest.heads])
        parts = np.split(scores, ends[:-1], axis=1)
        return np.hstack([special.softmax(part, axis=1) for part in parts]).astype(np.float32)

    def _tokens(self, texts: Sequence[str]) -> list[list[int]]:
        unknown = self._tokenizer.token_to_id("[UNK]")
        # A lone surrogate can't be encoded as UTF-8, which is what the tokenizer reads.
        clean = [text.encode("utf-8", "replace").decode() for text in texts]
        encoded = self._tokenizer.encode_batch(clean, add_special_tokens=False)
        return [one.ids[: self.manifest.longest] or [unknown] for one in encoded]

    def _load(self) -> tuple[Any, Any]:
        try:
            import onnxruntime  # noqa: PLC0415 - an optional part
            from tokenizers import BertWordPieceTokenizer  # noqa: PLC0415
        except ImportError as error:
            raise MissingExtra("accurate", "the recipe accurate") from error
        vocabulary = self._checked(_VOCABULARY).decode("utf-8").split("\n")
        tokenizer = BertWordPieceTokenizer({token: n for n, token in enumerate(vocabulary)}, lowercase=True)
        options = onnxruntime.SessionOptions()
        # One thread, so that sums are taken in one order; pages are read side by side instead.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # From bytes: a network that refers to other files can't reach any.
        network = self._checked(_NETWORK)
        return tokenizer, onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])

    def _read_answers(self) -> dict[str, Floats]:
        if _ANSWERS not in self.manifest.sha256:
            return {}
        self._checked(_ANSWERS)
        with np.load(self.folder / _ANSWERS, allow_pickle=False) as stored:
            parts = np.split(stored["probabilities"].astype(np.float32), stored["ends"][:-1])
            return dict(zip(stored["pages"].tolist(), parts, strict=True))

    def _checked(self, name: str) -> bytes:
        try:
            content = (self.folder / name).read_bytes()
        except OSError as error:
            raise ModelRefused(
                f"{name} can't be read ({error.strerror})", where=self.folder, remedy="install nutgraf again, whole"
            ) from error
        if hashlib.sha256(content).hexdigest() != self.manifest.sha256.get(name):
            raise ModelRefused(f"{name} was changed", where=self.folder, remedy="install nutgraf again, whole")
        return content


@lru_cache(maxsize=1)
def carried_encoder() -> Encoder:
    """Return the encoder that nutgraf comes with; see :class:`Encoder`."""
    return Encoder(carried("models", NAME))


def refuse_foreknowledge(pages: Iterable[Page]) -> None:
    """Refuse to hold out outlets or the future on pages whose like the encoder was tuned on.

    The answers kept for a page come from a sibling that was tuned without it, but not without its outlet's other pages.

    Raises
    ------
    NotHonest
        If the encoder was tuned on one of the pages.
    """
    encoder = carried_encoder()
    known = sum(encoder.tuned_on(page) for page in pages)
    if known:
        raise NotHonest(
            f"the encoder was tuned on {known} of these pages and on others of their outlets and years",
            remedy="hold out articles only, or evaluate the recipe fast, which has seen none of them",
        )


def windows(lengths: Sequence[int], size: int, margin: int) -> Iterator[tuple[int, int]]:
    """Yield the stretches of sentences that are read together, as (first, end).

    Parameters
    ----------
    lengths
        Tokens of each sentence of a page.
    size
        Tokens in a window: one at its beginning and one behind each sentence are counted.
    margin
        Windows overlap by at least twice this, where sentences are short enough for that.
    """
    start = 0
    while start < len(lengths):
        end, room = start, size - 1
        while end < len(lengths) and (end == start or lengths[end] < room):
            room -= lengths[end] + 1
            end += 1
        yield start, end
        if end == len(lengths):
            return
        back, overlap = end - 1, lengths[end - 1]
        while back > start + 1 and overlap < 2 * margin:
            back -= 1
            overlap += lengths[back]
        start = max(back, start + 1)


def _input(tokens: Sequence[Sequence[int]]) -> tuple[NDArray[np.int64], Floats]:
    """Return a window's token numbers, shape (1, n_tokens), and what averages them by sentence, (1, n, n_tokens)."""
    first, between = 101, 102  # [CLS] and [SEP] of BERT's vocabulary
    ids = [first]
    pool = np.zeros((1, len(tokens), 1 + sum(len(t) + 1 for t in tokens)), dtype=np.float32)
    for n, sentence in enumerate(tokens):
        pool[0, n, len(ids) : len(ids) + len(sentence) + 1] = 1 / (len(sentence) + 1)
        ids += [*sentence, between]
    return np.array([ids], dtype=np.int64), pool


def _depth(lengths: Sequence[int], *, first: bool, last: bool) -> NDArray[np.int64]:
    """Return how many tokens stand between each sentence and the nearer edge of its window; a page's end is none."""
    ends = np.cumsum([n + 1 for n in lengths])
    far = int(ends[-1]) + 1
    before = np.full(len(lengths), far) if first else ends - lengths - 1
    after = np.full(len(lengths), far) if last else ends[-1] - ends
    depth: NDArray[np.int64] = np.minimum(before, after)
    return depth


def page_key(page: Page) -> str:
    """Return what tells a page from any other, with or without its text: 32 hexadecimal digits."""
    read = page.read
    checks = read.checks if read else [crc32(s.text.encode("utf-8", "surrogatepass")) for s in page.sentences]
    return hashlib.sha256(np.array(checks, dtype="<u4").tobytes()).hexdigest()[:32]
