"""nutgraf, Potato and doccano: started, killed, signed in to and read in the same way.

Every tool gets the same sentences, thirty to an article. The peers take a sentence as a row of its own: neither has a
place for its article.
"""

from __future__ import annotations

import json
import os
import re
import socket
import statistics
import subprocess
import time
from pathlib import Path

import requests
from browsers import Server, fresh_link
from doccano_server import LEAD, Coder, DoccanoServer, add_coders
from stores import everything_round, story

from annotate.project import create_project, open_project

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
assignment_strategy: fixed_order
alert_time_each_instance: 10000000
"""


def sentences(number):
    return [f"The council of Vellin voted on bridge {one} on Monday." for one in range(number)]


class Nutgraf:
    """The session, as ``nutgraf label`` starts it for one coder."""

    name = "nutgraf"
    keys_after = ()
    unit = 'document.querySelector(".u.lit")?.dataset.unit'
    shown = ".u.lit"
    chosen = None
    notices = "#banner:not([hidden]), #notice:not([hidden])"
    settled = "load"  # one request always waits, to notice the server's death

    def __init__(self, folder, texts):
        project = create_project(folder / "project", seed=1, name="bench", lead="lea")
        with project.store() as store:
            store.add_articles(story(f"article-{at}", *texts[at : at + 30]) for at in range(0, len(texts), 30))
            everything_round(store, "all", ("lea",))
        self._server = Server(project.folder)
        self._fresh = True

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *raised):
        self._server.stop()

    def enrol(self, coders):
        """Need nothing: whoever has the link is the lead, who codes too."""

    def start(self):
        self._server.start()
        self.base = self._server.base

    def kill(self):
        self._server.kill()

    def sign_in(self, context):
        context.request.get(self._server.link if self._fresh else fresh_link(self._server))
        self._fresh = False

    def address(self, _place):
        return f"{self.base}/label/1"

    def stored(self, place):
        """Return the labels that are in force for the unit at a place."""
        with open_project(self._server.project).store() as store:
            return [event.label for event in store.in_force(1) if event.unit == place + 1]


class Potato:
    """Potato 2.12, started as its command starts it."""

    name = "Potato"
    keys_after = ("ArrowRight",)
    unit = 'document.querySelector("#text-content")?.checkVisibility() && document.querySelector("#instance_id")?.value'
    shown = "#text-content"
    chosen = "input[type=radio]:checked"
    notices = ".notification, #error-state"
    settled = "networkidle"

    def __init__(self, folder, texts):
        rows = ({"id": f"u{number}", "text": text} for number, text in enumerate(texts))
        (folder / "items.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
        (folder / "config.yaml").write_text(POTATO.format(labels=", ".join(LABELS), units=len(texts)))
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.base = f"http://127.0.0.1:{free.getsockname()[1]}"
        self._folder = folder

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *raised):
        self.kill()

    def start(self):
        program = Path(os.environ["NUTGRAF_POTATO"]) / "bin" / "potato"
        port = self.base.rpartition(":")[2]
        with (self._folder / "log").open("ab") as log:
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
                return
        raise SystemExit("Potato did not come up")

    def kill(self):
        self._process.kill()
        self._process.wait()

    def enrol(self, coders):
        """Need nothing: whoever signs in is a coder."""

    def desk(self, coder):
        return PotatoDesk(self.base, coder)

    def sign_in(self, context):
        context.request.post(f"{self.base}/auth", form={"action": "login", "email": "lea", "pass": "x"})

    def address(self, _place):
        return f"{self.base}/annotate"

    def stored(self, place):
        state = json.loads((self._folder / "out" / "lea" / "user_state.json").read_text("utf-8"))
        return [label["name"] for label, _ in state["instance_id_to_label_to_value"].get(f"u{place}", [])]

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


class Doccano:
    """doccano 1.8.4, one web process with four threads, as the tests run it."""

    name = "doccano"
    keys_after = ("ArrowRight",)
    unit = 'document.querySelector(".v-card__text.highlight")?.textContent'
    shown = ".v-card__text.highlight"
    chosen = ".v-chip--active"
    notices = ".v-alert, .v-snack__content, [role=alert]"
    settled = "networkidle"

    def __init__(self, folder, texts):
        self._server, self._texts = DoccanoServer(folder), texts

    def __enter__(self):
        self._server.__enter__()
        self.base = self._server.url
        return self

    def __exit__(self, *raised):
        self._server.__exit__(*raised)

    def start(self):
        self._server.start_web()
        self._server.wait_for_web()

    def kill(self):
        self._server.kill_web()

    def enrol(self, coders):
        add_coders(self._server, *coders)
        lead = Coder(self._server, LEAD)
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
        self._project = session.post(f"{api}/projects", json=made).json()["id"]
        types = f"{api}/projects/{self._project}/category-types"
        for key, label in enumerate(LABELS, 1):
            colours = {"background_color": "#336699", "text_color": "#ffffff"}
            session.post(types, json={"text": label, "suffix_key": str(key), **colours}).raise_for_status()
        roles = {one["name"]: one["id"] for one in session.get(f"{api}/roles").json()}
        users = {one["username"]: one["id"] for one in session.get(f"{api}/users").json()}
        for coder in coders:
            member = {"user": users[coder], "role": roles["annotator"]}
            session.post(f"{api}/projects/{self._project}/members", json=member).raise_for_status()
        for text in self._texts:
            row = {"text": text, "meta": {}}
            session.post(f"{api}/projects/{self._project}/examples", json=row).raise_for_status()
        lead.close()

    def desk(self, coder):
        return DoccanoDesk(Coder(self._server, coder), self._project)

    def sign_in(self, context):
        account = {"username": "lea", "password": self._server.password}
        context.request.post(f"{self.base}/v1/auth/login/", data=account)

    def address(self, place):
        return f"{self.base}/projects/{self._project}/text-classification?page={place + 1}"

    def stored(self, place):
        return self.desk("lea").stored(place)

    def memory_mb(self):
        return memory_of(self._server.web.pid) + memory_of(self._server.worker.pid)


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

    def stored(self, place):
        names = {number: name for name, number in self._labels.items()}
        given = self._coder._get(f"projects/{self._project}/examples/{self._examples[place]}/categories")
        return [names[one["label"]] for one in given]


def load_rows(one, many, seconds, errors, coders):
    """Yield what a load of one coder, then of many, measured: a decision's times in ms."""
    yield "save, one coder, ms: p50 / p95", spread(one)
    yield f"{coders} coders at once: decisions/s", f"{len(many) / seconds:.1f}"
    yield f"{coders} coders at once, ms: p50 / p95", spread(many)
    yield "errors under that load", str(errors)


def spread(times):
    ordered = sorted(times)
    return f"{statistics.median(ordered):.1f} / {ordered[int(0.95 * (len(ordered) - 1))]:.1f}"


def memory_of(pid):
    """Return the resident memory of a process and its children, in MB."""
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024 + sum(memory_of(int(child)) for child in children)
