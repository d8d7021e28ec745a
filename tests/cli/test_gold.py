import hashlib
import subprocess
import sys

import pytest

from annotate.cli import gold as gold_verb
from annotate.cli import run
from annotate.gold import Document, read_documents
from annotate.resources import carried

TEXT = "The vote\n\nIt was 7 to 4.\n"


def documents(*texts):
    return {
        f"pol-{i}": Document(
            f"pol-{i}",
            "networkdynamics/PolNeAR",
            f"data/train/text/{i}.txt",
            hashlib.sha256(text.encode("utf-8")).hexdigest(),
            len(text),
            2,
        )
        for i, text in enumerate(texts)
    }


@pytest.fixture
def two_documents(tmp_path, monkeypatch):
    monkeypatch.setattr(gold_verb, "read_documents", lambda: documents(TEXT, TEXT + "More.\n"))
    monkeypatch.chdir(tmp_path)
    clone = tmp_path / "clone"
    clone.mkdir()
    (clone / "0.txt").write_text(TEXT, encoding="utf-8")
    (clone / "1.txt").write_text(TEXT + "More.\n", encoding="utf-8")
    return clone


def counts(table):
    header, *rows = (line.split("  ") for line in table.splitlines())
    header = [cell.strip() for cell in header if cell]
    cells = [[cell.strip() for cell in row if cell] for row in rows]
    return {row[0]: dict(zip(header[1:], map(int, row[1:]), strict=True)) for row in cells}


def test_without_options_the_labels_are_checked_and_counted(capsys):
    assert run(["gold"]) == 0
    printed = capsys.readouterr()
    assert "total                                            375  14,806" in printed.out
    assert "98.0% of 2,071 units of 54 documents the same label (kappa 0.972)" in printed.out
    assert "language models of one family" in printed.out
    assert "says nothing of human reliability" in printed.out
    assert printed.err == ""


def test_check_is_what_is_done_without_options(capsys):
    run(["gold"])
    without = capsys.readouterr().out
    assert run(["gold", "--check"]) == 0
    assert capsys.readouterr().out == without


def test_labels_that_do_not_belong_to_the_documents_fail_the_check(two_documents, capsys):
    assert run(["gold"]) == 1
    assert "is not in the table of documents" in capsys.readouterr().err


def test_texts_are_rebuilt_from_a_folder_and_counted_by_source(two_documents, capsys):
    assert run(["gold", "--text", "clone"]) == 0
    printed = capsys.readouterr()
    assert counts(printed.out) == {
        "networkdynamics/PolNeAR": {
            "documents": 2, "rebuilt": 2, "as text": 0, "there already": 0, "changed": 0, "missing": 0,
        }
    }  # fmt: skip
    assert printed.err == "nutgraf: verified: 2, in gold-text\n"
    assert (two_documents.parent / "gold-text" / "pol-0.txt").read_bytes() == TEXT.encode("utf-8")


def test_a_text_that_changed_is_named_and_the_exit_status_is_1(two_documents, capsys):
    (two_documents / "1.txt").write_text("Another text.\n", encoding="utf-8")
    assert run(["gold", "--text", "clone", "--out", "texts"]) == 1
    printed = capsys.readouterr()
    assert counts(printed.out)["networkdynamics/PolNeAR"]["changed"] == 1
    assert "not the text that was labelled, and not written: 1 (pol-1); take their sources" in printed.err
    assert [path.name for path in (two_documents.parent / "texts").iterdir()] == ["pol-0.txt"]


def test_a_text_that_is_missing_is_named_and_the_exit_status_is_0(two_documents, capsys):
    (two_documents / "1.txt").unlink()
    assert run(["gold", "--text", "clone"]) == 0
    printed = capsys.readouterr()
    assert counts(printed.out)["networkdynamics/PolNeAR"]["missing"] == 1
    assert "missing: 1 (pol-1); --download fetches what is missing" in printed.err


def test_nothing_is_overwritten_without_force(two_documents, capsys):
    out = two_documents.parent / "gold-text"
    out.mkdir()
    (out / "pol-1.txt").write_text("my notes", encoding="utf-8")
    assert run(["gold", "--text", "clone"]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "add --force" in printed.err
    assert [path.read_text(encoding="utf-8") for path in out.iterdir()] == ["my notes"]
    assert run(["gold", "--text", "clone", "--force"]) == 0
    assert (out / "pol-1.txt").read_text(encoding="utf-8") == TEXT + "More.\n"


def test_the_seeds_alone_are_enough_to_begin_with(tmp_path, capsys):
    assert run(["gold", "--text", str(carried("seeds")), "--out", str(tmp_path / "out")]) == 0
    assert counts(capsys.readouterr().out)["seeds"]["rebuilt"] == 2
    seeds = {name for name, document in read_documents().items() if document.source == "seeds"}
    assert {path.stem for path in (tmp_path / "out").iterdir()} == seeds


@pytest.mark.parametrize(
    "arguments",
    [
        ["--check", "--download"],
        ["--check", "--text", "."],
        ["--download", "--base-url", "file:///etc"],
        ["labels.jsonl"],
    ],
)
def test_a_call_that_makes_no_sense_is_a_usage_error(arguments, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run(["gold", *arguments]) == 2
    assert "Usage: nutgraf gold" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_folder_that_holds_none_of_the_sources_is_refused(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run(["gold", "--text", "."]) == 1
    assert "clones of scrapinghub/article-extraction-benchmark" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_download_that_cannot_begin_says_what_else_to_do(two_documents, monkeypatch, capsys):
    for variable in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    nobody_listens = "http://127.0.0.1:9"
    assert run(["gold", "--download", "--base-url", nobody_listens]) == 1
    printed = capsys.readouterr()
    assert printed.err.startswith(f"nutgraf: {nobody_listens}/networkdynamics/PolNeAR/")
    assert "clone the repositories and use --text" in printed.err


def test_checking_needs_neither_scikit_learn_nor_a_parser_of_html():
    slow = "*sorted({'lxml', 'sklearn'} & set(sys.modules))"
    program = f"import sys; from annotate.cli import run; run(['gold']); print({slow})"
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, encoding="utf-8").stdout
    assert printed.splitlines()[-1] == ""
    assert "kappa" in printed
