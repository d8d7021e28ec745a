from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from coders import newsroom

from annotate.agreement.ratings import MISSING
from annotate.gold import read_gold
from annotate.resources import carried

LABELS = ("factual_claim", "quoted_official", "editorial_framing", "unrelated_promo")


@pytest.fixture
def agree(call):
    """Run ``nutgraf agree``; return exit status, standard output and standard error."""
    return lambda *arguments: call("agree", *arguments)


@pytest.fixture
def labels(tmp_path):
    table = newsroom(25, coders=3, seed=8)
    rows = [
        {"document": unit[0], "start": unit[1], "end": unit[2], "label": LABELS[code], "coder": coder}
        for unit, codes in zip(table.units, table.codes, strict=True)
        for coder, code in zip(("ann", "ben", "eve"), codes, strict=True)
        if code != MISSING
    ]
    write(tmp_path / "labels.jsonl", rows)
    return rows


def write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def test_without_labels_it_is_the_shipped_gold_with_its_warning(agree):
    status, out, err = agree("--bootstraps", "200")
    assert status == 0
    assert out.startswith("agreement 0.980, kappa 0.972 on 2,071 units of 54 documents, by coder-a and coder-b\n")
    assert "Krippendorff" in out
    assert ".667" in out
    assert ".800" in out
    assert "\nCAUTION: coder-a and coder-b are language models" in out
    assert "says nothing of human reliability" in out
    assert "of models with models: whether people would agree is not known" in out
    assert err == ""


def test_coders_can_be_chosen(agree, labels):
    status, out, _ = agree("labels.jsonl", "--coders", "eve, ann", "--bootstraps", "100")
    assert status == 0
    assert "by eve and ann" in out
    assert agree("labels.jsonl", "--coders", "ann,zoe")[2].startswith(
        "nutgraf: no labels by zoe; the coders are ann, ben, eve"
    )
    assert agree("labels.jsonl", "--coders", "ann")[0] == 2


@pytest.mark.parametrize("extension", ["html", "md", "json", "tex"])
def test_reports_by_extension(agree, labels, tmp_path, extension):
    name = f"report.{extension}"
    status, out, err = agree("labels.jsonl", "-o", name, "--bootstraps", "100")
    assert (status, out[:9]) == (0, "agreement")
    assert err.endswith(f"nutgraf: the report is in {name}\n")
    first = (tmp_path / name).read_bytes()
    assert b"alpha" in first
    assert agree("labels.jsonl", "-o", name, "--bootstraps", "100")[0] == 1
    assert agree("labels.jsonl", "-o", name, "--bootstraps", "100", "--force")[0] == 0
    assert (tmp_path / name).read_bytes() == first


def test_a_report_on_standard_output_stands_alone(agree, labels):
    status, out, _ = agree("labels.jsonl", "-o", "-", "--bootstraps", "100")
    assert status == 0
    assert out.startswith("# Do the coders agree?\n")


def test_an_unknown_format_is_refused_before_any_work(agree):
    status, out, err = agree("missing.jsonl", "-o", "report.pdf")
    assert (status, out) == (1, "")
    assert "use .html, .md, .json, .tex" in err


def test_texts_show_what_is_disputed(agree, labels, tmp_path):
    (tmp_path / "texts").mkdir()
    for name in {row["document"] for row in labels}:
        (tmp_path / "texts" / f"{name}.txt").write_text("Fog lay on Osterby. " * 600, encoding="utf-8")
    assert agree("labels.jsonl", "--text", "texts", "-o", "a.html", "--bootstraps", "100")[0] == 0
    assert "Fog lay" in (tmp_path / "a.html").read_text("utf-8")
    (tmp_path / "texts" / f"{labels[-1]['document']}.txt").write_text("Short.", encoding="utf-8")
    status, out, err = agree("labels.jsonl", "--text", "texts")
    assert (status, out) == (1, "")
    assert "reach beyond" in err


def test_labels_of_another_codebook_can_be_named_in_order(agree, tmp_path):
    rows = [
        {"article": f"s{i // 4}", "start": i, "end": i + 1, "label": label, "coder": coder}
        for i in range(100)
        for coder, label in (("ann", "123"[i % 3]), ("ben", "123"[(i + (i % 7 == 0)) % 3]))
    ]
    write(tmp_path / "l.jsonl", rows)
    assert "is not in the codebook" in agree("l.jsonl")[2]
    figures = {}
    for scale in ("nominal", "ordinal", "interval"):
        status, out, _ = agree("l.jsonl", "--labels", "1,2,3", "--scale", scale, "--bootstraps", "100")
        assert status == 0
        assert f"alpha ({scale})" in out
        figures[scale] = next(line for line in out.split("\n") if line.startswith("Kripp")).split(")")[1]
    assert len(set(figures.values())) == 3
    assert agree("l.jsonl", "--labels", "1,2,3", "--codebook", "c.toml")[0] == 2


def test_what_the_coders_are_is_read_beside_the_labels(agree, labels, tmp_path):
    (tmp_path / "coders.toml").write_text(
        '[ann]\nkind = "person"\n[ben]\nkind = "person"\n[eve]\nkind = "language model"\n'
    )
    assert "CAUTION: eve is a language model" in agree("labels.jsonl", "--bootstraps", "100")[1]
    (tmp_path / "coders.toml").write_text('[ann]\nkind = "robot"\n')
    status, out, err = agree("labels.jsonl")
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert "coders.toml: does not say what the coders are" in err


def test_one_coder_is_refused_in_one_line(agree, labels, tmp_path):
    write(tmp_path / "one.jsonl", [row for row in labels if row["coder"] == "ann"])
    status, out, err = agree("one.jsonl")
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert "only ann labelled: agreement needs a second coder" in err


def test_a_unit_labelled_twice_is_refused_with_its_line(agree, labels, tmp_path):
    write(tmp_path / "labels.jsonl", [*labels, labels[0]])
    status, _, err = agree("labels.jsonl")
    assert status == 1
    assert f"labels.jsonl:{len(labels) + 1}: ann labelled" in err
    assert "first in labels.jsonl:1" in err


def test_discussed_judgments_are_left_out_and_said_to_be(agree, labels, tmp_path):
    before = agree("labels.jsonl", "--bootstraps", "100")[1]
    write(tmp_path / "labels.jsonl", [*labels, *({**row, "label": LABELS[0], "discussed": True} for row in labels)])
    _, after, err = agree("labels.jsonl", "--bootstraps", "100")
    assert after == before
    assert f"left out {len(labels):,} judgments made after a discussion" in err


@pytest.mark.usefixtures("labels")
class TestGold:
    @pytest.mark.parametrize("way", ["majority", "adjudicated", "dawid-skene", "mace"])
    def test_each_way_writes_labels_that_others_can_read(self, agree, tmp_path, way):
        status, _, err = agree("labels.jsonl", "--gold", "gold.jsonl", "--by", way, "--bootstraps", "100")
        gold = read_gold(tmp_path / "gold.jsonl")
        assert status == 0
        assert f"{len(gold):,} labels by {way} in gold.jsonl" in err
        assert {row.coder for row in gold} == {way}
        first = json.loads((tmp_path / "gold.jsonl").read_text("utf-8").split("\n")[0])
        assert sum(first["probabilities"].values()) == pytest.approx(1)
        assert set(first["supporters"]) | set(first["others"]) == {"ann", "ben", "eve"}

    def test_what_is_left_undecided_is_named(self, agree, labels, tmp_path):
        _, _, err = agree("labels.jsonl", "--coders", "ann,ben", "--gold", "gold.csv", "--bootstraps", "100")
        units = {(row["document"], row["start"]) for row in labels}
        decided = len(read_gold(tmp_path / "gold.csv"))
        assert f"undecided, and left out: {len(units) - decided} units (story-" in err

    def test_decisions_settle_what_coders_left(self, agree, labels, tmp_path):
        by_unit = {}
        for row in labels:
            by_unit.setdefault((row["document"], row["start"], row["end"]), set()).add(row["label"])
        open_units = [unit for unit, given in by_unit.items() if len(given) > 1]
        decisions = [
            {"document": d, "start": s, "end": e, "label": "skip" if i == 0 else LABELS[0], "coder": "the editor"}
            for i, (d, s, e) in enumerate(open_units)
        ]
        write(tmp_path / "decided.jsonl", decisions)
        how = ("labels.jsonl", "--gold", "gold.jsonl", "--by", "adjudicated", "--decisions", "decided.jsonl")
        status, _, err = agree(*how, "--bootstraps", "100")
        rows = [json.loads(line) for line in (tmp_path / "gold.jsonl").read_text("utf-8").splitlines()]
        assert (status, len(rows)) == (0, len(by_unit))
        assert "undecided" not in err
        assert sum(row.get("decided_by") == "the editor" for row in rows) == len(open_units)
        assert sum(row["label"] == "skip" for row in rows) == 1
        write(tmp_path / "decided.jsonl", [*decisions, decisions[0]])
        status, _, err = agree(*how, "--force")
        assert status == 1
        assert "was decided twice, first by the editor" in err

    def test_a_call_that_makes_no_sense_is_refused_before_any_work(self, agree, tmp_path):
        assert agree("labels.jsonl", "--gold", "g.jsonl", "--decisions", "d.jsonl")[0] == 2
        assert agree("labels.jsonl", "--gold", "g.ods")[:2] == (1, "")
        (tmp_path / "g.jsonl").write_text("mine")
        assert agree("labels.jsonl", "--gold", "g.jsonl")[:2] == (1, "")
        assert (tmp_path / "g.jsonl").read_text() == "mine"


def in_a_process(*arguments, content=b"", **environment):
    program = f"from annotate.cli import main; import sys; sys.argv = {['nutgraf', 'agree', *arguments]!r}; main()"
    done = subprocess.run(
        [sys.executable, "-c", program], input=content, capture_output=True, check=True, env=os.environ | environment
    )
    return done.stdout


def test_standard_input_will_do(labels, tmp_path):
    content = (tmp_path / "labels.jsonl").read_bytes()
    assert in_a_process("-", "--bootstraps", "100", content=content).startswith(b"agreement ")


def test_bytes_do_not_depend_on_hash_seed_or_threads(labels, tmp_path):
    path = str(tmp_path / "labels.jsonl")
    for settings in ({"PYTHONHASHSEED": "1", "OPENBLAS_NUM_THREADS": "1"}, {"PYTHONHASHSEED": "2"}):
        out = str(tmp_path / f"{settings['PYTHONHASHSEED']}.json")
        in_a_process(path, "-o", out, "--gold", out + "l", "--by", "mace", "--bootstraps", "100", **settings)
    for suffix in ("json", "jsonl"):
        assert (tmp_path / f"1.{suffix}").read_bytes() == (tmp_path / f"2.{suffix}").read_bytes()


def test_the_shipped_coders_are_said_to_be_models():
    import tomllib

    table = tomllib.loads(carried("data", "gold", "coders.toml").read_text("utf-8"))
    assert {coder["kind"] for coder in table.values()} == {"language model"}
    assert sorted(table) == ["coder-a", "coder-b"]
