"""The same input gives the same bytes, whatever the hash seed, the locale and the number of threads."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.e2e

SETTINGS = (
    {"PYTHONHASHSEED": "0", "LC_ALL": "C", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    {"PYTHONHASHSEED": "1", "LC_ALL": "tr_TR.UTF-8", "OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2"},
)


def run_demo(folder, settings):
    environment = {name: value for name, value in os.environ.items() if name != "NUTGRAF_CORPORA"} | settings
    command = [str(Path(sys.executable).parent / "nutgraf"), "demo", "-o", "out"]
    folder.mkdir()
    return subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True).stdout


@pytest.fixture(scope="module")
def demos(tmp_path_factory):
    root = tmp_path_factory.mktemp("same-bytes")
    folders = [root / str(i) for i in range(len(SETTINGS))]
    said = [run_demo(folder, settings) for folder, settings in zip(folders, SETTINGS, strict=True)]
    return folders, said


def test_every_file_of_the_demo_is_the_same(demos):
    folders, _ = demos
    files = [sorted(path.relative_to(f) for path in f.rglob("*") if path.is_file()) for f in folders]
    assert files[0] == files[1]
    assert len(files[0]) >= 12
    different = [str(name) for name in files[0] if len({(f / name).read_bytes() for f in folders}) > 1]
    assert different == []


def test_it_says_the_same(demos):
    assert demos[1][0] == demos[1][1]
