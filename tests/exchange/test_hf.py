from __future__ import annotations

import pytest
from newspaper import newspaper

from annotate.errors import InputError
from annotate.exchange.hf import write_datasets
from annotate.tables import read_table


@pytest.fixture
def offline(monkeypatch, tmp_path):
    import datasets
    import huggingface_hub.constants as hub

    monkeypatch.setattr(datasets.config, "HF_DATASETS_OFFLINE", True)
    monkeypatch.setattr(hub, "HF_HUB_OFFLINE", True)
    datasets.disable_progress_bars()
    yield tmp_path / "cache"
    datasets.enable_progress_bars()


def test_load_dataset_reads_the_folder_offline(tmp_path, codebook, offline):
    from datasets import ClassLabel, load_dataset

    sentences, labels = newspaper(3)
    given = [label if i % 2 else None for i, label in enumerate(labels)]
    assert write_datasets(tmp_path / "out", sentences, codebook, labels=given) == 36
    dataset = load_dataset(str(tmp_path / "out"), cache_dir=str(offline))
    assert list(dataset) == ["train"]
    feature = dataset["train"].features["label"]
    assert isinstance(feature, ClassLabel)
    assert feature.names == list(codebook.keys)
    assert dataset["train"]["text"][:] == [s.text for s in sentences]
    assert [None if i is None else feature.int2str(i) for i in dataset["train"]["label"]] == given


def test_no_article_stands_in_both_splits(tmp_path, codebook, offline):
    from datasets import load_dataset

    sentences, labels = newspaper(10)
    write_datasets(tmp_path / "out", sentences, codebook, labels=labels, test_share=0.3, seed=4)
    dataset = load_dataset(str(tmp_path / "out"), cache_dir=str(offline))
    train, test = set(dataset["train"]["article"]), set(dataset["test"]["article"])
    assert (len(train), len(test)) == (7, 3)
    assert not train & test


def test_a_share_that_leaves_a_split_empty_is_refused(tmp_path, codebook):
    with pytest.raises(InputError, match="without articles"):
        write_datasets(tmp_path / "out", newspaper(2)[0], codebook, test_share=0.1)
    assert not (tmp_path / "out").exists()


def test_the_same_sentences_give_the_same_bytes(tmp_path, codebook):
    for name in "ab":
        write_datasets(tmp_path / name, newspaper(3)[0], codebook)
    files = [
        sorted(p for p in (tmp_path / name).rglob("*") if p.is_file() and not p.name.startswith(".")) for name in "ab"
    ]
    assert len(files[0]) == 2
    for one, other in zip(*files, strict=True):
        assert one.read_bytes() == other.read_bytes()


def test_classes_are_read_back_by_their_names(tmp_path, codebook):
    sentences, labels = newspaper(2)
    given = [label if i % 2 else None for i, label in enumerate(labels)]
    write_datasets(tmp_path / "out", sentences, codebook, labels=given)
    rows = read_table(tmp_path / "out" / "data" / "train-00000-of-00001.parquet")
    assert [row["label"] for _, row in rows] == given
