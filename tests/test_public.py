from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import annotate


def test_importing_is_quick_and_light():
    script = (
        "import sys, time; t = time.perf_counter(); import annotate; dt = time.perf_counter() - t;"
        "heavy = {'sklearn', 'datasets', 'numpy', 'pandas', 'pyarrow', 'click'} & set(sys.modules); print(dt, heavy)"
    )
    runs = [
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True) for _ in range(3)
    ]
    seconds = min(float(run.stdout.split()[0]) for run in runs)
    assert seconds < 0.3
    assert {run.stdout.split(" ", 1)[1].strip() for run in runs} == {"set()"}


@pytest.mark.parametrize("name", annotate.__all__)
def test_every_public_name_is_there(name):
    assert getattr(annotate, name) is not None
    assert name in dir(annotate)


def test_types_are_known_for_exactly_the_public_names():
    stub = ast.parse(Path(annotate.__file__).with_suffix(".pyi").read_text())
    names = {alias.asname for node in stub.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert names | {"__version__"} == set(annotate.__all__)


def test_other_names_are_missing():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        annotate.nothing  # noqa: B018
