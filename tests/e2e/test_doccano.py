"""A round goes to a real doccano and comes back, while its processes are killed."""

from __future__ import annotations

import threading
import zipfile
from collections import Counter

import pytest
from doccano_server import LEAD, Coder, DoccanoServer, add_coders
from stores import everything_round, judge, story

from annotate.cli import run
from annotate.exchange.doccano import unit_key
from annotate.exchange.servers.doccano_session import Session
from annotate.exchange.servers.tasks import tasks
from annotate.project import create_project, open_project

pytestmark = pytest.mark.e2e

N = 300
LABELS = ("factual_claim", "quoted_official", "editorial_framing", "unrelated_promo")
PIECES = (
    "\u2028Line\u2029 ends\x85",
    "e\u0301 A\u030a",
    "\U0001f469\u200d\U0001f680",
    "شكرا לכם",
    '{"a": "\\n"}',
    " outer ",
    "12.50",
)


@pytest.fixture(scope="module")
def doccano(tmp_path_factory):
    with DoccanoServer(tmp_path_factory.mktemp("doccano")) as server:
        add_coders(server, "ana", "ben.b")
        yield server


@pytest.fixture
def project(tmp_path):
    """A project with a round that ana and ben code whole; its texts hold what files get wrong."""
    made = create_project(tmp_path / "floods", seed=1, lead=LEAD)
    texts = [f"{PIECES[n % len(PIECES)]}{n}{PIECES[(n + 2) % len(PIECES)]}" for n in range(N)]
    with made.store() as store:
        store.add_articles(story(f"story-{n}", *texts[n : n + 10]) for n in range(0, N, 10))
        for coder in ("ana", "ben"):
            store.add_coder(coder)
        everything_round(store, "main")
    return made.folder


@pytest.fixture
def call(doccano, project, capfd, monkeypatch):
    monkeypatch.setenv("NUTGRAF_DOCCANO_PASSWORD", doccano.password)

    def call(*line):
        capfd.readouterr()
        status = run([*line, "-C", str(project)])
        return status, *capfd.readouterr()

    return call


@pytest.fixture
def coder(doccano):
    """Sign somebody in to doccano."""
    opened = []

    def sign_in(name):
        opened.append(Coder(doccano, name))
        return opened[-1]

    yield sign_in
    for one in opened:
        one.close()


def test_a_round_goes_there_and_back_through_kills_without_loss_or_copy(doccano, project, call, coder):
    push = ("push", "doccano", "--url", doccano.url, "--user", LEAD, "--coder", "ben=ben.b", "--patience", "20")
    status, out, _ = call(*push, "--dry-run")
    assert (status, out) == (0, f"floods: main: {N} units for ana, ben in a new project; {N} would be sent\n")
    with killing(doccano):
        until_done(lambda: call(*push))
    status, out, err = call("push", "doccano")
    assert (status, out, err) == (0, f"floods: main: {N} units for ana, ben in project 1; 0 were missing\n", "")

    ana, ben = coder("ana"), coder("ben.b")
    there = ana.examples(1)
    assert Counter(row["meta"]["key"] for row in there) == dict.fromkeys(sent(project), 1)
    for row in there:
        task = sent(project)[row["meta"]["key"]]
        assert row["text"] == task.text
        assert row["meta"] == {"key": task.key, "start": task.start, "end": task.end, **task.context}

    labels = ana.labels(1)
    assert set(labels) == set(LABELS)
    given = {}
    for n, row in enumerate(there[:40]):
        for name, who, label in (("ana", ana, LABELS[n % 4]), ("ben", ben, LABELS[n % 3])):
            who.give(1, row["id"], labels[label])
            given[name, row["meta"]["key"]] = label
    ben.comment(1, there[0]["id"], "Which bridge?")
    with killing(doccano):
        until_done(lambda: call("pull", "doccano", "--patience", "20"))
    assert judged(project) == given
    assert call("pull", "doccano")[1].split()[-6:] == ["0", "0", "0", "80", str(2 * N - 80), "0"]

    first, second = there[0], there[1]
    ben.give(1, first["id"], labels[LABELS[3]])
    ana.take_back(1, second["id"])
    given["ben", first["meta"]["key"]] = LABELS[3]
    del given["ana", second["meta"]["key"]]
    assert call("pull", "doccano")[1].split()[-6:] == ["0", "1", "1", "78", str(2 * N - 80), "0"]
    assert judged(project) == given
    with open_project(project).store() as store:
        events = Counter(event.kind for event in store.events())
        assert (events["judgment"], events["undo"], events["comment"]) == (81, 1, 1)
        assert store.verify().flaws == ()
        assert {one.codebook for one in store.judgments()} == {store.codebook().fingerprint}


def test_coders_see_the_codebook_and_can_not_change_the_project(doccano, project, call, coder):
    call("push", "doccano", "--url", doccano.url, "--user", LEAD, "--coder", "ben=ben.b", "--project", "Guidelines")
    with open_project(project).store() as store:
        codebook = store.codebook()
    ana = coder("ana")
    (there,) = [one for one in ana._get("projects", limit=100)["results"] if one["name"] == "Guidelines"]
    assert codebook.guidelines in there["guideline"]
    assert (there["collaborative_annotation"], there["single_class_classification"]) == (False, True)
    shown = {
        one["text"]: (one["suffix_key"], one["background_color"])
        for one in ana._get(f"projects/{there['id']}/category-types")
    }
    assert shown == {label.key: (label.hotkey, label.colour) for label in codebook.labels}
    assert ana._get(f"projects/{there['id']}/my-role")["rolename"] == "annotator"


def test_what_was_exported_is_imported_by_doccano_itself_and_comes_back(doccano, project, call, coder, tmp_path):
    with open_project(project).store() as store:
        for unit in range(1, N, 2):
            judge(store, f"a{unit}", unit, LABELS[unit % 4])
        keys = {unit_key(one.sentence): one.sentence for page in store.pages() for one in page.units}
    folder = tmp_path / "for-doccano"
    assert call("export", "--to", "doccano", "--coder", "ana", "--all", "-o", str(folder))[0] == 0
    client = Session(doccano.url)
    client.login(LEAD, doccano.password)
    number = client.new_project("by hand", "as anybody would", "none")
    client.add_labels(number, folder / "labels.json")
    for file in sorted(folder.glob("units-*.jsonl")):
        assert client.upload(int(number), [str(file)], "DocumentClassification", "JSONL").error is None
    lead = coder(LEAD)
    there = lead.examples(number)
    assert set(lead.labels(number)) == set(LABELS)
    assert Counter(row["meta"]["key"] for row in there) == dict.fromkeys(keys, 1)
    for row in there:
        sentence, about = keys[row["meta"]["key"]], row["meta"]
        assert (row["text"], about["start"], about["end"]) == (sentence.text, sentence.start, sentence.end)
    client.download(int(number), "JSONL", dir_name=str(tmp_path))
    client.close()
    with zipfile.ZipFile(next(tmp_path.glob("*.zip"))) as exported:
        exported.extractall(tmp_path)
    status, out, err = call("import", str(tmp_path / f"{LEAD}.jsonl"))
    assert (status, out) == (0, f"nothing new; there already: {N // 2} judgments\n"), err


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--coder", "ben=nobody"), "has no account nobody; make it there, or say which one a coder has with --coder"),
        (("--user", "ana", "--coder", "ben=ben.b"), "refuses (403"),
        (("--user", "stranger"), "does not let stranger in; check the name and the password"),
    ],
)
def test_what_doccano_refuses_is_said_in_one_line(doccano, call, more, said):
    status, out, err = call(
        "push", "doccano", "--url", doccano.url, *(() if "--user" in more else ("--user", LEAD)), *more
    )
    assert (status, out) == (1, "")
    assert said in err
    assert err.count("\n") == 1


class killing:  # noqa: N801 - read as a sentence
    """Kill worker and web process, once each, while the block works; the block ends when both are up again."""

    def __init__(self, server):
        self._thread = threading.Thread(target=self._kill, args=(server,))
        self._go = threading.Event()

    def __enter__(self):
        self._thread.start()

    def __exit__(self, *raised):
        self._thread.join()

    def _kill(self, server):
        for kill, start, wait in (
            (server.kill_worker, server.start_worker, server.wait_for_worker),
            (server.kill_web, server.start_web, server.wait_for_web),
        ):
            self._go.wait(1.5)  # into the work; where exactly it hits is left to chance
            kill()
            start()
            wait()


def until_done(attempt):
    """Call again after a failure, as the message says, a few times at most."""
    for _ in range(6):
        status, _, said = attempt()
        if status == 0:
            return
    pytest.fail(said)


def sent(project):
    with open_project(project).store() as store:
        units = [one.unit for one in store.frame()]
        return {task.key: task for task in tasks(store, store.round("main"), units).values()}


def judged(project):
    with open_project(project).store() as store:
        return {(one.coder, f"{one.article}:{one.start}-{one.end}"): one.label for one in store.judgments()}
