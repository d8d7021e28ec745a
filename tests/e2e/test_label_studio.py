"""A round goes to a real Label Studio and comes back: `make label-studio`, then `pytest -m label_studio`."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from label_studio_server import LabelStudioServer, chosen, installed

from annotate.codebook import read_codebook
from annotate.exchange.annotation import Annotation
from annotate.exchange.annotations import read_annotations
from annotate.exchange.formats import Job, write
from annotate.project import open_project
from annotate.types import Sentence

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.label_studio,
    pytest.mark.skipif(not installed(), reason="make label-studio installs it (1 GB)"),
]
NUTGRAF = Path(sys.executable).with_name("nutgraf")
BOOK = read_codebook()
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


TEXT = "😀 The 🚧 mayor said “no”. שלום עליכם! \u202eRTL\u202c e\u0301 end.\u2028 Line."
PARTS = ("The 🚧 mayor said “no”.", "שלום עליכם!", "\u202eRTL\u202c e\u0301 end.", " Line.")
TIME = "2026-03-14T09:30:00+00:00"


def said_of_it():
    """Two coders' judgments, a skip and a prediction; offsets in code points and in UTF-16 differ for all of them."""
    one, two, three, four = (
        Sentence("a", index, 0, TEXT.index(part), TEXT.index(part) + len(part), part)
        for index, part in enumerate(PARTS)
    )
    shares = {"factual_claim": 0.2, "unrelated_promo": 0.8}
    return [
        Annotation(one, "factual_claim", "ana", time=TIME, unsure=True, note="hm", round="main", codebook="ab" * 32),
        Annotation(one, "editorial_framing", "ben", time=TIME),
        Annotation(two, "quoted_official", "ana", time=TIME),
        Annotation(three, predicted="unrelated_promo", probabilities=shares, model="linear"),
        Annotation(four, coder="ana", skipped=True, time=TIME, note="no sentence"),
    ]


def interfaces():
    """Return the labelling interfaces that docs/formats.md tells people to use, for sentences and for spans."""
    guide = Path(__file__).parents[2] / "docs" / "formats.md"
    return dict(
        zip(
            ("label-studio", "label-studio-spans"),
            re.findall(r"```xml\n(.*?)```", guide.read_text("utf-8"), re.DOTALL),
            strict=True,
        )
    )


@pytest.mark.parametrize("form", ["label-studio", "label-studio-spans"])
def test_what_was_exported_is_imported_by_label_studio_itself_and_comes_back(server, tmp_path, form):
    sent = [one for one in said_of_it() if form == "label-studio" or not one.skipped]
    file, back = tmp_path / "tasks.json", tmp_path / "back.json"
    write(form, Job(str(file), sent, BOOK, {"a": TEXT}))
    with server.client() as lead:
        number = lead.post("/api/projects", json={"title": form, "label_config": interfaces()[form]}).json()["id"]
        with file.open("rb") as tasks:
            answer = lead.post(f"/api/projects/{number}/import", files={"file": ("tasks.json", tasks)})
        assert answer.raise_for_status().json()["prediction_count"] == 1
        (prediction,) = lead.get("/api/predictions/", params={"project": number}).json()
        score = 0.8 if form == "label-studio" else None  # a text with several marks has none of its own
        assert (prediction["score"], prediction["model_version"]) == (score, "linear")
        query = {"exportType": "JSON", "download_all_tasks": "true"}
        back.write_bytes(lead.get(f"/api/projects/{number}/export", params=query).content)
        found = [one for _, one in read_annotations(str(back), form, BOOK, texts={"a": TEXT}) if one.judged]
        assert sorted(found, key=place) == sorted((one for one in sent if one.judged), key=place)
        theirs = json.loads(back.read_bytes())[0]["annotations"][0]
        assert "ground_truth" in theirs
        assert not theirs["ground_truth"]
        lead.patch(f"/api/annotations/{theirs['id']}/", json={"result": theirs["result"]}).raise_for_status()
        back.write_bytes(lead.get(f"/api/projects/{number}/export", params=query).content)
    changed = [one for _, one in read_annotations(str(back), form, BOOK, texts={"a": TEXT}) if one.coder == "user-1"]
    assert changed  # whoever changes an annotation answers for it
    assert {(one.note, one.round, one.codebook) for one in changed} == {(None, None, None)}


def place(annotation):
    return annotation.sentence.start, annotation.coder


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
