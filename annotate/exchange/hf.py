"""A folder that Hugging Face ``datasets`` loads offline: Parquet with ``ClassLabel`` features, and a card."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from annotate.errors import InputError
from annotate.outputs import new_folder
from annotate.types import Codebook, Sentence

_CARD = """\
---
configs:
- config_name: default
  data_files:
{files}---
# Sentences of news articles

{units} sentences of {articles} articles, exported by nutgraf. Codebook: {codebook} {version}
(fingerprint `{fingerprint}`). A row is a sentence; `start` and `end` count code points into the article's text.
`label` is empty (null) where nobody labelled the sentence.

Load it without a network:

```python
from datasets import load_dataset

dataset = load_dataset("parquet", data_files={{{mapping}}})
```
"""


def write_datasets(
    folder: str | Path,
    sentences: Sequence[Sentence],
    codebook: Codebook,
    *,
    labels: Sequence[str | None] | None = None,
    test_share: float = 0.0,
    seed: int = 0,
    force: bool = False,
) -> int:
    """Write ``data/train-00000-of-00001.parquet`` (and ``test``) with a README; return the number of sentences.

    Parameters
    ----------
    test_share
        Share of *articles*, 0 to 1, that go to the split ``test``: no article stands in both.

    Raises
    ------
    InputError
        If the share leaves one of the splits without an article.
    OutputExists, OutputFailed
        See :func:`annotate.outputs.new_folder`.
    """
    import pyarrow.parquet as pq  # noqa: PLC0415
    from datasets import ClassLabel, Dataset, DatasetDict, Features, Value  # noqa: PLC0415 - a second to import

    features = Features(
        {
            "article": Value("string"),
            "index": Value("int64"),
            "paragraph": Value("int64"),
            "start": Value("int64"),
            "end": Value("int64"),
            "text": Value("string"),
            "label": ClassLabel(names=list(codebook.keys)),
        }
    )
    given = labels if labels is not None else [None] * len(sentences)
    rows = [
        {column: value for column, value in msgspec.to_builtins(s).items() if column in features} | {"label": label}
        for s, label in zip(sentences, given, strict=True)
    ]
    test = _test_articles([s.article for s in sentences], test_share, seed)
    parts: dict[str, list[dict[str, Any]]] = {"train": [row for row in rows if row["article"] not in test]}
    if test:
        parts["test"] = [row for row in rows if row["article"] in test]
    dataset = DatasetDict({split: Dataset.from_list(part, features=features) for split, part in parts.items()})
    with new_folder(folder, force=force) as new:
        (new / "data").mkdir()
        for split, part in dataset.items():
            # datasets' own to_parquet shows a progress bar and stores the same schema with the features in it.
            pq.write_table(part.with_format("arrow")[:], new / "data" / _file(split))
        (new / "README.md").write_text(_card(list(dataset), sentences, codebook), encoding="utf-8")
    return len(rows)


def _file(split: str) -> str:
    return f"{split}-00000-of-00001.parquet"


def _test_articles(articles: Sequence[str], share: float, seed: int) -> frozenset[str]:
    distinct = sorted(set(articles))
    n = round(len(distinct) * share)
    if share > 0 and not 0 < n < len(distinct):
        raise InputError(
            f"a test share of {share} of {len(distinct)} articles leaves a split without articles",
            remedy="export more articles or change --test-share",
        )
    chosen = np.random.default_rng(seed).permutation(len(distinct))[:n]
    return frozenset(distinct[i] for i in chosen)


def _card(splits: list[str], sentences: Sequence[Sentence], codebook: Codebook) -> str:
    return _CARD.format(
        files="".join(f"  - split: {split}\n    path: data/{_file(split)}\n" for split in splits),
        units=len(sentences),
        articles=len({s.article for s in sentences}),
        codebook=codebook.name,
        version=codebook.version,
        fingerprint=codebook.fingerprint,
        mapping=", ".join(f'"{split}": "data/{_file(split)}"' for split in splits),
    )
