"""A round goes to a real Label Studio and comes back: `make label-studio`, then `pytest -m label_studio`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from label_studio_server import LabelStudioServer, chosen, installed

from annotate.project import open_project

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.label_studio,
    pytest.mark.skipif(not installed(), reason="make label-studio installs it (1 GB)"),
]
NUTGRAF = Path(sys.executable).with_name("nutgraf")
NAMES = ["--coder", "ana=ana@example.org", "--coder", "ben=ben@example.org"]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with LabelStudioServer(tmp_path_factory.mktemp("label-studio")) as server:
        server.tokens = {coder: server.sign_up(f"{coder}@example.org") for coder in ("ana", "ben")}
        yield server


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / tmp_path.name[:20]
    text = "The mayor 🚧 said <b>no</b> & left. Was it “wise”? Nobody knew.\nSubscribe now!\n"
    (tmp_path / "news").mkdir()
    for number in range(5):
        (tmp_path / "news" / f"story-{number}.txt").write_text(text, encoding="utf-8")
    nutgraf("new", folder, "--lead", "lea", "--seed", "1")
    nutgraf("add", "-C", folder, tmp_path / "news")
    coders = ["--coder", "ana", "--coder", "ben", "--each", "2"]
    nutgraf("sample", "-C", folder, "main", "-n", "4", *coders)
    return folder


def nutgraf(*arguments, token=None):
    environment = os.environ | ({"NUTGRAF_LABEL_STUDIO_TOKEN": token} if token else {})
    run = subprocess.run(
        [NUTGRAF, *arguments], env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


def tasks_of(server, project):
    number = nutgraf("push", "label-studio", "-C", project, token=server.token).split("in project ")[1].split(";")[0]
    with server.client() as lead:
        found = lead.get("/api/tasks", params={"project": number, "page_size": 100}).json()["tasks"]
    return {task["data"]["key"]: task for task in found}


def code(server, coder, task, label, **more):
    with server.client(server.tokens[coder]) as own:
        body = {"result": chosen(label) if label else [], "lead_time": 1.25} | more
        return own.post(f"/api/tasks/{task}/annotations/", json=body).raise_for_status().json()["id"]


def decisions(project):
    with open_project(project).store() as store:
        seqs = [one.decision for coder in ("ana", "ben") for one in store.assignments(1, coder)]
        return sorted((event.coder, event.label or event.kind) for event in store.events() if event.seq in seqs)


@pytest.mark.parametrize("kind", ["legacy", "personal"])
def test_what_two_coders_say_there_is_here_after_a_pull(server, project, kind):
    token = server.token if kind == "legacy" else server.personal_token()
    said = nutgraf("push", "label-studio", "-C", project, "--url", server.url, *NAMES, token=token)
    assert "4 were missing" in said
    there = tasks_of(server, project)
    first, second, third, _ = (task["id"] for task in there.values())
    code(server, "ana", first, "factual_claim")
    mine = code(server, "ana", second, "quoted_official")
    code(server, "ben", first, "editorial_framing")
    code(server, "ben", second, None, was_cancelled=True)
    changed = code(server, "ben", third, "factual_claim")
    with server.client(server.tokens["ana"]) as ana:  # who may, there, change what ben said
        ana.patch(f"/api/annotations/{changed}/", json={"result": chosen("unrelated_promo")}).raise_for_status()
    nutgraf("pull", "label-studio", "-C", project, token=token)
    expected = [("ana", "factual_claim"), ("ana", "quoted_official"), ("ben", "editorial_framing"), ("ben", "skip")]
    assert decisions(project) == expected
    with server.client(server.tokens["ana"]) as ana:
        ana.patch(f"/api/annotations/{mine}/", json={"result": chosen("factual_claim")}).raise_for_status()
    nutgraf("pull", "label-studio", "-C", project, token=token)
    assert decisions(project) == [("ana", "factual_claim")] * 2 + expected[2:]
    with server.client(server.tokens["ana"]) as ana:
        ana.delete(f"/api/annotations/{mine}/").raise_for_status()
    nutgraf("pull", "label-studio", "-C", project, token=token)
    assert decisions(project) == [("ana", "factual_claim"), *expected[2:]]


def test_a_server_killed_in_the_middle_is_waited_for(server, project):
    push = subprocess.Popen(
        [NUTGRAF, "push", "label-studio", "-C", project, "--url", server.url, *NAMES, "--project", "killed"],
        env=os.environ | {"NUTGRAF_LABEL_STUDIO_TOKEN": server.token},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    server.kill()
    server.start()
    said, _ = push.communicate(timeout=300)
    assert push.returncode == 0, said
    there = tasks_of(server, project)
    assert len(there) == 4
    assert {task["data"]["text"] for task in there.values()} >= {"Was it “wise”?"}
