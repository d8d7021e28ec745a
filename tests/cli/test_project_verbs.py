"""The verbs on a project as a user meets them, from the first article to the proof that nothing was changed."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import msgspec
import pytest
from newspaper import labelled
from quick import quick
from stores import judge

from annotate.classify.model import _manifest_hash, train
from annotate.project import open_project
from annotate.resources import carried
from annotate.tables import write_table

SEEDS = sorted(str(path) for path in carried("seeds").iterdir())


@pytest.fixture
def project(call, tmp_path):
    assert call("new floods --seed 7 --lead ana")[0] == 0
    assert call("add -C floods", *SEEDS)[0] == 0
    return open_project(tmp_path / "floods")


@pytest.fixture
def floods(call, project):
    """Run a verb on the project."""
    return lambda line, *more: call(f"{line} -C floods", *more)


def test_a_session_without_a_round_says_how_to_draw_one(floods, monkeypatch):
    monkeypatch.setattr("annotate.cli.label.serve", lambda *_, **__: None)  # which would run until it is stopped
    hint = "nothing to label yet; draw a round: nutgraf sample -C floods pilot -n 50"
    assert hint in floods("label --no-browser")[2]
    assert floods("sample pilot -n 50")[0] == 0
    assert hint not in floods("label --no-browser")[2]


def test_a_project_goes_from_articles_to_a_verified_ledger(call, project):
    status, out, err = call("sample main -C floods -n 10 --coder ana --coder ben --each 2 --hide outlet")
    assert (status, err) == (
        0,
        "nutgraf: new: ben; the lead gives them passwords on the page People of nutgraf label\n",
    )
    assert out.startswith("main: 10 units of 70; simple random sample")
    with project.store() as store:
        (one,) = store.rounds()
        assert one.settings.hide == ("outlet",)
        for number in range(10):
            task = store.following(one.id, "ben")
            judge(store, f"c{number}", task.unit, coder="ben", active_ms=360_000)
    status, out, _ = call("status -C floods")
    assert status == 0
    assert [line.split() for line in out.splitlines() if line.startswith(("ana", "ben"))] == [
        ["ana", "10", "0", "0", "0", "10", "0.0"],
        ["ben", "10", "10", "0", "0", "0", "1.0"],
    ]
    status, head, err = call("verify -C floods")
    assert (status, err) == (0, "nutgraf: 14 events, none changed\n")
    assert call(f"verify -C floods --head {head.strip()}")[0] == 0


class TestAdd:
    def test_again_changes_nothing(self, floods):
        status, out, _ = floods("add", *SEEDS)
        assert (status, out) == (0, "0 articles with 0 units added; there already: 2\n")

    def test_splits_as_split_does(self, call, project):
        rows = [json.loads(line) for line in call("split", *SEEDS)[1].split("\n")[:-1]]
        with project.store() as store:
            units = [unit.sentence for page in store.pages() for unit in page.units]
        assert [(u.article, u.start, u.end, u.text) for u in units] == [
            (r["article"], r["start"], r["end"], r["text"]) for r in rows
        ]

    def test_reads_as_split_does(self, floods, tmp_path):
        (tmp_path / "export.csv").write_text("nr,story\n7,Fog closed the port. Nobody was hurt.\n")
        assert floods("add export.csv --column text=story --column id=nr")[1] == "1 article with 2 units added\n"

    def test_refuses_sentences_for_articles(self, call, floods):
        call("split -o sentences.csv", *SEEDS)
        status, _, err = floods("add sentences.csv")
        assert status == 1
        assert err.startswith("nutgraf: sentences.csv: holds sentences")

    def test_refuses_a_changed_text_with_a_remedy(self, floods, tmp_path):
        name = SEEDS[0].rsplit("/", 1)[1]
        (tmp_path / name).write_text("Quite another story.")
        status, _, err = floods(f"add {name}")
        assert status == 1
        assert "is not the one that is in the project" in err
        assert "under another id" in err

    def test_marks_near_duplicates_so_that_each_story_is_drawn_once(self, floods, tmp_path):
        (tmp_path / "copy.txt").write_bytes(Path(SEEDS[0]).read_bytes() + b"\nSent by an agency.\n")
        _, out, _ = floods("add copy.txt")
        assert out.endswith("; 1 near-duplicate in the project\n")
        assert "of 70;" in floods("sample main -n 5")[1]
        assert "of 70;" not in floods("sample other -n 5 --duplicates")[1]

    def test_reports_what_can_not_be_stored(self, floods, tmp_path):
        (tmp_path / "rows.jsonl").write_text('{"id": "a", "text": "One.\\u0000 Two."}\n')
        status, _, err = floods("add rows.jsonl")
        assert status == 1
        assert "NUL" in err


class TestSample:
    @pytest.fixture
    def model(self, codebook, tmp_path):
        train(labelled(8, codebook), recipe=quick("linear")).save(tmp_path / "model")

    def test_is_the_same_for_the_same_seed(self, call, tmp_path):
        outputs = []
        for folder in ("one", "two"):
            call(f"new {folder} --seed 3 --lead ana")
            call(f"add -C {folder}", *SEEDS)
            call(f"sample main -C {folder} -n 9 --strata outlet")
            with open_project(tmp_path / folder).store() as store:
                outputs.append((store.draws(1), store.assignments(1), store.rounds()[0].frame))
        assert outputs[0] == outputs[1]

    def test_without_a_number_is_a_wrong_floods(self, floods):
        status, _, err = floods("sample main")
        assert status == 2
        assert "-n" in err

    def test_twice_under_one_name_is_refused(self, floods):
        floods("sample main -n 5")
        assert "already" in floods("sample main -n 5")[2]

    def test_dry_draws_without_making_a_round(self, call, project):
        assert call("sample main -C floods -n 5 --coder zoe --dry-run")[0] == 0
        with project.store() as store:
            assert (store.rounds(), store.coder("zoe")) == ([], None)

    def test_gives_a_leavers_units_to_the_others(self, floods):
        floods("sample main -n 12 --coder ana --coder ben --coder cleo")
        status, out, _ = floods("sample main --leaves ben")
        assert (status, out) == (0, "4 open units of ben: taken over by ana 2, cleo 2\n")
        assert floods("sample main --leaves ben")[0] == 1
        assert floods("verify")[0] == 0

    @pytest.mark.usefixtures("model")
    def test_of_a_model_is_marked_and_never_carries_figures(self, call, project):
        assert call("sample hard -C floods --purpose active --model model -n 10 --floor 0.3")[0] == 0
        with project.store() as store:
            reasons = [draw.reason for draw in store.draws(1)]
        assert (reasons.count("active"), reasons.count("random")) == (7, 3)
        assert call("sample test -C floods --purpose evaluation --model model -n 10")[0] == 2

    @pytest.mark.usefixtures("model")
    def test_suggestions_of_a_model_are_stored_and_their_effect_is_reported(self, call, project):
        assert call("sample effect -C floods -n 10 --suggestions randomised")[0] == 2
        refused = call("sample effect -C floods -n 10 --purpose evaluation --suggestions after --model model")
        assert "suggest nothing" in refused[2]
        assert call("sample effect -C floods -n 10 --suggestions randomised --model model")[0] == 0
        with project.store() as store:
            (round_,) = store.rounds()
            units = [draw.unit for draw in store.draws(1)]
            said = {unit: store.suggestion(round_.settings.suggester, unit)[0] for unit in units}
            for unit in units:
                arm = {"arm": "first", "suggestion": said[unit]} if unit % 2 else {"arm": "unseen"}
                judge(store, f"c{unit}", unit, said[unit], shown=arm, active_ms=2000)
        out = call("status -C floods")[1]
        assert "suggestions: " in out
        assert "choices having seen the model's label, 1.000" in out
        effect = json.loads(call("status -C floods --json")[1])["rounds"][0]["suggestions"]
        assert effect["seen"]["choices"] + effect["unseen"]["choices"] == 10

    def test_by_a_model_of_another_codebook_is_refused(self, call, project, codebook, tmp_path):
        model = train(labelled(8, codebook), recipe=quick("linear"))
        manifest = msgspec.structs.replace(model.manifest, codebook="0" * 64)
        manifest = msgspec.structs.replace(manifest, manifest_sha256=_manifest_hash(manifest))
        msgspec.structs.replace(model, manifest=manifest).save(tmp_path / "model")
        status, _, err = call("sample hard -C floods --purpose active --model model -n 10")
        assert status == 1
        assert "model: was trained with another codebook; train it again" in err
        with project.store() as store:
            assert store.rounds() == []


class TestCodebook:
    @pytest.fixture
    def coded(self, call, project):
        call("sample main -C floods -n 6 --coder ana")
        with project.store() as store:
            for number, label in enumerate(["factual_claim", "quoted_official"] * 3):
                judge(store, f"c{number}", store.following(1, "ana").unit, label)
        return project

    def change(self, project, old, new):
        path = project.folder / "codebook.toml"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    @pytest.mark.usefixtures("coded")
    def test_unchanged_is_left_alone(self, call):
        assert "did not change" in call("codebook -C floods")[2]

    def test_with_one_label_reworded_asks_for_that_label_again(self, call, coded):
        self.change(coded, 'name = "quoted official"', 'name = "official quoted"')
        assert "differ" in call("status -C floods")[1]
        assert call("codebook -C floods --dry-run")[1] == "3 decisions would be made again (quoted_official)\n"
        assert call("codebook -C floods")[1].endswith("3 decisions must be made again\n")
        with coded.store() as store:
            assert store.progress()[0].again == 3
            assert store.following(1, "ana").label == "quoted_official"

    def test_with_other_guidelines_asks_for_all_unless_told_otherwise(self, call, coded):
        (coded.folder / "codebook.md").write_text("Other guidelines.\n")
        assert call("codebook -C floods --dry-run")[1].startswith("6 decisions")
        assert call("codebook -C floods --again factual_claim --dry-run")[1].startswith("3 decisions")
        assert "there is no label 'x'" in call("codebook -C floods --again x")[2]
        assert call("codebook -C floods --keep --again x")[0] == 2
        assert call("codebook -C floods --keep")[1].endswith("0 decisions must be made again\n")


class TestVerifyAndBackup:
    def test_tampering_is_named_and_the_exit_status_says_so(self, call, project):
        call("sample main -C floods -n 6 --coder ana")
        with project.store() as store:
            judge(store, "c", store.following(1, "ana").unit)
        connection = sqlite3.connect(project.folder / "store.db")
        connection.execute("DROP TRIGGER event_no_update")
        connection.execute("UPDATE event SET label = 'editorial_framing' WHERE client = 'c'")
        connection.commit()
        connection.close()
        status, out, err = call("verify -C floods")
        assert status == 1
        assert out.startswith("event 5: was changed after it was written (judgment of ana about unit")
        assert "event 5" in err

    def test_a_backup_is_a_project_store(self, floods, tmp_path):
        status, out, _ = floods("backup")
        assert status == 0
        assert (tmp_path / out.strip()).is_file()
        assert floods("backup -o copy.db")[0] == 0
        assert floods("backup -o copy.db")[0] == 1
        assert floods("backup -o copy.db --force")[0] == 0

    def test_the_doctor_examines_a_project_and_mends_what_the_ledger_tells(self, call, project):
        call("sample main -C floods -n 6 --coder ana")
        with project.store() as store:
            judge(store, "c", store.following(1, "ana").unit)
        status, out, err = call("doctor -C floods")
        assert (status, err) == (0, "")
        assert "ok      the ledger is as it was written: 5 events" in out
        assert "LOOK    there is no backup (nutgraf backup)" in out
        connection = sqlite3.connect(project.folder / "store.db")
        connection.execute("UPDATE assignment SET decision = NULL, label = NULL")
        connection.commit()
        connection.close()
        status, _, err = call("doctor -C floods")
        assert status == 1
        assert err.endswith("; nutgraf doctor --repair\n")
        status, out, err = call("doctor -C floods --repair")
        assert (status, err) == (0, "")
        assert "mended  1 assignment rebuilt from the ledger; as it was: floods/backups/store-" in out
        assert "nothing that could be rebuilt" in call("doctor -C floods --repair")[1]
        assert "no project here" in call("doctor -C elsewhere")[2]

    def test_status_is_there_for_programs_too(self, floods):
        floods("sample main -n 6 --coder ana")
        state = json.loads(floods("status --json")[1])
        assert (state["articles"], state["units"], state["rounds"][0]["progress"][0]["open"]) == (2, 70, 6)

    @pytest.mark.parametrize("verb", ["add x.txt", "status", "backup", "verify", "codebook", "sample r -n 1"])
    def test_without_a_project_the_remedy_is_new(self, call, verb):
        status, _, err = call(verb)
        assert status == 1
        assert "nutgraf new" in err


def test_units_in_doubt_are_coded_again_in_a_round_that_carries_no_figures(floods, project, tmp_path):
    floods("sample main -n 20 --coder ana")
    with project.store() as store:
        drawn = sorted(store.drawn())
        doubted = store.units(drawn[3:7])
        page = next(iter(store.pages_with(drawn[3:4])))
    rows = [{"article": u.sentence.article, "start": u.sentence.start, "end": u.sentence.end} for u in doubted]
    write_table(tmp_path / "again.csv", rows, ("article", "start", "end"))
    status, out, _ = floods("sample doubts --units again.csv --coder ben")
    assert status == 0
    assert "doubts: 5 units of 5; 4 units listed to be coded again, 1 of 16 others coded before" in out
    with project.store() as store:
        round_ = store.round("doubts")
        assert round_.purpose == "active"
        assert {one.unit for one in store.assignments(round_.id)} > {unit.id for unit in doubted}
        assert store.following(round_.id, "ben") is not None
    assert floods("sample more --units again.csv --purpose evaluation")[0] == 2
    write_table(tmp_path / "wrong.csv", [rows[0] | {"end": 10**6}], ("article", "start", "end"))
    status, _, err = floods("sample more --units wrong.csv")
    assert status == 1
    assert f"wrong.csv:2: {page.article.id} has no sentence from" in err
