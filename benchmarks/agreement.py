"""Agreement: speed beside `krippendorff` called in a loop, coverage of the intervals, gold beside crowd-kit.

    python benchmarks/agreement.py speed            100,000 units x 5 coders, 1,000 bootstraps over 2,500 articles
    python benchmarks/agreement.py coverage [RUNS]  how often 95 % intervals hold the truth (RUNS 2,000; takes an hour)
    python benchmarks/agreement.py gold             Dawid-Skene and MACE on 20,000 units x 5 coders

Peers that are not installed are left out: krippendorff and crowd-kit, pinned in requirements/peers.txt.
"""

from __future__ import annotations

import importlib.util
import statistics
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from coders import newsroom, ratings

from annotate.adjudication import dawid_skene, mace, majority
from annotate.agreement import Scale, certify
from annotate.agreement import coefficients as of
from annotate.agreement.measures import measure
from annotate.agreement.statistics import sums_by_article

LABELS = 4
NOMINAL = Scale("nominal", (0, 1, 2, 3))


def installed(package):
    return importlib.util.find_spec(package) is not None


def timed(function, *, times=3):
    """Return the median seconds of a call and its last result."""
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        result = function()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds), result


def speed():
    random = np.random.default_rng(0)
    article = np.repeat(np.arange(2500), 40)
    truth = random.choice(LABELS, size=len(article), p=[0.25, 0.13, 0.23, 0.39])
    codes = np.where(random.random((len(article), 5)) < 0.85, truth[:, None], random.integers(0, 4, (len(article), 5)))
    codes[random.random(codes.shape) < 0.2] = -1
    table = ratings(codes, article=article, labels="abcd")
    paired = table.paired()
    print(f"{len(codes):,} units x 5 coders, a fifth missing, 2,500 articles, 1,000 bootstraps; median of 3 runs")
    alone, found = timed(lambda: measure(paired, NOMINAL, seed=0, bootstraps=1000, by_label=False, by_pair=False))
    print(f"alpha, percent, Fleiss, AC1 with intervals           {alone:8.2f} s   alpha {found.found['alpha',]}")
    every, _ = timed(lambda: measure(paired, NOMINAL, seed=0, bootstraps=1000))
    print(f"and Cohen, Scott, four labels, ten pairs             {every:8.2f} s")
    whole, _ = timed(lambda: certify(table, bootstraps=1000))
    print(f"the whole certificate                                {whole:8.2f} s")
    if installed("krippendorff"):
        import krippendorff

        judged = np.where(table.codes < 0, np.nan, table.codes).T
        rows = [np.flatnonzero(article == a) for a in range(2500)]
        calls = 3

        def loop():
            for _ in range(calls):
                drawn = np.concatenate([rows[a] for a in random.integers(0, 2500, 2500)])
                krippendorff.alpha(judged[:, drawn], level_of_measurement="nominal")

        one = timed(loop, times=1)[0] / calls
        print(f"krippendorff in a loop, alpha alone                  {one * 1000:8.2f} s   ({calls} replicates x 1000)")
        ours = float(of.alpha(sums_by_article(table).total(), NOMINAL))
        theirs = krippendorff.alpha(judged, level_of_measurement="nominal")
        print(f"difference of the estimates {abs(ours - theirs):.1e}")


def coverage(runs):
    print(f"{runs:,} newsrooms a row, 1,000 bootstraps; share of 95 % intervals that hold the alpha of 20,000 articles")
    print("coders  skill  articles   alpha  all labels  rarest label  Cohen  AC1")
    for coders, skill, n in [(2, 0.7, 54), (2, 0.85, 20), (2, 0.85, 54), (2, 0.85, 150), (2, 0.95, 54), (4, 0.85, 54)]:
        keys = [("alpha",), ("label", "1", "alpha"), ("cohen",), ("gwet",)]
        truth = measure(newsroom(20_000, coders=coders, skill=skill, seed=1), NOMINAL, seed=0, bootstraps=1).found
        held = np.zeros(len(keys))
        for run in range(runs):
            table = newsroom(n, coders=coders, skill=skill, seed=1000 + run)
            found = measure(table, NOMINAL, seed=run, bootstraps=1000).found
            held += [found[key].low <= truth[key].estimate <= found[key].high for key in keys]
        shares = "  ".join(f"{share:10.1%}" for share in held / runs)
        print(f"{coders:6}  {skill:5}  {n:8}  {truth[keys[0]].estimate:6.3f}  {shares}", flush=True)


def gold():
    random = np.random.default_rng(0)
    n, skills = 20_000, np.array([0.95, 0.85, 0.75, 0.6, 0.45])
    truth = random.choice(LABELS, size=n, p=[0.25, 0.13, 0.23, 0.39])
    wrong = (truth[:, None] + random.integers(1, LABELS, (n, 5))) % LABELS
    codes = np.where(random.random((n, 5)) < skills, truth[:, None], wrong)
    table = ratings(codes, labels="abcd")
    print("20,000 units x 5 coders\nmethod             seconds  right")
    ways = {"majority": majority, "dawid-skene": dawid_skene, "mace": mace}
    for name, way in ways.items():
        seconds, settled = timed(lambda way=way: way(table), times=1)
        right = np.mean([row.label == "abcd"[label] for row, label in zip(settled.rows, truth, strict=True)])
        print(f"{name:18} {seconds:7.2f}  {right:.4f}")
    if installed("crowdkit"):
        import pandas as pd
        from crowdkit.aggregation import MACE, DawidSkene

        rows = [(unit, coder, code) for (unit, coder), code in np.ndenumerate(codes)]
        frame = pd.DataFrame(rows, columns=["task", "worker", "label"])
        for name, peer in {"crowd-kit DS": DawidSkene(n_iter=100), "crowd-kit MACE": MACE()}.items():
            seconds, settled = timed(lambda peer=peer: peer.fit_predict(frame), times=1)
            print(f"{name:18} {seconds:7.2f}  {np.mean(settled.sort_index().to_numpy() == truth):.4f}")


if __name__ == "__main__":
    verb = sys.argv[1] if len(sys.argv) > 1 else "speed"
    if verb == "coverage":
        coverage(int(sys.argv[2]) if len(sys.argv) > 2 else 2000)
    else:
        {"speed": speed, "gold": gold}[verb]()
