"""Push 1,000 units to a real Label Studio, let two coders label them through its API, pull, and kill it on the way.

    make label-studio
    .venv/bin/python benchmarks/label_studio.py [--units 1000] [--kills 3] [--seed 0]

Prints whether text, offsets, metadata, coder and label are identical, and the times beside Label Studio's own import
and export of the same tasks.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from label_studio_server import LabelStudioServer, chosen  # noqa: E402

from annotate.exchange.servers.label_studio_interface import interface, shown  # noqa: E402
from annotate.exchange.servers.links import links  # noqa: E402
from annotate.exchange.servers.tasks import tasks  # noqa: E402
from annotate.project import open_project  # noqa: E402

NUTGRAF = Path(sys.executable).with_name("nutgraf")
CODERS = {"ana": "ana@example.org", "ben": "ben@example.org"}
_PROSE = (
    "the council voted on Tuesday to close “Elm Road” 🚧 until spring, ministers said — نعم عاجل naïve 東京 <b>&amp;"
)


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--units", type=int, default=1000)
    options.add_argument("--kills", type=int, default=3)
    options.add_argument("--seed", type=int, default=0)
    wanted = options.parse_args()
    chance = random.Random(wanted.seed)
    for end in (signal.SIGINT, signal.SIGTERM):  # a shell starts what runs in the background deaf to the first
        signal.signal(end, signal.default_int_handler)
    with tempfile.TemporaryDirectory() as folder, LabelStudioServer(Path(folder) / "server") as server:
        tokens = {coder: server.sign_up(email) for coder, email in CODERS.items()}
        project = make_project(Path(folder), wanted.units, chance)
        run = Run(project, server, chance)
        seconds = run("push", *names(), "--project", "clean")
        print(f"push of {wanted.units:,} units: {seconds:.1f} s, second push {run('push'):.1f} s", flush=True)
        own_import(server, project)
        survived = [run.killed("push", *names(), "--project", f"killed {n}") for n in range(wanted.kills)]
        for number, (after, took) in enumerate(survived):
            print(f"server killed {after:.1f} s into a push, done after {took:.1f} s", flush=True)
            check_units(server, project, f"killed {number}")
        answers = label(server, project, tokens, chance)
        for _ in range(wanted.kills):
            after, took = run.killed("pull", "--dry-run")
            print(f"server killed {after:.1f} s into a dry pull, done after {took:.1f} s", flush=True)
        after, took = run.killed("pull")
        print(f"server killed {after:.1f} s into the pull, done after {took:.1f} s", flush=True)
        check_judgments(project, answers)
        print(f"pull again: {run('pull'):.1f} s")
        check_judgments(project, answers)
        own_export(server, project)


def names():
    return [part for coder, email in CODERS.items() for part in ("--coder", f"{coder}={email}")]


class Run:
    """Runs `nutgraf … label-studio` in a project."""

    def __init__(self, project, server, chance):
        self.project, self.server, self.chance = project, server, chance
        self.usual = {"push": 5.0, "pull": 5.0}  # seconds

    def __call__(self, verb, *more):
        """Run the verb to its end and return how many seconds that took."""
        began = time.perf_counter()
        with self.begun(verb, *more):
            pass
        self.usual[verb] = time.perf_counter() - began
        return self.usual[verb]

    @contextmanager
    def begun(self, verb, *more):
        """Start the verb, wait for its end after the block, and never leave it behind."""
        known = ["--url", self.server.url] if verb == "push" else []
        process = subprocess.Popen(
            [NUTGRAF, verb, "label-studio", "-C", self.project, *known, *more, "--patience", "400"],
            env=os.environ | {"NUTGRAF_LABEL_STUDIO_TOKEN": self.server.token},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            yield
            output, _ = process.communicate(timeout=900)
            if process.returncode:
                raise SystemExit(f"nutgraf {verb} failed: {output}")
        finally:
            process.kill()
            process.wait()

    def killed(self, verb, *more):
        """Kill the server at a random moment, start it again, and let the verb go on; return both times in seconds."""
        began, after = time.perf_counter(), self.chance.uniform(0.5, self.usual[verb])
        with self.begun(verb, *more):
            time.sleep(after)
            self.server.kill()
            self.server.start()
        return after, time.perf_counter() - began


def make_project(folder, units, chance):
    """Make a project of articles with 10 sentences, all to be coded by two coders."""
    news = folder / "news"
    news.mkdir()
    words = _PROSE.split()
    for number in range(units // 10):
        sentences = (" ".join(chance.choices(words, k=chance.randint(6, 24))) for _ in range(10))
        (news / f"story-{number:04}.txt").write_text("\n".join(sentences) + "\n", encoding="utf-8")
    project = folder / "project"
    for command in (
        ["new", project, "--lead", "lea", "--seed", "1"],
        ["add", "-C", project, news],
        ["sample", "-C", project, "main", "-n", str(units), "--coder", "ana", "--coder", "ben", "--each", "2"],
    ):
        subprocess.run([NUTGRAF, *command], check=True, capture_output=True)
    return project


def wanted_tasks(project):
    with open_project(project).store() as store:
        units = [one.unit for one in store.assignments(1, "ana")]
        return {task.key: (unit, task) for unit, task in tasks(store, store.round("main"), units).items()}


def number_of(project, name):
    with open_project(project).store() as store:
        return next(link.project for link in links(store) if link.name == name)


def exported(server, number):
    query = {"exportType": "JSON", "download_all_tasks": "true"}
    return server.client().get(f"/api/projects/{number}/export", params=query).json()


def check_units(server, project, name):
    wanted = wanted_tasks(project)
    there = exported(server, number_of(project, name))
    same = sum(one["data"] == shown(wanted[one["data"]["key"]][1]) for one in there)
    distinct = len({one["data"]["key"] for one in there})
    print(f"  {len(there):,} tasks, {distinct:,} distinct; text, offsets, metadata identical in {same:,}", flush=True)
    if not len(there) == distinct == same == len(wanted):
        raise SystemExit("units were lost, doubled or changed")


def own_import(server, project):
    """Let Label Studio import the same tasks by itself, as a file is imported."""
    with open_project(project).store() as store:
        config = interface(store.codebook())
    client = server.client()
    number = client.post("/api/projects", json={"title": "own import", "label_config": config}).json()["id"]
    body = [{"data": shown(task)} for _, task in wanted_tasks(project).values()]
    began = time.perf_counter()
    client.post(f"/api/projects/{number}/import", json=body).raise_for_status()
    print(f"Label Studio's own import of the same: {time.perf_counter() - began:.1f} s", flush=True)


def own_export(server, project):
    began = time.perf_counter()
    exported(server, number_of(project, last_name(project)))
    print(f"Label Studio's own export of the same: {time.perf_counter() - began:.1f} s")


def last_name(project):
    with open_project(project).store() as store:
        return links(store)[-1].name


def label(server, project, tokens, chance):
    """Let both coders label every task of the project pushed last; return key and coder to label, None for a skip."""
    number = number_of(project, last_name(project))
    there = {one["data"]["key"]: one["id"] for one in exported(server, number)}
    with open_project(project).store() as store:
        labels = [*store.codebook().keys, None]
    answers = {(key, coder): chance.choice(labels) for key in sorted(there) for coder in tokens}

    began = time.perf_counter()
    with ExitStack() as clients, ThreadPoolExecutor(len(tokens)) as pool:
        own = {coder: clients.enter_context(server.client(token)) for coder, token in tokens.items()}

        def code(key, coder):
            given = answers[key, coder]
            body = {"result": chosen(given) if given else [], "was_cancelled": given is None, "lead_time": 2.5}
            own[coder].post(f"/api/tasks/{there[key]}/annotations/", json=body).raise_for_status()

        # A job an answer: whoever interrupts this waits for one of them, not for all.
        list(pool.map(lambda place: code(*place), answers))
    print(f"two coders labelled {len(answers):,} units in {time.perf_counter() - began:.0f} s", flush=True)
    return answers


def check_judgments(project, answers):
    units = {key: unit for key, (unit, _) in wanted_tasks(project).items()}
    with open_project(project).store() as store:
        events = [event for event in store.events() if event.kind in {"judgment", "skip"}]
    found = {(event.unit, event.coder): (event.label, event.active_ms) for event in events}
    right = {(units[key], coder): (given, 2500) for (key, coder), given in answers.items()}
    same = sum(found.get(place) == answer for place, answer in right.items())
    print(f"  {len(events):,} judgments for {len(right):,}; coder, label, duration identical in {same:,}", flush=True)
    if not len(events) == len(found) == same == len(right):
        raise SystemExit("judgments were lost, doubled or changed")


if __name__ == "__main__":
    main()
