"""Verbs that read a project's judgments: agree, train, evaluate, inspect, predict, export, import."""

from __future__ import annotations

import json

import pytest
from newspaper import newspaper
from stores import active_round, everything_round, judge, news

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
        assert "left out 1 judgments made or changed after a discussion" in err
        assert {row["label"] for row in rows(project.folder.parent / "gold.jsonl")} == {"quoted_official"}

    def test_without_such_a_round_says_what_to_do(self, call, tmp_path):
        create_project(tmp_path / "empty", seed=0)
        status, _, err = call("agree -C empty")
        assert status == 1
        assert "no round of reliability" in err


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
        assert call("import judged.xlsx -C other")[1] == "nothing new: all 64 judgments were there already\n"
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
