"""Every verb as a user meets it: help with an example, results on standard output, one-line errors with exit 1."""

from __future__ import annotations

import email
import json
import pickle
import re
from contextlib import ExitStack
from pathlib import Path

import pytest
from newspaper import labelled_rows

from annotate.classify.evaluate import evaluate
from annotate.classify.evaluation import read_metrics
from annotate.cli import VERBS
from annotate.resources import carried
from annotate.tables import write_table

SEEDS = sorted(str(path) for path in carried("seeds").iterdir())
COLUMNS = ("article", "index", "paragraph", "start", "end", "text", "label")


@pytest.fixture
def labelled_file(tmp_path):
    write_table(tmp_path / "labelled.jsonl", labelled_rows(8), COLUMNS)
    return "labelled.jsonl"


@pytest.fixture
def model(call, labelled_file):
    assert call(f"train {labelled_file} --recipe quick.toml -o model")[0] == 0
    return "model"


@pytest.fixture
def piped(monkeypatch, tmp_path):
    """Lay a file on standard input."""
    with ExitStack() as opened:

        def lay(name):
            monkeypatch.setattr("sys.stdin", opened.enter_context((tmp_path / name).open(encoding="utf-8")))

        yield lay


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_with_an_example(call, verb):
    status, out, _ = call(f"{verb} --help")
    assert status == 0
    assert "Example" in out
    assert f"nutgraf {verb}" in out


def test_the_overview_names_every_verb(call):
    out = call("--help")[1]
    assert all(f"  {verb} " in out for verb in VERBS)


def test_a_wrong_call_exits_with_2_and_shows_the_usage(call):
    status, out, err = call("splt x")
    assert (status, out) == (2, "")
    assert "No such command" in err
    assert call("export --to paper x -o y")[0] == 2


class TestSplit:
    def test_the_seeds_are_seventy_sentences_with_exact_offsets(self, call):
        status, out, _ = call("split", *SEEDS)
        rows = [json.loads(line) for line in out.split("\n")[:-1]]
        assert (status, len(rows)) == (0, 70)
        texts = {Path(path).stem: Path(path).read_bytes().decode() for path in SEEDS}
        assert all(texts[row["article"]][row["start"] : row["end"]] == row["text"] for row in rows)

    def test_the_units_are_those_that_were_labelled(self, call):
        out = call("split", *SEEDS)[1]
        split = {(r["article"], r["start"], r["end"]) for r in map(json.loads, out.split("\n")[:-1])}
        gold = [json.loads(line) for line in carried("data", "gold", "labels.jsonl").read_text().split("\n")[:-1]]
        here = {(r["document"], r["start"], r["end"]) for r in gold if r["document"][:4] in ("000_", "003_")}
        assert split == here

    def test_what_it_writes_it_reads(self, call):
        first = call("split", *SEEDS)[1]
        call("split -o s.jsonl", *SEEDS)
        assert call("split s.jsonl")[1] == first

    def test_a_pipe_that_is_closed_is_no_error(self, call, monkeypatch):
        import annotate.cli.split as module

        def closed(*_args, **_named):
            raise BrokenPipeError

        monkeypatch.setattr(module, "write_table", closed)
        monkeypatch.setattr("os.dup2", lambda *_: None)
        assert call("split", *SEEDS) == (0, "", "")


def test_a_tables_columns_can_be_named(call, tmp_path):
    (tmp_path / "stories.csv").write_text("nr,story\n7,Fog closed the port. Nobody was hurt.\n")
    status, out, _ = call("split stories.csv --column text=story --column id=nr")
    assert status == 0
    assert [json.loads(line)["article"] for line in out.split("\n")[:-1]] == ["7", "7"]
    assert call("split stories.csv --column story")[0] == 2


def test_a_source_without_a_telling_name_can_be_given_its_format(call, tmp_path):
    (tmp_path / "page").write_text("<p>Fog closed the port.</p><p>Nobody was hurt.</p>")
    out = call("split page --format .html")[1]
    assert [json.loads(line)["text"] for line in out.split("\n")[:-1]] == ["Fog closed the port.", "Nobody was hurt."]


BAD_TEXTS = {
    "no file": (None, "no such file"),
    "empty file": (b"", "is empty"),
    "white space": (b" \n\t\n", "nothing but white space"),
    "binary file": (b"\x7fELF\x00\x00\x00\x01" * 50, "is not text"),
    "wrong encoding": ("Žluťoučký kůň pěl ďábelské ódy. ".encode("cp1250") * 20, "--encoding"),
}


@pytest.mark.parametrize("case", BAD_TEXTS)
def test_a_bad_text_is_one_line_with_exit_1_and_nothing_written(call, tmp_path, case):
    content, message = BAD_TEXTS[case]
    if content is not None:
        (tmp_path / "story.txt").write_bytes(content)
    before = sorted(tmp_path.iterdir())
    for line in ("split story.txt -o out.jsonl", "export story.txt --to doccano -o out"):
        status, out, err = call(line)
        assert (status, out) == (1, "")
        assert err.count("\n") == 1
        assert err.startswith("nutgraf: story.txt")
        assert message in err
    assert sorted(tmp_path.iterdir()) == before


def test_another_encoding_can_be_forced(call, tmp_path):
    (tmp_path / "story.txt").write_bytes("Der Hafen schläft.".encode("cp1252"))
    status, out, _ = call("split story.txt --encoding cp1252")
    assert status == 0
    assert json.loads(out)["text"] == "Der Hafen schläft."


def test_an_output_that_exists_is_kept(call, tmp_path, labelled_file, model):
    (tmp_path / "out.jsonl").write_text("mine")
    (tmp_path / "out").mkdir()
    for line in (
        "split out.jsonl -o out.jsonl",
        "export labelled.jsonl --to jsonl -o out.jsonl",
        "export labelled.jsonl --to doccano -o out",
        "export labelled.jsonl --to datasets -o out",
        f"train {labelled_file} --recipe quick.toml -o out",
        f"predict labelled.jsonl -m {model} -o out.jsonl",
        "demo -o out",
    ):
        status, out, err = call(line)
        assert (status, out) == (1, "") if not line.startswith("split") else status == 1
        assert err.count("\n") == 1
    assert (tmp_path / "out.jsonl").read_text() == "mine"
    assert list((tmp_path / "out").iterdir()) == []


class TestExport:
    @pytest.mark.parametrize(
        ("target", "out", "made"),
        [
            ("doccano", "for-doccano", ["guidelines.md", "labels.json", "units-0001.jsonl"]),
            ("datasets", "dataset", ["README.md", "data"]),
        ],
    )
    def test_folders(self, call, tmp_path, target, out, made):
        status, _, err = call(f"export --to {target} -o {out}", *SEEDS)
        assert (status, err) == (0, f"nutgraf: 70 sentences in {out}\n")
        assert sorted(path.name for path in (tmp_path / out).iterdir()) == sorted([".nutgraf", *made])

    @pytest.mark.parametrize("target", ["csv", "jsonl"])
    def test_files(self, call, tmp_path, target):
        assert call(f"export --to {target} -o out.{target}", *SEEDS)[0] == 0
        assert (tmp_path / f"out.{target}").stat().st_size > 10_000

    def test_a_name_that_promises_another_format_is_refused(self, call):
        status, _, err = call("export --to csv -o out.jsonl", *SEEDS)
        assert status == 1
        assert "end the name in .csv" in err

    def test_a_table_s_name_says_its_format(self, call, tmp_path):
        assert call("export -o named.csv", *SEEDS)[0] == 0
        assert call("export --to csv -o said.csv", *SEEDS)[0] == 0
        assert (tmp_path / "named.csv").read_bytes() == (tmp_path / "said.csv").read_bytes()

    @pytest.mark.parametrize(
        ("out", "several"),
        [
            ("tasks.json", "label-studio, label-studio-spans"),
            ("out", "doccano, datasets, inception"),
            ("out.txt", "doccano, label-studio"),
        ],
    )
    def test_a_name_that_says_nothing_is_refused_with_what_it_may_be(self, call, tmp_path, out, several):
        status, _, err = call(f"export -o {out}", *SEEDS)
        assert status == 1
        assert f"{out}: its name does not say what to write; say it with --to: {several}" in err
        assert not (tmp_path / out).exists()


class TestTrainAndPredict:
    def test_training_says_what_it_learnt_from(self, call, labelled_file):
        status, out, err = call(f"train {labelled_file} --recipe quick.toml -o model --name courier")
        assert (status, out) == (0, "")
        assert "trained courier@" in err
        assert "96 units of 8 articles" in err

    def test_predictions_are_rows_with_probabilities(self, call, model, tmp_path):
        (tmp_path / "fog.txt").write_text(
            "Fog closed the port.\nSign up for our newsletter and get 3 stories a week.\n"
        )
        status, out, _ = call(f"predict fog.txt -m {model}")
        rows = [json.loads(line) for line in out.split("\n")[:-1]]
        assert (status, len(rows)) == (0, 2)
        assert rows[1]["label"] == "unrelated_promo"
        assert sum(rows[0]["probabilities"].values()) == pytest.approx(1)

    def test_a_table_of_no_known_format_is_refused_before_any_work(self, call):
        status, _, err = call("predict nowhere.txt -m nothing -o table.ods")
        assert status == 1
        assert "table.ods: no format for .ods; use .jsonl" in err

    def test_a_bad_label_is_refused_with_its_line(self, call, tmp_path, labelled_file):
        path = tmp_path / labelled_file
        path.write_text(path.read_text().replace('"factual_claim"', '"opinion"', 1))
        status, _, err = call(f"train {labelled_file} --recipe quick.toml -o model")
        assert status == 1
        assert "label 'opinion' is not in the codebook" in err
        assert "labelled.jsonl:" in err
        assert not (tmp_path / "model").exists()

    @pytest.mark.parametrize("attack", ["byte", "pickle"])
    def test_a_model_that_was_tampered_with_is_refused(self, call, model, tmp_path, attack):
        file = tmp_path / model / "model.skops"
        content = bytearray(file.read_bytes())
        content[100] ^= 1
        file.write_bytes(content if attack == "byte" else pickle.dumps({"a": 1}))
        status, out, err = call(f"predict labelled.jsonl -m {model} -o out.jsonl")
        assert (status, out, err.count("\n")) == (1, "", 1)
        assert "changed after training" in err
        assert not (tmp_path / "out.jsonl").exists()

    def test_a_pickle_is_no_model(self, call, tmp_path):
        (tmp_path / "evil").write_bytes(pickle.dumps({"a": 1}))
        status, _, err = call("predict labelled.jsonl -m evil")
        assert status == 1
        assert "not a model folder" in err


@pytest.mark.parametrize(
    "line",
    [
        "train - -o model --recipe quick.toml",
        "evaluate - --folds 2 --recipe quick.toml",
        "inspect - --folds 2 --recipe quick.toml",
    ],
)
def test_labels_come_through_a_pipe(call, labelled_file, piped, line):
    piped(labelled_file)
    assert call(line)[0] == 0


class TestEvaluate:
    @pytest.mark.parametrize(
        "wish", ["x --against fast", "- --ceiling ada", "x --seed -1", "x --folds -1", "x --leave-out a --forward b"]
    )
    def test_wishes_that_make_no_sense_are_wrong_calls(self, call, labelled_file, wish):
        status, out, err = call(f"evaluate {wish.replace('x', labelled_file, 1)}")
        assert (status, out) == (2, "")
        assert "Error:" in err

    def test_markdown_comes_on_standard_output_with_cautions(self, call, labelled_file):
        status, out, err = call(f"evaluate {labelled_file} --recipe quick.toml --folds 2")
        assert status == 0
        assert out.startswith("# Evaluation of `linear`")
        assert "baseline: keywords" in out
        assert "CAUTION: 8 articles prove nothing" in err

    @pytest.mark.parametrize("extension", ["html", "json", "md"])
    def test_reports_by_extension(self, call, labelled_file, tmp_path, extension):
        assert call(f"evaluate {labelled_file} --recipe quick.toml --folds 2 -o scores.{extension}")[0] == 0
        assert "macro" in (tmp_path / f"scores.{extension}").read_text("utf-8").lower()

    def test_an_unknown_report_format_is_refused_before_any_work(self, call, labelled_file):
        status, _, err = call(f"evaluate {labelled_file} --recipe quick.toml -o scores.pdf")
        assert status == 1
        assert "use .html, .md, .json" in err

    def test_one_article_is_refused_in_plain_words(self, call, tmp_path, labelled_file):
        lines = (tmp_path / labelled_file).read_text().split("\n")
        (tmp_path / "one.jsonl").write_text("\n".join(lines[:12]) + "\n")
        status, out, err = call("evaluate one.jsonl")
        assert (status, out) == (1, "")
        assert "all labelled units come from one article" in err


def test_labels_in_doubt_are_shown_and_written_without_the_label(call, tmp_path, labelled_file):
    path = tmp_path / labelled_file
    path.write_text(path.read_text().replace('"unrelated_promo"', '"factual_claim"', 2))
    status, out, err = call(f"inspect {labelled_file} --recipe quick.toml --folds 2 -o again.csv")
    assert status == 0
    assert "factual_claim was given" in out
    assert "unrelated_promo predicted" in out
    assert "units to code again in again.csv" in err
    header, *rows = (tmp_path / "again.csv").read_text("utf-8-sig").splitlines()
    assert header == "article,index,paragraph,start,end,text,before,after,label"
    assert all(row.endswith(",") for row in rows)
    assert len(rows) >= 2


def test_the_demo_makes_everything_and_ends_with_the_report(call, tmp_path):
    status, out, _ = call("demo -o shown")
    assert status == 0
    shipped = read_metrics(carried("models", "default"))
    assert f"{shipped.units} sentences of {shipped.articles} gold documents: macro-F1 {shipped.scores.macro_f1}" in out
    assert "Two articles prove nothing" in out
    assert "coder-a (language model)" in out
    assert re.search(r"which saw neither: as coder-a \(language model\) in \d\d of 70 sentences", out)
    report = tmp_path / out.split("\n")[-2]
    html = report.read_text("utf-8")
    assert "Two articles prove nothing" in html
    assert "http" not in html.replace("http-equiv", "").replace("https://www.thethinkingconservative.com/", "")
    made = {path.name for path in (tmp_path / "shown").iterdir()}
    assert {"doccano", "datasets", "sentences.jsonl", "evaluation.md", "report.html"} < made
    assert sum(file.read_bytes().count(b"\n") for file in (tmp_path / "shown").glob("predictions-*")) == 70


def test_the_demo_makes_the_gold_evaluation_again(call, monkeypatch):
    shipped = read_metrics(carried("models", "default"))
    evaluated = []

    def evaluate_seeds_only(data, *, recipe, progress=None, **more):
        if recipe != shipped.recipe:
            return evaluate(data, recipe=recipe, **more)
        evaluated.append(data)
        progress(1)
        return shipped, None

    monkeypatch.setattr("annotate.demo.evaluate", evaluate_seeds_only)
    status, out, _ = call("demo --again -o shown")
    assert status == 0
    assert f"made again: macro-F1 {shipped.scores.macro_f1}, every score the same" in out
    assert [(len(data.y), len(set(data.articles))) for data in evaluated] == [(shipped.units, shipped.articles)]


def test_articles_can_be_left_out(call, labelled_file):
    status, out, _ = call(f"evaluate {labelled_file} --folds 2 --recipe quick.toml --without story-000")
    assert status == 0
    assert "7 articles" in out
    assert "no labelled sentence is of the article 'story'" in call(f"evaluate {labelled_file} --without story")[2]


def test_the_doctor_names_what_is_there(call):
    status, out, _ = call("doctor")
    assert status == 0
    assert "scikit-learn" in out
    assert "MISSING" not in out


@pytest.fixture
def installed(monkeypatch):
    """Say that nutgraf requires this, and nothing else."""

    def pretend(*requirements):
        lines = [f"Requires-Dist: {line}" for line in requirements]
        extras = ["Provides-Extra: web", "Provides-Extra: empty"]
        told = email.message_from_string("\n".join([*lines, *extras, "", ""]))
        monkeypatch.setattr("annotate.cli.doctor.metadata.metadata", lambda _: told)

    return pretend


def test_the_doctor_knows_what_is_too_old_or_not_for_this_machine(call, installed):
    installed(
        "click>=99",
        "nowhere>=1; python_version < '3'",
        "absent>=2; extra == 'web'",
        "click>=8; extra == 'web'",
        "backport; python_version < '3' and extra == 'web'",
    )
    status, out, err = call("doctor")
    assert (status, err) == (1, "nutgraf: one thing is broken; install nutgraf again\n")
    assert re.search(r"MISSING click 8\S* \(nutgraf needs >=99\)", out)
    assert re.search(r"BROKEN: click is too old \(8\S*\)", out)
    assert "missing web (lacks absent; pip install 'nutgraf[web]')" in out
    assert "ok      empty" in out
    assert "nowhere" not in out
    assert "backport" not in out


def test_the_doctor_misses_what_should_be_carried_along(call, monkeypatch, tmp_path):
    monkeypatch.setattr("annotate.cli.doctor.carried", tmp_path.joinpath)
    status, out, err = call("doctor")
    assert (status, err) == (1, "nutgraf: 3 things are broken; install nutgraf again\n")
    assert "MISSING seeds" in out


def test_outlets_can_be_left_out_one_at_a_time(call, tmp_path):
    rows = [row | {"outlet": f"outlet-{int(row['article'][-1]) % 2}"} for row in labelled_rows(8)]
    write_table(tmp_path / "rows.csv", rows, (*COLUMNS, "outlet"))
    status, out, _ = call("evaluate rows.csv --recipe quick.toml --leave-out outlet")
    assert status == 0
    assert "one outlet left out at a time" in out
    assert re.search(r"by fold: outlet-0 [01]\.\d{3}, outlet-1", out)
    assert call("evaluate rows.csv --leave-out month")[0] == 1
    assert call("evaluate rows.csv --leave-out outlet --forward outlet")[0] == 2


def test_what_nutgraf_writes_is_never_taken_for_an_article(call, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "fog.txt").write_text("Fog closed the port.")
    for line in ("split in -o in/out.csv", "predict in -o in/deep/out.csv", "export in --to csv -o in/out.csv"):
        status, _, err = call(line)
        assert status == 1
        assert "stands in the folder that is read; write it elsewhere" in err
    assert call("export in/fog.txt --to doccano -o in/for-doccano")[0] == 0
    assert call("split in")[1].count("\n") == 1


def test_a_recipe_of_ones_own_begins_as_one_that_comes_with_nutgraf(call, tmp_path, labelled_file):
    assert call("recipe linear -o mine.toml")[0] == 0
    mine = tmp_path / "mine.toml"
    text = mine.read_text("utf-8").replace('name = "linear"', 'name = "mine"').replace("= 17", "= 12")
    mine.write_text(text.replace("3.0", "0.5"), "utf-8")
    status, out, _ = call(f"evaluate {labelled_file} --folds 2 --recipe mine.toml --against quick.toml")
    assert status == 0
    assert "| linear, same folds |" in out
    assert call(f"train {labelled_file} --recipe mine.toml -o model")[0] == 0
    assert "inverse_penalty = 0.5" in (tmp_path / "model" / "recipe.toml").read_text("utf-8")
    mine.write_text(mine.read_text("utf-8").replace("word_bits", "wordbits"), "utf-8")
    status, _, err = call(f"train {labelled_file} --recipe mine.toml -o model2")
    assert (status, "mine.toml:8: " in err, "did you mean `word_bits`?" in err) == (1, True, True)
    assert not (tmp_path / "model2").exists()


class TestWhatCanNotBeHad:
    @pytest.mark.parametrize(
        ("wish", "words"),
        [("--by desk", "no article has a desk"), ("--curve", "a curve needs 8 articles to learn from")],
    )
    def test_is_said_before_the_work(self, call, labelled_file, monkeypatch, wish, words):
        monkeypatch.setattr("annotate.cli.evaluate.evaluate", lambda *_, **__: pytest.fail("worked first"))
        status, out, err = call(f"evaluate {labelled_file} --folds 2 --recipe quick.toml {wish}")
        assert (status, out) == (1, "")
        assert words in err


class TestExplain:
    def test_says_what_a_label_hangs_on(self, call, labelled_file):
        assert call(f"train {labelled_file} --recipe quick.toml -o model")[0] == 0
        status, out, _ = call("explain labelled.jsonl -m model --sentence 1")
        assert status == 0
        assert out.count(", sentence 1: ") == 8
        assert "its own words, all of them" in out
        assert call("explain labelled.jsonl -m model --sentence 1 -o why.html")[0] == 0
        assert call("explain labelled.jsonl -m model --sentence 1 -o why.pdf")[2].endswith("use .html or .jsonl\n")
        assert "there are 0 to" in call("explain labelled.jsonl -m model --sentence 999")[2]

    def test_stands_below_the_errors_where_it_is_asked_for(self, call, tmp_path, labelled_file):
        path = tmp_path / labelled_file
        path.write_text(path.read_text().replace('"unrelated_promo"', '"factual_claim"', 2))
        status, out, _ = call(f"inspect {labelled_file} --recipe quick.toml --folds 2 --most 1 --why")
        assert status == 0
        assert ", and without" in out
