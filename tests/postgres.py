"""A PostgreSQL server of the tests' own: in a temporary folder, on this machine only, stopped by its process id."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

import psycopg

_DEBIAN = Path("/usr/lib/postgresql")


class Server:
    """A running server."""

    def __init__(self, port):
        self.port = port
        self._numbers = itertools.count()
        self._emptied = None

    def url(self, database):
        return f"postgresql://nutgraf@127.0.0.1:{self.port}/{database}"

    def emptied_database(self):
        """Return a database that is used again and again: a new one takes longer and 7 MB."""
        if self._emptied is None:
            self._emptied = self.new_database()
        with psycopg.connect(self._emptied, autocommit=True) as connection:
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")
        return self._emptied

    def new_database(self):
        name = f"project_{next(self._numbers)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.url(name)


@contextmanager
def server(*, settings=("fsync=off",)):
    """Start a server and stop it at the end. It refuses to run as root, so root lends it another user."""
    # Not below pytest's folder: that one is closed to other users.
    folder = Path(tempfile.mkdtemp(prefix="nutgraf-pg-"))
    user = _other_user() if os.geteuid() == 0 else None
    if user is not None:
        shutil.chown(folder, user)
    process = None
    try:
        _run(
            user,
            _program("initdb"),
            "-D",
            folder / "data",
            "-U",
            "nutgraf",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "-N",
        )
        port = _free_port()
        options = [part for setting in settings for part in ("-c", setting)]
        command = [
            _program("postgres"),
            "-D",
            folder / "data",
            "-h",
            "127.0.0.1",
            "-p",
            str(port),
            "-k",
            folder,
            *options,
        ]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(command, user=user, cwd="/", stdout=log, stderr=log)
        _run(user, _program("pg_isready"), "-h", "127.0.0.1", "-p", str(port), "-t", "1", until=process)
        yield Server(port)
    finally:
        if process is not None:
            process.send_signal(signal.SIGQUIT)  # at once: what it holds is thrown away
            process.wait(60)
        shutil.rmtree(folder)


def _run(user, *command, until=None):
    """Run a program; with a server's process, again and again until it succeeds or the server has died."""
    while True:
        done = subprocess.run(command, user=user, cwd="/", capture_output=True, check=False)
        if done.returncode == 0:
            return
        if until is None or until.poll() is not None:
            raise RuntimeError(f"{command[0]}: {done.stderr.decode()}{done.stdout.decode()}")


def _other_user():
    import pwd

    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in names)


def _program(name):
    found = shutil.which(name) or next((str(path) for path in sorted(_DEBIAN.glob(f"*/bin/{name}"))), None)
    if found is None:
        raise RuntimeError(f"PostgreSQL's {name} is not installed; on Debian: apt-get install postgresql")
    return found


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
