"""Measure the clustering of copies beside datasketch: copies found, strangers merged, speed, in one run.

    NUTGRAF_CORPORA=... python benchmarks/duplicates.py

Run it with the interpreter of an environment that holds requirements/peers.txt. The articles are those of
NUTGRAF_CORPORA/polnear, and each is planted again in every way that news are copied: under another headline with its
tail cut, and as a later version. Strangers merged are pairs of different originals in one cluster; the share of the
shorter one's five-word shingles that really stands in the longer one says whether they are strangers at all.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import random
import re
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

Cluster = Callable[[list[str]], list[int]]

WORDS = 5
THRESHOLD = 0.6


def nutgraf(texts: list[str]) -> list[int]:
    from annotate.duplicates import duplicate_clusters
    from annotate.types import Article

    return duplicate_clusters(Article(id=str(i), text=text) for i, text in enumerate(texts))


def datasketch(texts: list[str]) -> list[int]:
    from datasketch import MinHash, MinHashLSH

    index, parents = MinHashLSH(threshold=0.5, num_perm=128), list(range(len(texts)))

    def root(i: int) -> int:
        while parents[i] != i:
            i = parents[i]
        return i

    for i, text in enumerate(texts):
        sketch = MinHash(num_perm=128)
        sketch.update_batch([shingle.encode() for shingle in shingles(text)])
        for other in index.query(sketch):
            low, high = sorted((root(i), root(other)))
            parents[high] = low
        index.insert(i, sketch)
    return [root(i) for i in range(len(texts))]


def shingles(text: str) -> set[str]:
    words = re.findall(r"\w+", text.lower())
    return {" ".join(words[i : i + WORDS]) for i in range(max(1, len(words) - WORDS + 1))}


def read_articles(corpora: Path) -> list[list[str]]:
    """Return the sentences of every article of at least ten."""
    articles = defaultdict(list)
    for line in (corpora / "polnear" / "sentences.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        articles[row["article_id"]].append(row["text"])
    return [sentences for sentences in articles.values() if len(sentences) >= 10]


def cut(share: float) -> Callable[[list[str], random.Random], list[str]]:
    return lambda sentences, _: ["A headline of the paper's own", *sentences[1 : max(3, round(share * len(sentences)))]]


def later(sentences: list[str], chance: random.Random) -> list[str]:
    """Return a later version: a tenth of the sentences changed, two dropped, a paragraph of another story put first."""
    version = [f"Officials now say {s.lower()}" if chance.random() < 0.1 else s for s in sentences]
    del version[chance.randrange(len(version))], version[chance.randrange(len(version))]
    return ["The story was updated in the evening with what the ministry had said.", *version]


KINDS = {"tail cut to 2/3": cut(2 / 3), "to 1/2": cut(1 / 2), "to 1/3": cut(1 / 3), "later version": later}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.parse_args()
    originals = read_articles(Path(os.environ["NUTGRAF_CORPORA"]))
    texts = [" ".join(sentences) for sentences in originals]
    print(f"{len(originals)} articles, each planted once a kind; found: copy and original in one cluster, %\n")
    print(f"| clusterer | {' | '.join(KINDS)} | strangers merged | articles/s |")
    print("|---|" + "---:|" * (len(KINDS) + 2))
    merged = {}
    for name, cluster in (("nutgraf", nutgraf), ("datasketch", datasketch)):
        if name != "nutgraf" and importlib.util.find_spec(name) is None:
            print(f"| {name} | not installed |")
            continue
        found, chance = [], random.Random(0)
        for plant in KINDS.values():
            copies = [" ".join(plant(sentences, chance)) for sentences in originals]
            clusters = cluster(texts + copies)
            hits = sum(clusters[i] == clusters[len(texts) + i] for i in range(len(texts)))
            found.append(f"{100 * hits / len(texts):.1f}")
        begin = time.process_time()
        clusters = cluster(texts)
        rate = len(texts) / (time.process_time() - begin)
        merged[name] = [(i, j) for i, j in combinations(range(len(texts)), 2) if clusters[i] == clusters[j]]
        print(f"| {name} | {' | '.join(found)} | {len(merged[name])} | {rate:.0f} |", flush=True)
    for name, pairs in merged.items():
        shares = [share(texts[i], texts[j]) for i, j in pairs]
        print(
            f"\n{name}: of {len(pairs)} merged pairs, {sum(s >= THRESHOLD for s in shares)} are copies by exact count"
        )
        print(f"  true shares of the others: {[round(s, 2) for s in sorted(shares) if s < THRESHOLD]}")


def share(one: str, other: str) -> float:
    a, b = shingles(one), shingles(other)
    return len(a & b) / min(len(a), len(b))


if __name__ == "__main__":
    main()
