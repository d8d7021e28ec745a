"""What the tests of the verbs share: a command line, and a recipe that is quick to train."""

from __future__ import annotations

import shlex

import pytest
from quick import quick_file

from annotate.cli import run


@pytest.fixture
def call(capfd, tmp_path, monkeypatch):
    """Run a command line in a folder that holds ``quick.toml`` alone, the recipe linear with fewer columns.

    Returns exit status, standard output and standard error.
    """
    quick_file("linear", tmp_path / "quick.toml")
    monkeypatch.chdir(tmp_path)

    def call(line, *more):
        capfd.readouterr()
        status = run([*shlex.split(line), *more])
        out, err = capfd.readouterr()
        return status, out, err

    return call
