"""Make data/gold/gold.features: what the recipe `fast` reads of the gold's pages, without their text.

    python benchmarks/release.py gold-text data/gold/gold.features

where `gold-text` is the folder that `nutgraf gold --download` wrote. Run it, and train models/default again, whenever a
feature or a word list changes.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from annotate.classify.released import released_bytes
from annotate.classify.units import pages
from annotate.codebook import read_codebook
from annotate.exchange.labelled import read_labelled
from annotate.resources import carried


def main() -> None:
    """Read the gold with its text, and write its features."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", type=Path)
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    labels = carried("data", "gold", "labels.jsonl")
    gold = read_labelled(labels, read_codebook(), texts=[arguments.texts, carried("seeds")], coder="coder-a")
    content = released_bytes([page for page, _ in pages(gold.X)], gold.copies)
    arguments.out.write_bytes(content)
    print(f"{len(content) / 1e6:.1f} MB of {len(gold.groups)} labelled sentences in {arguments.out}")


if __name__ == "__main__":
    main()
