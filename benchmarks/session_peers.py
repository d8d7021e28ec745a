"""Do the session's load against another tool, as its own page does it; print one JSON object for ``session.py --peer``.

    NUTGRAF_DOCCANO=DIR python benchmarks/session_peers.py doccano
    NUTGRAF_POTATO=DIR python benchmarks/session_peers.py potato --coders 20 --decisions 50
    python benchmarks/session.py --only-load --peer 'python benchmarks/session_peers.py potato'

DIR is an environment with the tool: ``requirements/doccano.txt``, ``requirements/peers-potato.txt``. Only saving is
timed, not the request for the next unit that these tools need after it, which is in their favour.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import requests
from doccano_server import LEAD, Coder, DoccanoServer, add_coders

LABELS = ("unrelated_promo", "quoted_official", "editorial_framing", "factual_claim")
PATIENCE = 180.0
POTATO = """
annotation_task_name: bench
task_dir: .
output_annotation_dir: out/
output_annotation_format: json
data_files: [items.jsonl]
item_properties: {{id_key: id, text_key: text}}
user_config: {{allow_all_users: true, users: []}}
require_password: false
authentication: {{method: in_memory}}
annotation_schemes:
  - annotation_type: radio
    name: framing
    description: What is it doing?
    labels: [{labels}]
    sequential_key_binding: true
site_dir: default
max_annotations_per_user: {units}
assignment_strategy: random
alert_time_each_instance: 10000000
"""


def main():
    options = read_options()
    coders = [f"coder{number:02d}" for number in range(options.coders)]
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        with {"potato": Potato, "doccano": Doccano}[options.tool](Path(folder), options.decisions) as tool:
            start = time.perf_counter() - began
            tool.enrol(["alone", *coders])
            one, _, _ = load(tool, ["alone"], options.decisions)
            many, seconds, errors = load(tool, coders, options.decisions)
            told = {
                "name": tool.name,
                "save_ms": spread(one),
                "decisions_per_second": round(len(many) / seconds, 1),
                "many_ms": spread(many),
                "p95_ms": round(sorted(many)[int(0.95 * (len(many) - 1))], 1),
                "errors": errors,
                "start_s": round(start, 1),
                "memory_mb": round(tool.memory_mb()),
            }
    print(json.dumps(told))


def read_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tool", choices=("potato", "doccano"))
    parser.add_argument("--coders", type=int, default=20)
    parser.add_argument("--decisions", type=int, default=50)
    return parser.parse_args()


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


class Doccano:
    """doccano 1.8.4, one web process with four threads, as the tests run it."""

    name = "doccano"

    def __init__(self, folder, units):
        self.server, self.units = DoccanoServer(folder), units

    def __enter__(self):
        self.server.__enter__()
        return self

    def __exit__(self, *raised):
        self.server.__exit__(*raised)

    def enrol(self, coders):
        add_coders(self.server, *coders)
        lead = Coder(self.server, LEAD)
        made = {
            "name": "bench",
            "description": "bench",
            "guideline": "",
            "project_type": "DocumentClassification",
            "resourcetype": "TextClassificationProject",
            "single_class_classification": True,
            "collaborative_annotation": False,
        }
        session, api = lead._session, lead._api
        self.project = session.post(f"{api}/projects", json=made).json()["id"]
        types = f"{api}/projects/{self.project}/category-types"
        for label in LABELS:
            session.post(types, json={"text": label, "background_color": "#336699", "text_color": "#ffffff"})
        roles = {one["name"]: one["id"] for one in session.get(f"{api}/roles").json()}
        users = {one["username"]: one["id"] for one in session.get(f"{api}/users").json()}
        for coder in coders:
            member = {"user": users[coder], "role": roles["annotator"]}
            session.post(f"{api}/projects/{self.project}/members", json=member).raise_for_status()
        for number in range(self.units):
            text = {"text": f"The council of Vellin voted on bridge {number} on Monday.", "meta": {}}
            session.post(f"{api}/projects/{self.project}/examples", json=text).raise_for_status()
        lead.close()

    def desk(self, coder):
        return DoccanoDesk(Coder(self.server, coder), self.project)

    def memory_mb(self):
        return memory_of(self.server.web.pid) + memory_of(self.server.worker.pid)


class DoccanoDesk:
    """One coder's page of doccano."""

    def __init__(self, coder, project):
        self._coder, self._project = coder, project
        self._labels = coder.labels(project)
        self._examples = [one["id"] for one in coder.examples(project)]

    def unit(self, number):
        return self._examples[number]

    def decide(self, unit, label):
        try:
            self._coder.give(self._project, unit, self._labels[label])
        except requests.RequestException:
            return False
        return True

    def turn(self):
        """Need no request: the page has the next unit."""


class Potato:
    """Potato 2.12, started as its command starts it."""

    name = "Potato"

    def __init__(self, folder, units):
        rows = ({"id": f"u{n}", "text": f"The council of Vellin voted on bridge {n} on Monday."} for n in range(units))
        (folder / "items.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
        (folder / "config.yaml").write_text(POTATO.format(labels=", ".join(LABELS), units=units))
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.base = f"http://127.0.0.1:{free.getsockname()[1]}"
        self._folder = folder

    def __enter__(self):
        program = Path(os.environ["NUTGRAF_POTATO"]) / "bin" / "potato"
        port = self.base.rpartition(":")[2]
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [program, "start", "config.yaml", "-p", port, "--host", "127.0.0.1"],
                cwd=self._folder,
                stdout=log,
                stderr=log,
            )
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self._process.poll() is None:
            try:
                requests.get(self.base, timeout=5)
            except requests.RequestException:
                time.sleep(0.05)
            else:
                return self
        raise SystemExit("Potato did not come up")

    def __exit__(self, *raised):
        self._process.kill()
        self._process.wait()

    def enrol(self, coders):
        """Need nothing: whoever signs in is a coder."""

    def desk(self, coder):
        return PotatoDesk(self.base, coder)

    def memory_mb(self):
        return memory_of(self._process.pid)


class PotatoDesk:
    """One coder's page of Potato: the unit stands in the page, and each next one is a page of its own."""

    def __init__(self, base, coder):
        self._base, self._session = base, requests.Session()
        form = {"action": "login", "email": coder, "pass": "x"}
        self._page = self._session.post(f"{base}/auth", data=form).text

    def unit(self, _number):
        return re.search(r'id="instance_id"[^>]*value="([^"]+)"', self._page)[1]

    def decide(self, unit, label):
        self._unit = unit
        body = {"instance_id": unit, "annotations": {f"framing:::{label}": "true"}, "span_annotations": []}
        answer = self._session.post(f"{self._base}/updateinstance", json=body)
        return answer.ok and answer.json()["status"] == "success"

    def turn(self):
        body = {"action": "next_instance", "instance_id": self._unit}
        self._page = self._session.post(f"{self._base}/annotate", json=body).text


def memory_of(pid):
    """Return the resident memory of a process and its children, in MB."""
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024 + sum(memory_of(int(child)) for child in children)


def spread(times):
    ordered = sorted(times)
    return f"{statistics.median(ordered):.1f} / {ordered[int(0.95 * (len(ordered) - 1))]:.1f}"


if __name__ == "__main__":
    main()
