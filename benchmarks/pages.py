"""Compare the reading of web pages with its peers: the article found, what is kept, speed and memory, in one run.

    NUTGRAF_CORPORA=... python benchmarks/pages.py

Run it with the interpreter of an environment that holds requirements/peers.txt; peers that are not installed are left
out, and said to be. The pages are those of NUTGRAF_CORPORA/pages (2018-19) and pages-2023. Score: the
article-extraction benchmark's own (Scrapinghub 2020): per page precision and recall of the multiset of word 4-grams,
averaged over pages, F1 of the averages. Kept: which share of the article's 4-grams, and of the visible text around it
as resiliparse sees it, stands in all blocks together.
"""

from __future__ import annotations

import argparse
import gzip
import importlib.metadata
import json
import logging
import os
import platform
import re
import statistics
import subprocess
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

Extract = Callable[[str], str]

SETS = ("pages", "pages-2023")
GRAM = 4
LOADERS: dict[str, Callable[[], Extract]] = {}


def peer(name: str):
    """Register a loader under the name of the distribution it needs, with what is special after a space."""

    def register(load: Callable[[], Extract]):
        LOADERS[name] = load
        return load

    return register


@peer("nutgraf")
def nutgraf() -> Extract:
    from annotate.readers.html import article_from_html

    def extract(page: str) -> str:
        article = article_from_html(page, "page", where="page")
        return "\n".join(article.text[block.start : block.end] for block in article.blocks if block.body)

    return extract


@peer("nutgraf (blocks only)")
def nutgraf_blocks() -> Extract:
    from annotate.readers.blocks import page_blocks

    return lambda page: "\n".join(page_blocks(page))


@peer("trafilatura (fast)")
def trafilatura_fast() -> Extract:
    from trafilatura import extract

    return lambda page: extract(page, fast=True, include_comments=False) or ""


@peer("trafilatura")
def trafilatura() -> Extract:
    from trafilatura import extract

    return lambda page: extract(page, include_comments=False) or ""


@peer("readability-lxml")
def readability() -> Extract:
    from lxml import html
    from readability import Document

    def extract(page: str) -> str:
        summary = html.fromstring(Document(page).summary())
        return "\n".join(summary.itertext())

    return extract


@peer("resiliparse")
def resiliparse() -> Extract:
    from resiliparse.extract.html2text import extract_plain_text

    return lambda page: extract_plain_text(page, main_content=True, alt_texts=False, list_bullets=False)


@peer("newspaper4k")
def newspaper() -> Extract:
    from newspaper import Article

    def extract(page: str) -> str:
        article = Article("https://example.com/", language="en", fetch_images=False)
        article.download(input_html=page)
        article.parse()
        return article.text

    return extract


def read_pages(corpora: Path, name: str) -> list[tuple[str, str]]:
    """Return the pages of a set with the body that its annotators marked."""
    truth = json.loads((corpora / name / "ground-truth.json").read_text("utf-8"))
    return [
        (gzip.decompress((corpora / name / "html" / f"{key}.html.gz").read_bytes()).decode(), page["articleBody"])
        for key, page in truth.items()
    ]


def grams(text: str) -> Counter[tuple[str, ...]]:
    words = re.findall(r"\w+", text)
    found = (tuple(words[i : i + GRAM]) for i in range(max(1, len(words) - GRAM + 1)))
    return Counter(gram for gram in found if gram)


def f1(pairs: list[tuple[str, str]]) -> tuple[float, float, float]:
    """Return F1, precision and recall, in percent, of (found, true) texts."""
    precisions, recalls = [], []
    for found, true in pairs:
        said, wanted = grams(found), grams(true)
        hits = (said & wanted).total()
        if said:
            precisions.append(hits / said.total())
        if wanted:
            recalls.append(hits / wanted.total())
    precision, recall = statistics.mean(precisions), statistics.mean(recalls)
    return 200 * precision * recall / (precision + recall), 100 * precision, 100 * recall


def kept(blocks: Extract, pages: list[tuple[str, str]]) -> tuple[float, float, float]:
    """Return which percentage of the article (mean over pages; all together) and of the rest stands in the blocks."""
    from resiliparse.extract.html2text import extract_plain_text

    shares, article, around = [], Counter(), Counter()
    for page, body in pages:
        found, wanted = grams(blocks(page)), grams(body)
        visible = grams(extract_plain_text(page, alt_texts=False, list_bullets=False)) - wanted
        shares.append((found & wanted).total() / wanted.total())
        article += Counter(kept=(found & wanted).total(), all=wanted.total())
        around += Counter(kept=(found & visible).total(), all=visible.total())
    return 100 * statistics.mean(shares), 100 * article["kept"] / article["all"], 100 * around["kept"] / around["all"]


def measure(name: str, corpora: Path, repeats: int) -> dict[str, object]:
    """Return a peer's scores, pages a second of processor time (median of passes) and growth in memory (MB)."""
    extract = LOADERS[name]()
    sets = {title: read_pages(corpora, title) for title in SETS}
    extract(sets["pages"][0][0])
    before = peak_memory()
    scores = {title: f1([(extract(page), body) for page, body in pages]) for title, pages in sets.items()}
    memory = peak_memory() - before
    rates = []
    for _ in range(repeats):
        begin = time.process_time()
        for page, _ in sets["pages"]:
            extract(page)
        rates.append(len(sets["pages"]) / (time.process_time() - begin))
    return {"scores": scores, "rate": statistics.median(rates), "memory": memory}


def peak_memory() -> float:
    """Return the most memory this process has had, in MB (Linux only)."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="only these, such as nutgraf trafilatura")
    parser.add_argument("--repeats", type=int, default=3, help="passes over the pages; the median is printed")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    options = parser.parse_args()
    corpora = Path(os.environ["NUTGRAF_CORPORA"])
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    if options.measure:
        print(json.dumps(measure(options.measure, corpora, options.repeats)))
        return
    print(f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {platform.machine()}; one core,")
    print("pages a second of processor time on the set `pages`\n")
    print(f"| reader | {' | '.join(f'{title} F1 (P, R)' for title in SETS)} | pages/s | growth, MB |")
    print("|---|" + "---:|" * (len(SETS) + 2))
    absent = []
    for name in options.names or LOADERS:
        distribution = name.partition(" ")[0]
        try:
            version = "" if distribution == "nutgraf" else f" {importlib.metadata.version(distribution)}"
        except importlib.metadata.PackageNotFoundError:
            absent.append(name)
            continue
        command = [sys.executable, "-W", "ignore", __file__, "--measure", name, "--repeats", str(options.repeats)]
        found = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[-1])
        scores = [f"{score:.2f} ({p:.1f}, {r:.1f})" for score, p, r in found["scores"].values()]
        row = [name + version, *scores, f"{found['rate']:.0f}", f"{found['memory']:.0f}"]
        print(f"| {' | '.join(row)} |", flush=True)
    if absent:
        print(f"\nNot installed: {', '.join(absent)}")
    print("\nKept among all blocks, % of 4-grams: article (mean over pages), article (all together), text around it")
    for title in SETS:
        shares = kept(nutgraf_blocks(), read_pages(corpora, title))
        print(f"  {title}: {', '.join(f'{share:.2f}' for share in shares)}")


if __name__ == "__main__":
    main()
