"""The wheel alone, in an empty environment, with an empty home, far from the checkout."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    out = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)],
        check=True,
        capture_output=True,
    )
    (path,) = out.glob("*.whl")
    return path


def test_the_wheel_installs_one_package_and_carries_what_it_needs(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {"annotate"}
    carried = {name.removeprefix("annotate/_carried/") for name in names if name.startswith("annotate/_carried/")}
    assert {"data/codebook.toml", "data/codebook.md", "data/gold/labels.jsonl"} <= carried
    assert len([name for name in carried if name.startswith("seeds/")]) == 2


def test_the_demo_runs_from_the_wheel(wheel, tmp_path):
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    pip = [str(venv / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "-c", str(ROOT / "requirements" / "base.txt"), str(wheel)], check=True, capture_output=True)
    home = tmp_path / "home"
    home.mkdir()
    run = subprocess.run(
        [str(venv / "bin" / "nutgraf"), "demo"],
        cwd=home,
        env={"HOME": str(home), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    report = home / run.stdout.split("\n")[-2]
    assert "Two articles prove nothing" in report.read_text("utf-8")
    assert run.stderr == ""
    # Nothing is written but what was asked for: no cache in the home folder.
    assert [path.name for path in home.iterdir()] == ["nutgraf-demo"]
