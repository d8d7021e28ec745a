"""A verb that is stopped in the middle, or finds no room, leaves nothing half-written and says so in one line."""

from __future__ import annotations

import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from annotate.project import create_project

# A verb in a process of its own, to which something happens when the second row is written.
PROGRAM = """
import resource, signal, sys
from annotate import cli
from annotate.cli import split

write = split.write_table

def write_and_be_stopped(path, rows, *others, **named):
    def stopped():
        for number, row in enumerate(rows):
            if number == 1:
                {event}
            yield row
    return write(path, stopped(), *others, **named)

split.write_table = write_and_be_stopped
sys.argv = ["nutgraf", "split", "fog.txt", "-o", "out/sentences.jsonl"]
cli.main()
"""


def asked_to_stop_as_usual():
    """Undo what a shell did to the tests that it runs in the background: they, and what they start, ignore signals."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


@pytest.fixture
def run(tmp_path):
    """Split a text in a process of its own to which ``event`` happens; return the process and what it left."""
    (tmp_path / "fog.txt").write_text("Fog closed the port. Nobody was hurt. It lifted at noon.")

    def run(event, **how):
        program = PROGRAM.format(event=event)
        done = subprocess.run(
            [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False, **how
        )
        return done, [path.name for path in tmp_path.glob("out/*")] + [path.name for path in tmp_path.glob("out/.*")]

    return run


@pytest.mark.parametrize(("name", "status"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)])
def test_by_a_signal(run, name, status):
    done, left = run(f"signal.raise_signal(signal.{name})", preexec_fn=asked_to_stop_as_usual)
    assert (done.returncode, done.stdout, done.stderr.strip()) == (status, "", "nutgraf: stopped")
    assert left == []


def test_a_signal_that_nohup_ignores_stops_nothing(run):
    done, left = run(
        "signal.raise_signal(signal.SIGHUP)", preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)
    )
    assert (done.returncode, left) == (0, ["sentences.jsonl"])


def test_by_a_disk_without_room(run):
    done, left = run("pass", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100)))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith("nutgraf: out/sentences.jsonl: could not be written (File too large); nothing was ")
    assert left == []


@pytest.mark.parametrize("line", ["--help", "status -C ."])
def test_by_no_room_behind_standard_output(tmp_path, line):
    create_project(tmp_path / "floods", seed=0)
    program = f"from annotate.cli import main; import sys; sys.argv = {['nutgraf', *line.split()]!r}; main()"
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-c", program], cwd=tmp_path / "floods", stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert (done.returncode, done.stderr.count(b"\n")) == (1, 1)
    assert b"No space left on device" in done.stderr
