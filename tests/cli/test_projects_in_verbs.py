"""Verbs that read a project's judgments: agree, train, evaluate, inspect, predict, export, import."""

from __future__ import annotations

import csv
import json

import krippendorff
import pytest
from newspaper import newspaper
from stores import active_round, asking, everything_round, judge, news

from annotate.exchange.formats import FORMATS
from annotate.project import create_project
from annotate.store import Decision


@pytest.fixture
def project(call, tmp_path):
    """A project of eight articles, coded by two coders who differ on every seventh unit, and by a model's choice."""
    made = create_project(tmp_path / "floods", seed=0, lead="ana")
    _, labels = newspaper(8, per_article=4)
    with made.store() as store:
        store.add_articles(news(8))
        store.add_coder("ben")
        everything_round(store, "main")
        for unit, label in enumerate(labels, start=1):
            judge(store, f"a{unit}", unit, label, coder="ana")
            other = "factual_claim" if unit % 7 == 0 else label
            judge(store, f"b{unit}", unit, other, coder="ben")
    return made


def rows(path):
    return [json.loads(line) for line in path.read_text().split("\n") if line]


class TestAgree:
    @pytest.mark.usefixtures("project")
    def test_reads_the_rounds_of_reliability(self, call):
        status, out, err = call("agree -C floods -o report.html")
        assert status == 0
        assert out.startswith("agreement 0.")
        assert "on 32 units of 8 documents, by ana and ben" in out
        assert "rounds: main" in err

    def test_is_the_same_before_and_after_adjudication(self, call, project):
        _, before, _ = call("agree -C floods -o before.json")
        with project.store() as store:
            for unit in range(1, 33):
                entry = Decision(
                    client=f"x{unit}",
                    coder="ana",
                    round=1,
                    unit=unit,
                    kind="adjudication",
                    label="quoted_official",
                )
                store.take(entry)
            # whoever gives in after the decision does not agree by themselves
            in_force = next(one for one in store.judgments() if one.unit == 7 and one.coder == "ben")
            judge(store, "late", 7, "quoted_official", coder="ben", base=in_force.event)
        status, after, err = call("agree -C floods -o after.json --gold gold.jsonl --by adjudicated")
        assert (status, after) == (0, before)
        assert "left out 1 judgment made or changed after a discussion" in err
        assert {row["label"] for row in rows(project.folder.parent / "gold.jsonl")} == {"quoted_official"}

    def test_without_such_a_round_says_what_to_do(self, call, tmp_path):
        create_project(tmp_path / "empty", seed=0)
        status, _, err = call("agree -C empty")
        assert status == 1
        assert "no round of reliability" in err


class TestVariables:
    """Of 32 units, ana and ben differ in tone by one step on 4, and on 8 ben alone says that they are about money."""

    TONES = ("mild", "plain", "sharp")

    @pytest.fixture(autouse=True)
    def asked(self, tmp_path):
        made = create_project(tmp_path / "asked", seed=0, lead="ana")
        with made.store() as store:
            store.adopt(asking())
            store.add_articles(news(8))
            store.add_coder("ben")
            everything_round(store, "main")
            for unit in range(1, 33):
                for coder, tone, issues in (("ana", *self.ana(unit)), ("ben", *self.ben(unit))):
                    answers = {"tone": tone, "issues": issues}
                    judge(store, f"{coder}{unit}", unit, coder=coder, variables=answers)

    def ana(self, unit):
        return self.TONES[unit % 3], ["roads"] if unit % 5 else []

    def ben(self, unit):
        tone, issues = self.ana(unit)
        return "plain" if unit in {2, 5, 9, 12} else tone, issues + ["money"] * (unit % 4 == 0)

    def test_ordinal_agreement_is_krippendorffs(self, call, tmp_path):
        status, out, err = call("agree -C asked --variable tone --bootstraps 100 -o tone.json")
        assert status == 0, err
        assert out.startswith("weighted agreement 0.9")
        found = json.loads((tmp_path / "tone.json").read_text())
        codes = [[self.TONES.index(of(unit)[0]) for unit in range(1, 33)] for of in (self.ana, self.ben)]
        assert found["scale"]["kind"] == "ordinal"
        assert found["overall"]["alpha"]["estimate"] == pytest.approx(
            krippendorff.alpha(codes, level_of_measurement="ordinal"), abs=1e-9
        )

    def test_of_several_answers_one_is_compared(self, call):
        status, out, err = call("agree -C asked --variable issues:money --bootstraps 100")
        assert status == 0, err
        assert out.startswith("agreement 0.750, ")

    @pytest.mark.parametrize(
        ("variable", "said"),
        [
            ("issues", "issues takes several answers; compare one at a time, such as --variable issues:roads"),
            ("issues:bridges", "issues takes several answers; compare one at a time, such as --variable issues:roads"),
            ("tone:mild", "tone takes one answer; compare all of them: --variable tone"),
            ("blame", "the codebook has no variable 'blame'; its variables are: tone, issues"),
        ],
    )
    def test_what_can_not_be_compared_is_refused_with_what_can(self, call, variable, said):
        assert call(f"agree -C asked --variable {variable}") == (1, "", f"nutgraf: {said}\n")

    def test_every_format_brings_the_same_judgments_into_another_project(self, call, tmp_path):
        other = create_project(tmp_path / "other", seed=0, lead="cleo")
        with other.store() as store:
            store.adopt(asking())
            store.add_articles(news(8))
        for form in sorted(FORMATS, key="jsonl".__ne__):  # jsonl first, the others bring nothing new
            which, n = ("--coder ana", 32) if form == "doccano" else ("", 64)
            path = f"judged-{form}{FORMATS[form].suffix or ''}"
            assert call(f"export -C asked {which} --to {form} -o {path}")[0] == 0
            status, out, err = call(f"import {path} -C other")
            assert status == 0, (form, err)
            wanted = f"nothing new; there already: {n} judgments\n"
            assert out == wanted or (form == "jsonl" and out.startswith("64 judgments in the round")), form
        with other.store() as store:
            brought = {(one.coder, one.unit): one.variables for one in store.judgments()}
        assert brought == {
            (coder, unit): {"tone": of(unit)[0], "issues": of(unit)[1]}
            for coder, of in (("ana", self.ana), ("ben", self.ben))
            for unit in range(1, 33)
        }


class TestLearning:
    @pytest.mark.usefixtures("project")
    def test_trains_on_a_project(self, call):
        status, _, err = call("train -C floods --recipe quick.toml -o model")
        assert status == 0, err
        assert "labelled by majority of ana and ben" in err
        assert "units that coders label differently" in err
        status, out, _ = call("predict -C floods -m model")
        assert (status, len(out.splitlines())) == (0, 32)

    def test_evaluates_only_on_what_was_drawn_at_random(self, call, project):
        with project.store() as store:
            active_round(store, [1, 2, 3])
        status, out, err = call("evaluate -C floods --recipe quick.toml --folds 2")
        assert status == 0, err
        assert "2 folds by article" in out

    @pytest.mark.usefixtures("project")
    def test_inspect_finds_doubts_to_be_coded_again_blind(self, call, tmp_path):
        status, out, err = call("inspect -C floods --recipe linear --folds 2 --most 2 -o again.csv")
        assert status == 0, err
        assert "errors in 29 sentences" in out
        with (tmp_path / "again.csv").open(encoding="utf-8-sig", newline="") as table:
            doubts = list(csv.DictReader(table))
        assert doubts
        assert {row["label"] for row in doubts} == {""}
        status, _, err = call("sample doubts -C floods --units again.csv --coder ben")
        assert status == 0, err

    @pytest.mark.usefixtures("project")
    def test_a_model_labels_what_nobody_did_for_coders_to_confirm(self, call, tmp_path):
        assert call("train -C floods --recipe linear -o model")[0] == 0
        (tmp_path / "page.txt").write_text("A train left Vellin. Sign up for our newsletter.")
        assert call("export page.txt --to jsonl -o open.jsonl")[0] == 0
        first, second = rows(tmp_path / "open.jsonl")
        judged = {**first, "label": "factual_claim", "coder": "ana"}
        (tmp_path / "half.jsonl").write_text(json.dumps(judged) + "\n" + json.dumps(second) + "\n")
        for form in FORMATS:
            path = f"out-{form}{FORMATS[form].suffix or ''}"
            status, _, err = call(f"export half.jsonl --text page.txt --model model --to {form} -o {path}")
            assert status == 0, (form, err)
            status, _, err = call(f"import {path} --from {form} -o back.jsonl --force")
            assert status == 0, (form, err)
            one, other = rows(tmp_path / "back.jsonl")
            assert (one["label"], one["coder"], "predicted" in one) == ("factual_claim", "ana", False)
            assert (other["label"], "coder" in other) == (None, False), form
            shares = {key.removeprefix("probabilities."): p for key, p in other.items() if key.startswith("prob")}
            assert other["predicted"] == max(shares, key=shares.get), form
            assert sum(shares.values()) == pytest.approx(1)
            assert other["model"].startswith("linear"), form
        (_, task) = json.loads((tmp_path / "out-label-studio.json").read_text())
        (prediction,) = task["predictions"]
        assert prediction["score"] == pytest.approx(max(shares.values()))
        assert prediction["result"][0]["value"] == {"choices": [other["predicted"]]}

    @pytest.mark.parametrize(
        "line", ["train -o m", "evaluate", "train x.csv -C floods -o m", "predict", "export --to csv -o x"]
    )
    @pytest.mark.usefixtures("project")
    def test_files_or_a_project_are_needed(self, call, line):
        assert call(line)[0] == 2


class TestExchange:
    @pytest.mark.usefixtures("project")
    def test_a_project_s_judgments_go_to_another_project(self, call, tmp_path):
        assert call("export -C floods --to excel -o judged.xlsx")[0] == 0
        other = create_project(tmp_path / "other", seed=0, lead="cleo")
        with other.store() as store:
            store.add_articles(news(8))
        status, out, err = call("import judged.xlsx -C other --round theirs")
        assert (status, out) == (0, "64 judgments in the round 'theirs'\n"), err
        assert "ana is a new coder" in err
        assert call("import judged.xlsx -C other")[1] == "nothing new; there already: 64 judgments\n"
        with other.store() as store:
            assert [one.purpose for one in store.rounds()] == ["import"]
            assert store.verify().flaws == ()

    @pytest.mark.usefixtures("project")
    def test_labels_in_a_table_go_along(self, call, tmp_path):
        assert call("export -C floods --gold majority --to jsonl -o gold.jsonl")[0] == 0
        assert call("export gold.jsonl --to prodigy -o tasks.jsonl")[0] == 0
        given = [row["label"] for row in rows(tmp_path / "gold.jsonl")]
        assert [(row["accept"] or [None])[0] for row in rows(tmp_path / "tasks.jsonl")] == given

    @pytest.mark.usefixtures("project")
    def test_import_into_a_table(self, call):
        call("export -C floods --coder ben --to label-studio -o tasks.json")
        status, _, err = call("import tasks.json -o rows.csv")
        assert status == 0, err
        assert "32 sentences in rows.csv" in err

    @pytest.mark.usefixtures("project")
    def test_dry_run_says_what_would_come_in(self, call, tmp_path):
        (tmp_path / "theirs.csv").write_text("article,text,label\nstory-000,no such sentence,factual_claim\n")
        status, _, err = call("import theirs.csv -C floods --coder zoe --dry-run")
        assert status == 1
        assert "theirs.csv:2" in err
