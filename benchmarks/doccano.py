"""Push a round to a real doccano, have two coders label all of it through its API, pull it back; kill it on the way.

    python benchmarks/doccano.py
    python benchmarks/doccano.py --units 1000 --kills 1 --seed 7

Timed without faults, beside doccano's own import and export of the same units; then again with worker and web process
killed at random moments of the push and of the pull, and the pull itself killed too. Needs `make .venv-doccano`.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from doccano_server import LEAD, Coder, DoccanoServer, add_coders
from stores import everything_round, story

from annotate.exchange.servers.doccano_session import Session
from annotate.exchange.servers.tasks import tasks
from annotate.project import create_project, open_project

CODERS = ("ana", "ben")
LABELS = ("unrelated_promo", "quoted_official", "editorial_framing", "factual_claim")
PIECES = (
    "The bridge opened.",
    "\u2028Line\u2029 ends\x85",
    "e\u0301ſ Å",
    "\U0001f469\u200d\U0001f680",
    "شكرا לכם",
    '{"a": "\\n"}',
    "=1+1",
    "Tab\there",
)


def main():
    options = read_options()
    print(f"{options.units:,} units, {options.kills} kills of each process in each direction, seed {options.seed}\n")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        plain = make_project(folder / "plain", options.units)
        with DoccanoServer(folder) as server:
            add_coders(server, *CODERS)
            os.environ["NUTGRAF_DOCCANO_PASSWORD"] = server.password
            rows = measure_push(plain, server)
            faulty = folder / "faulty"
            shutil.copytree(plain, faulty)
            rows += prove(faulty, folder, server, options)
    print(f"\n{'what':58}  result")
    for what, result in rows:
        print(f"{what:58}  {result}")


def measure_push(project, server):
    """Time a push without faults, beside doccano's own import of the same rows in one file."""
    seconds, _ = timed(lambda: nutgraf("push", project, "--url", server.url, "--user", LEAD, "--project", "plain"))
    again, _ = timed(lambda: nutgraf("push", project))
    own = own_import(project, server)
    return [
        ("push", f"{seconds:.1f} s"),
        ("push again, nothing missing", f"{again:.1f} s"),
        ("doccano-client's upload() of the same units in one file", f"{own:.1f} s"),
    ]


def own_import(project, server):
    session = signed_in(server)
    number = int(session.new_project("own", "doccano's own import", "none"))
    lines = [line for batch in batches(project) for line in batch]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "units.jsonl"
        file.write_text("".join(lines), encoding="utf-8")
        seconds, status = timed(lambda: session.upload(number, [str(file)], "DocumentClassification", "JSONL"))
    assert status.ready
    session.close()
    return seconds


def batches(project):
    """Yield the rows as they are sent, as JSON lines."""
    import json

    from annotate.exchange.servers.doccano import _row

    with open_project(project).store() as store:
        units = [one.unit for one in store.frame()]
        yield [json.dumps(_row(task)) + "\n" for task in tasks(store, store.round(1), units).values()]


def prove(project, folder, server, options):
    chance = random.Random(options.seed)
    pushes = Chaos(server, chance, options.kills)
    address = ["--url", server.url, "--user", LEAD, "--project", "faulty"]
    tries = pushes.during(lambda: nutgraf("push", project, *address, "--patience", "25", check=False))
    with open_project(project).store() as store:
        (link,) = [one for one in open_links(store) if one.name == "faulty"]
        sent = {task.key: task for task in tasks(store, store.round(1), [one.unit for one in store.frame()]).values()}
    there = examples(server, link.project)
    assert len(there) == len(sent) == options.units, (len(there), len(sent))
    differing = [one for one in there if not same(one, sent[one["meta"]["key"]])]
    given, labelling = label_all(server, link.project, there)
    untouched = folder / "untouched"
    shutil.copytree(project, untouched)
    pulls = Chaos(server, chance, options.kills)
    pull_tries = pulls.during(
        lambda: nutgraf("pull", project, "--project", "faulty", "--patience", "150", chance=chance)
    )
    missing, doubled = compare(project, given)
    seconds, _ = timed(lambda: nutgraf("pull", untouched, "--project", "faulty"))
    again, _ = timed(lambda: nutgraf("pull", untouched, "--project", "faulty"))
    assert compare(untouched, given) == (0, 0)
    export = own_export(server, link.project)
    return [
        ("pull of both coders", f"{seconds:.1f} s"),
        ("pull again, nothing new", f"{again:.1f} s"),
        ("doccano-client's download() of the same project", f"{export:.1f} s"),
        (f"two coders label everything ({2 * options.units:,} requests)", f"{labelling:.0f} s"),
        (
            "push: worker kills, web kills, calls until done",
            f"{pushes.killed['worker']}, {pushes.killed['web']}, {tries}",
        ),
        ("units on the server after it, distinct", f"{len(there):,}, {len({one['meta']['key'] for one in there}):,}"),
        ("units whose text, offsets or metadata differ", f"{len(differing):,}"),
        (
            "pull: worker kills, web kills, own kills, calls until done",
            f"{pulls.killed['worker']}, {pulls.killed['web']}, {killed_pulls[0]}, {pull_tries}",
        ),
        ("judgments given, lost or different, doubled", f"{len(given):,}, {missing:,}, {doubled:,}"),
    ]


class Chaos:
    """Kills web process and worker at random moments, and starts them again a moment later."""

    def __init__(self, server, chance, kills):
        self.killed = Counter()
        self._server, self._chance = server, chance
        self._moves = ["web", "worker"] * kills
        chance.shuffle(self._moves)
        self._stop = threading.Event()

    def during(self, work):
        """Call until one call succeeded and all kills were done; return how many it took."""
        thread = threading.Thread(target=self._run)
        thread.start()
        calls = 0
        while True:
            calls += 1
            done = work() == 0
            if done and not thread.is_alive():
                return calls

    def _run(self):
        server = self._server
        for what in self._moves:
            time.sleep(self._chance.uniform(1, 8))
            (server.kill_web if what == "web" else server.kill_worker)()
            self.killed[what] += 1
            time.sleep(self._chance.uniform(0, 3))
            (server.start_web if what == "web" else server.start_worker)()
            (server.wait_for_web if what == "web" else server.wait_for_worker)()


killed_pulls = [0]


def nutgraf(verb, project, *more, check=True, chance=None):
    """Run the command; with ``chance`` kill it now and then, up to three times in all."""
    command = [Path(sys.executable).parent / "nutgraf", verb, "doccano", "-C", str(project), *more]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if chance is not None and killed_pulls[0] < 3:
        try:
            process.wait(chance.uniform(3, 20))
        except subprocess.TimeoutExpired:
            process.kill()
            killed_pulls[0] += 1
    out, err = process.communicate()
    if check and chance is None and process.returncode:
        raise SystemExit(f"{command}\n{out}{err}")
    print(f"{verb}: {process.returncode} {' '.join(out.split())} {' | '.join(err.splitlines())}", file=sys.stderr)
    return process.returncode


def label_all(server, project, rows):
    """Let every coder give every row a label; return coder and key to label, and the seconds it took."""
    given = {(name, row["meta"]["key"]): some_label(name, row["meta"]["key"]) for name in CODERS for row in rows}

    def label(name):
        coder = Coder(server, name)
        keys = coder.labels(project)
        for row in rows:
            coder.give(project, row["id"], keys[given[name, row["meta"]["key"]]])
        coder.close()

    with ThreadPoolExecutor() as pool:
        seconds, _ = timed(lambda: list(pool.map(label, CODERS)))
    return given, seconds


def some_label(name, key):
    """Return a label that looks like chance and is the same in every run."""
    return LABELS[zlib.crc32(f"{name} {key}".encode()) % len(LABELS)]


def compare(project, given):
    """Return how many judgments are lost or different, and how many stand or were stored more than once."""
    with open_project(project).store() as store:
        assert store.verify().flaws == ()
        texts = {article.id: article.text for article in store.articles()}
        fingerprint = store.codebook().fingerprint
        judgments = store.judgments(rounds=[1])
        events = Counter((event.coder, event.unit) for event in store.events() if event.kind == "judgment")
        undone = sum(event.kind == "undo" for event in store.events())
    found = {(one.coder, f"{one.article}:{one.start}-{one.end}"): one.label for one in judgments}
    assert all(texts[one.article][one.start : one.end] and one.codebook == fingerprint for one in judgments)
    lost = sum(found.get(key) != label for key, label in given.items())
    return lost, len(judgments) - len(found) + sum(n - 1 for n in events.values()) + undone


def same(example, task):
    return example["text"] == task.text and example["meta"] == {
        "key": task.key,
        "start": task.start,
        "end": task.end,
        **task.context,
    }


def examples(server, project):
    lead = Coder(server, LEAD)
    try:
        return lead.examples(project)
    finally:
        lead.close()


def own_export(server, project):
    session = signed_in(server)
    with tempfile.TemporaryDirectory() as folder:
        seconds, _ = timed(lambda: session.download(int(project), "JSONL", dir_name=folder))
    session.close()
    return seconds


def signed_in(server):
    session = Session(server.url)
    session.login(LEAD, server.password)
    return session


def open_links(store):
    from annotate.exchange.servers.links import links

    return links(store)


def make_project(folder, units):
    """Make a project with a round that two coders code whole, its texts full of what files get wrong."""
    made = create_project(folder, seed=1, name="Proof", lead=LEAD)
    stories = []
    for number in range(0, units, 20):
        texts = [f"{PIECES[n % len(PIECES)]} Sentence {n} of it all." for n in range(number, min(number + 20, units))]
        stories.append(story(f"story-{number:05d}", *texts))
    with made.store() as store:
        for coder in CODERS:
            store.add_coder(coder)
        store.add_articles(stories)
        everything_round(store, "main", CODERS)
    return folder


def timed(work):
    began = time.perf_counter()
    result = work()
    return time.perf_counter() - began, result


def read_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--units", type=int, default=5000)
    parser.add_argument("--kills", type=int, default=3, help="of the web process and of the worker, each way")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


if __name__ == "__main__":
    main()
