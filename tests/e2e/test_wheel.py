"""The wheel alone, in an empty environment, with an empty home, far from the checkout."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from newspaper import labelled, newspaper
from quick import quick

from annotate.classify.model import train
from annotate.classify.recipes import packaged
from annotate.exchange.sentences import COLUMNS
from annotate.tables import write_table

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
    assert {"annotate/classify/recipes/fast.toml", "annotate/classify/recipes/linear.toml"} <= set(names)
    assert len([name for name in carried if name.startswith("seeds/")]) == 2


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """Return the command, from the wheel in an environment of its own."""
    venv = tmp_path_factory.mktemp("installed") / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    # What is imported is compiled then: all of the dependencies would be more than half of the work.
    pip = [
        str(venv / "bin" / "python"),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-compile",
    ]
    pins = str(ROOT / "requirements" / "accurate.txt")
    subprocess.run([*pip, "-c", pins, f"{wheel}[accurate]"], check=True, capture_output=True)
    return venv / "bin" / "nutgraf"


@pytest.mark.parametrize("recipe", packaged())
def test_a_saved_model_says_the_same_bytes_in_a_fresh_environment(installed, tmp_path, codebook, recipe):
    train(labelled(12, codebook), recipe=quick(recipe)).save(tmp_path / "model")
    write_table(tmp_path / "new.jsonl", newspaper(3, seed=5)[0], COLUMNS)
    here = Path(sys.executable).parent / "nutgraf"
    for number, command in enumerate([here, installed]):
        subprocess.run(
            [str(command), "predict", "new.jsonl", "-m", "model", "-o", f"{number}.jsonl"],
            cwd=tmp_path,
            env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "PYTHONHASHSEED": str(number)},
            check=True,
            capture_output=True,
        )
    assert (tmp_path / "0.jsonl").read_bytes() == (tmp_path / "1.jsonl").read_bytes()


def test_the_demo_runs_from_the_wheel(installed, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    run = subprocess.run(
        [str(installed), "demo"],
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
