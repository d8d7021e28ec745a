"""A folder that Hugging Face ``datasets`` loads offline: Parquet with ``ClassLabel`` features, and a card."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from annotate.errors import EmptyInput, InputError
from annotate.exchange.annotation import Annotation, as_row, by_sentence, said_columns
from annotate.outputs import new_folder
from annotate.tables import read_table
from annotate.types import Codebook, Row, Sentence

_CARD = """\
---
configs:
- config_name: default
  data_files:
{files}---
# Sentences of news articles

{units:,} sentences of {articles:,} articles in {rows:,} rows, exported by nutgraf. Codebook: {codebook} {version}
(fingerprint `{fingerprint}`). A row is a sentence as one coder judged it; `start` and `end` count code points into the
article's text. `label` is empty (null) where nobody labelled the sentence, or a coder skipped it (`skipped`).

Labels: {by_label}. {coders} Say here what the coders are (people, language models), how far they agree
(`nutgraf agree`), how the articles were chosen, and whether their publishers let the text be passed on.

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
    """Write sentences and their labels; see :func:`write_annotations`."""
    given = labels if labels is not None else [None] * len(sentences)
    annotations = [Annotation(sentence, label) for sentence, label in zip(sentences, given, strict=True)]
    return write_annotations(folder, annotations, codebook, test_share=test_share, seed=seed, force=force)


def write_annotations(
    folder: str | Path,
    annotations: Sequence[Annotation],
    codebook: Codebook,
    *,
    test_share: float = 0.0,
    seed: int = 0,
    force: bool = False,
) -> int:
    """Write ``data/train-00000-of-00001.parquet`` (and ``test``) with a README; return the number of rows.

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
        | ({"quote": Value("int64")} if any(one.sentence.quote is not None for one in annotations) else {})
        | {column: Value(_kind(column)) for column in said_columns(annotations)}
    )
    rows = [{column: as_row(one).get(column) for column in features} for one in annotations]
    sentences = [one.sentence for one in annotations]
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
        (new / "README.md").write_text(_card(list(dataset), annotations, codebook), encoding="utf-8")
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


def _card(splits: list[str], annotations: Sequence[Annotation], codebook: Codebook) -> str:
    counts = Counter(one.label for one in annotations if one.label is not None)
    by_label = ", ".join(f"`{label}` {counts[label]:,}" for label in codebook.keys)
    coders = sorted({one.coder for one in annotations if one.coder})
    return _CARD.format(
        files="".join(f"  - split: {split}\n    path: data/{_file(split)}\n" for split in splits),
        units=len(by_sentence(annotations)),
        rows=len(annotations),
        articles=len({one.sentence.article for one in annotations}),
        by_label=by_label,
        coders=f"Coders: {', '.join(coders)}." if coders else "The rows name no coder.",
        codebook=codebook.name,
        version=codebook.version,
        fingerprint=codebook.fingerprint,
        mapping=", ".join(f'"{split}": "data/{_file(split)}"' for split in splits),
    )


def rows_of(path: str | Path) -> Iterator[tuple[str, Row]]:
    """Yield the rows of a folder as :func:`write_datasets` writes it, or of one of its files, with their places.

    Raises
    ------
    EmptyInput
        If there is no Parquet file in the folder.
    """
    folder = Path(path)
    files = sorted(folder.rglob("*.parquet")) if folder.is_dir() else [folder]
    if not files:
        raise EmptyInput("holds no Parquet file", where=path, remedy="name the folder of a dataset")
    for file in files:
        yield from read_table(file)


def _kind(column: str) -> str:
    if column.startswith("probabilities."):
        return "float64"
    return "bool" if column in {"skipped", "unsure"} else "string"
