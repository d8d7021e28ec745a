from __future__ import annotations

import errno
import os
from pathlib import Path

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


def test_what_fails_in_an_unfinished_folder_is_told_by_the_name_it_would_have_had(tmp_path):
    with pytest.raises(OutputFailed) as failed, new_folder(tmp_path / "out") as folder, new_file(folder / "rows.csv"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert failed.value.where == str(tmp_path / "out" / "rows.csv")
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


@pytest.mark.parametrize(("new", "make"), [(new_file, Path.touch), (new_folder, Path.mkdir)])
def test_what_another_process_has_written_in_the_meantime_is_kept(tmp_path, new, make):
    with pytest.raises(OutputExists, match="exists already"), new(tmp_path / "out"):
        make(tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_where_links_cannot_be_made_a_file_is_renamed(tmp_path, monkeypatch):
    def no_links(*_):
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr("os.link", no_links)
    with new_file(tmp_path / "out") as stream:
        stream.write(b"x")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("new", [new_file, new_folder])
def test_what_is_neither_file_nor_folder_is_never_replaced(tmp_path, new):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OutputExists, match="choose another name"), new(tmp_path / "pipe", force=True):
        pass
    assert (tmp_path / "pipe").is_fifo()


def test_a_link_is_followed_and_counts_even_if_it_leads_nowhere(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "target")
    with pytest.raises(OutputExists), new_file(tmp_path / "link"):
        pass
    with new_file(tmp_path / "link", force=True) as stream:
        stream.write(b"x")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_bytes() == b"x"


def test_a_folder_that_cannot_be_replaced_is_put_back(tmp_path, monkeypatch):
    with new_folder(tmp_path / "out") as folder:
        (folder / "old").touch()
    rename = Path.rename

    def fail_once(self, target):
        if self.suffix == ".part":
            raise OSError(errno.EIO, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail_once)
    with pytest.raises(OutputFailed, match="Input/output error"), new_folder(tmp_path / "out", force=True):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert (tmp_path / "out" / "old").exists()


def test_a_folder_is_not_written_to_standard_output():
    with pytest.raises(OutputFailed, match="name a folder"), new_folder("-"):
        pass


def test_standard_output_that_is_full_or_closed_is_one_clear_error(monkeypatch):
    with open("/dev/full", "w") as full:  # noqa: PTH123
        monkeypatch.setattr("sys.stdout", full)
        with pytest.raises(OutputFailed, match="No space left"), new_file("-") as stream:
            stream.write(b"x" * 100_000)
        monkeypatch.setattr("sys.stdout", None)
        with pytest.raises(OutputFailed, match="closed"), new_file("-"):
            pass


def test_standard_output_never_exists(capfdbinary):
    refuse_existing("-")
    with new_file("-") as stream:
        stream.write(b"hello")
    assert capfdbinary.readouterr().out == b"hello"


def test_an_error_reads_as_one_line_with_place_and_remedy():
    error = NutgrafError("has\nno end", where="story.txt:3", remedy="write one")
    assert str(error) == "story.txt:3: has no end; write one"
