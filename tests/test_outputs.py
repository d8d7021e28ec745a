from __future__ import annotations

import errno

import pytest

from annotate.errors import NutgrafError, OutputExists, OutputFailed
from annotate.outputs import new_file, new_folder, refuse_existing


def test_a_file_appears_only_when_it_is_whole(tmp_path):
    path = tmp_path / "deep" / "out.txt"
    with new_file(path) as stream:
        stream.write(b"half")
        assert not path.exists()
    assert path.read_bytes() == b"half"
    assert [p.name for p in path.parent.iterdir()] == ["out.txt"]


def test_an_error_leaves_nothing_behind(tmp_path):
    with pytest.raises(ZeroDivisionError), new_file(tmp_path / "out.txt") as stream:
        stream.write(b"%d" % (1 // 0))
    with pytest.raises(ZeroDivisionError), new_folder(tmp_path / "out") as folder:
        (folder / "part").write_bytes(b"%d" % (1 // 0))
    assert list(tmp_path.iterdir()) == []


def test_an_error_leaves_what_stood_there_before(tmp_path):
    path = tmp_path / "out.txt"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError), new_file(path, force=True):
        raise ZeroDivisionError
    assert path.read_text() == "old"


def test_a_full_disk_is_one_clear_error(tmp_path):
    with pytest.raises(OutputFailed, match=r"No space left on device.*nothing was changed"), new_file(tmp_path / "out"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten_without_force(tmp_path):
    path = tmp_path / "out.txt"
    path.write_text("old")
    with pytest.raises(OutputExists, match="--force"), new_file(path):
        pass
    with new_file(path, force=True) as stream:
        stream.write(b"new")
    assert path.read_text() == "new"


def test_a_folder_replaces_a_folder_with_force(tmp_path):
    for content in ("old", "new"):
        with new_folder(tmp_path / "out", force=True) as folder:
            (folder / content).write_text(content)
    assert {p.name for p in (tmp_path / "out").iterdir()} == {"new", ".nutgraf"}


def test_a_folder_that_was_not_made_here_is_never_replaced(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    with pytest.raises(OutputExists, match="did not make"), new_folder(tmp_path / "mine", force=True):
        pass
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "years of work"


def test_an_empty_folder_may_be_filled_with_force(tmp_path):
    with new_folder(tmp_path, force=True) as folder:
        (folder / "new").write_text("x")
    assert (tmp_path / "new").exists()


def test_a_path_under_a_file_is_a_clear_error(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputFailed), new_file(tmp_path / "file" / "out"):
        pass


def test_results_are_as_readable_as_other_files(tmp_path):
    (tmp_path / "ordinary").write_text("x")
    with new_file(tmp_path / "out"):
        pass
    assert (tmp_path / "out").stat().st_mode == (tmp_path / "ordinary").stat().st_mode


def test_standard_output_never_exists(capfdbinary):
    refuse_existing("-")
    with new_file("-") as stream:
        stream.write(b"hello")
    assert capfdbinary.readouterr().out == b"hello"


def test_an_error_reads_as_one_line_with_place_and_remedy():
    error = NutgrafError("has\nno end", where="story.txt:3", remedy="write one")
    assert str(error) == "story.txt:3: has no end; write one"
