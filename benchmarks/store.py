"""The store: saving beside one transaction a decision, growth, size, and kill -9.

    python benchmarks/store.py saving [URL]     one coder to 10,000 decisions; 20 at once; the same without group commit
    python benchmarks/store.py size             100,000 sentences: opening, first unit, memory, verifying, backup
    python benchmarks/store.py kill [TIMES]     processes killed inside a stream of decisions (TIMES 200)

With "postgresql" for URL the benchmark starts a server of its own.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from postgres import server
from stores import everything_round, filled, news

from annotate.codebook import read_codebook
from annotate.store import Decision, create_store, open_store

KEYS = read_codebook().keys
DECISIONS = 200
CODING = Path(__file__).parent.parent / "tests" / "store" / "coding.py"


def saving(place_of):
    """Print how fast decisions are saved, alone and together."""
    print("| what | decisions/s | p50 ms | p95 ms |\n|---|---:|---:|---:|")
    for coders in (20, 50):
        with project(place_of(), coders=coders, n_articles=DECISIONS // 10, per_article=10) as store:
            row(f"{coders} coders at once, {DECISIONS} each", *asyncio.run(together(store, coders)))
            flawless(store, coders * DECISIONS)
    with project(place_of(), coders=1, n_articles=1000, per_article=10) as store:
        seconds = alone(store, 10_000)
        for part in ("first", "last"):
            some = seconds[:1000] if part == "first" else seconds[-1000:]
            row(f"one coder, {part} 1,000 of 10,000", len(some) / sum(some), some)
        some = queue(store)
        row("next unit after 10,000", len(some) / sum(some), some)
    if place_of is sqlite_file:
        row("20 threads, a transaction a decision (sqlite3)", *plain(20))


async def together(store, coders):
    """Let coders decide side by side as a server would; return decisions a second, and seconds of each."""
    seconds = []

    async def code(coder):
        for n in range(DECISIONS):
            decision = Decision(client=f"{coder}-{n}", coder=coder, round=1, unit=n + 1, label=KEYS[n % 4], active_ms=9)
            began = time.perf_counter()
            receipt = await asyncio.wrap_future(store.submit(decision))
            seconds.append(time.perf_counter() - began)
            assert receipt.outcome == "stored"

    began = time.perf_counter()
    await asyncio.gather(*(code(f"coder-{n}") for n in range(coders)))
    return coders * DECISIONS / (time.perf_counter() - began), seconds


def alone(store, count):
    """Let one coder decide; return the seconds of each decision."""
    seconds = []
    for n in range(count):
        decision = Decision(client=f"c-{n}", coder="coder-0", round=1, unit=n + 1, label=KEYS[n % 4])
        began = time.perf_counter()
        assert store.take(decision).outcome == "stored"
        seconds.append(time.perf_counter() - began)
    return seconds


def queue(store):
    """Ask for the next unit of a long round of which 10,000 units are done; return the seconds of each asking."""
    second = everything_round(store, "second", ["coder-0"])
    store.take_all(
        Decision(client=f"d-{n}", coder="coder-0", round=second.id, unit=n + 1, label=KEYS[0]) for n in range(9_990)
    )
    seconds = []
    for _ in range(200):
        began = time.perf_counter()
        assert store.following(second.id, "coder-0").position == 9_990
        seconds.append(time.perf_counter() - began)
    return seconds


def plain(threads):
    """Save from threads, each decision in a transaction of its own, as applications without group commit do."""
    path = Path(tempfile.mkdtemp()) / "plain.db"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE event (seq INTEGER PRIMARY KEY, client TEXT UNIQUE, unit INTEGER, label TEXT)")
    seconds = []

    def code(number):
        connection = sqlite3.connect(path, timeout=60, isolation_level=None)
        connection.execute("PRAGMA synchronous=FULL")
        for n in range(DECISIONS):
            began = time.perf_counter()
            values = (f"{number}-{n}", n, KEYS[n % 4])
            connection.execute("INSERT INTO event (client, unit, label) VALUES (?, ?, ?)", values)
            seconds.append(time.perf_counter() - began)

    workers = [threading.Thread(target=code, args=(number,)) for number in range(threads)]
    began = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return threads * DECISIONS / (time.perf_counter() - began), seconds


def size():
    """Print what a project of 100,000 sentences costs."""
    place = sqlite_file()
    began = time.perf_counter()
    with create_store(place, read_codebook()) as store:
        added = store.add_articles(news(5_000, per_article=20))
        print(f"adding {added.units:,} units: {time.perf_counter() - began:.1f} s")
        store.add_coder("coder-0")
        everything_round(store, "first", ["coder-0"])
        store.take_all(
            Decision(client=f"d-{n}", coder="coder-0", round=1, unit=n + 1, label=KEYS[0]) for n in range(50_000)
        )
    print(f"with 50,000 decisions: {Path(place).stat().st_size >> 20} MB")
    # A process of its own, so that memory is that of opening and coding alone.
    script = (
        "import sys, time; began = time.perf_counter()\n"
        "from annotate.store import open_store\n"
        "loaded = time.perf_counter()\n"
        "store = open_store(sys.argv[1]); task = store.following(1, 'coder-0'); page = store.page_of(task.unit)\n"
        "print(f'first unit {1000 * (time.perf_counter() - loaded):.0f} ms after {1000 * (loaded - began):.0f} ms of'\n"
        "      f' imports;', next(line for line in open('/proc/self/status') if line.startswith('VmHWM')).strip())\n"
    )
    subprocess.run([sys.executable, "-c", script, place], check=True)
    with open_store(place) as store:
        for name, work in (
            ("progress", lambda: store.progress(1, "coder-0")),
            ("frame", store.frame),
            ("judgments", store.judgments),
            ("judgments undiscussed", lambda: store.judgments(moment="undiscussed")),
            ("verify", store.verify),
            ("backup", lambda: store.backup(Path(place).with_name("copy.db"), force=True)),
        ):
            began = time.perf_counter()
            work()
            print(f"{name}: {time.perf_counter() - began:.3f} s")


def kill(times):
    """Kill processes inside a stream of decisions and count what was lost and what was doubled."""
    place = sqlite_file()
    with filled(create_store(place, read_codebook()), n_articles=40, per_article=12):
        pass
    acknowledged = []
    for number in range(times):
        process = subprocess.Popen([sys.executable, str(CODING), place, str(number)], stdout=subprocess.PIPE, text=True)
        acknowledged += [process.stdout.readline().strip() for _ in range(3 + number % 40)]
        os.kill(process.pid, signal.SIGKILL)
        acknowledged += process.stdout.read().split("\n")[:-1]
        process.wait()
    with open_store(place) as store:
        stored = [event.client for event in store.events() if event.kind == "judgment"]
        flaws = store.verify().flaws
    lost, doubled = set(acknowledged) - set(stored), len(stored) - len(set(stored))
    print(f"{times} kills, {len(acknowledged):,} acknowledged: {len(lost)} lost, {doubled} doubled, {len(flaws)} flaws")


@contextmanager
def project(place, *, coders, **articles):
    names = [f"coder-{n}" for n in range(coders)]
    with filled(create_store(place, read_codebook()), coders=names, **articles) as store:
        yield store


def flawless(store, decisions):
    stored = sum(event.kind == "judgment" for event in store.events())
    assert stored == decisions, stored
    assert store.verify().flaws == ()


def row(what, rate, seconds):
    ranked = sorted(seconds)
    p95 = ranked[int(0.95 * len(ranked))]
    print(f"| {what} | {rate:,.0f} | {1000 * statistics.median(ranked):.1f} | {1000 * p95:.1f} |", flush=True)


def sqlite_file():
    return str(Path(tempfile.mkdtemp(prefix="nutgraf-bench-")) / "store.db")


def main():
    what, *more = sys.argv[1:] or ["help"]
    with ExitStack() as stack:
        if what == "saving":
            place_of = sqlite_file
            if more == ["postgresql"]:
                place_of = stack.enter_context(server(settings=())).new_database
            elif more:
                place_of = itertools.repeat(more[0]).__next__
            saving(place_of)
        elif what == "size":
            size()
        elif what == "kill":
            kill(int(more[0]) if more else 200)
        else:
            print(__doc__)


main()
