"""Measure another tool as the session is measured; print one JSON object for ``session.py --peer``.

    NUTGRAF_DOCCANO=DIR python benchmarks/session_peers.py doccano
    NUTGRAF_POTATO=DIR python benchmarks/session_peers.py potato --coders 20 --decisions 50 --only-load

DIR is an environment with the tool: ``requirements/doccano.txt``, ``requirements/peers-potato.txt``. The load does what
the tool's own page does. Only saving is timed, not the request for the next unit that these tools need after it, which
is in their favour.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from session_browser import TOOLS, measure
from session_tools import LABELS, load_rows, sentences


def main():
    options = read_options()
    make = TOOLS[options.tool]
    with tempfile.TemporaryDirectory() as folder:
        told = {"name": make.name, **dict(measure_load(make, Path(folder), options))}
        if not options.only_load:
            told |= measure(make, Path(folder), options.keys, options.pictures)
    print(json.dumps(told))


def read_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tool", choices=[name for name in TOOLS if name != "nutgraf"])
    parser.add_argument("--coders", type=int, default=20)
    parser.add_argument("--decisions", type=int, default=50)
    parser.add_argument("--keys", type=int, default=60, help="decisions made in the browser")
    parser.add_argument("--pictures", type=Path, help="a folder for what the windows looked like")
    parser.add_argument("--only-load", action="store_true", help="leave the browser out")
    return parser.parse_args()


def measure_load(make, folder, options):
    coders = [f"coder{number:02d}" for number in range(options.coders)]
    (folder / "load").mkdir()
    began = time.perf_counter()
    with make(folder / "load", sentences(options.decisions)) as tool:
        start = time.perf_counter() - began
        tool.enrol(["alone", *coders])
        one, _, _ = load(tool, ["alone"], options.decisions)
        many, seconds, errors = load(tool, coders, options.decisions)
        yield "start, s", f"{start:.1f}"
        yield "memory under load, MB", f"{tool.memory_mb():.0f}"
    yield from load_rows(one, many, seconds, errors, options.coders)


def load(tool, coders, decisions):
    """Let coders decide side by side, each sending the next when the last is answered."""
    desks = [tool.desk(coder) for coder in coders]
    times, errors = [], 0

    def work(desk):
        made, failed = [], 0
        for number in range(decisions):
            unit = desk.unit(number)
            began = time.perf_counter()
            failed += not desk.decide(unit, LABELS[number % 4])
            made.append(1000 * (time.perf_counter() - began))
            desk.turn()
        return made, failed

    began = time.perf_counter()
    with ThreadPoolExecutor(len(desks)) as pool:
        for made, failed in pool.map(work, desks):
            times += made
            errors += failed
    return times, time.perf_counter() - began, errors


if __name__ == "__main__":
    main()
