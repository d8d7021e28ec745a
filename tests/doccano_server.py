"""A real doccano, in an environment of its own: a web process and a worker that can be killed and started again.

Run as a program it prepares the environment's empty database once, so that no test waits for its migrations.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import requests

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = Path(os.environ.get("NUTGRAF_DOCCANO", ROOT / ".venv-doccano"))
EMPTY = "empty-home"
LEAD = "lead"
PATIENCE = 180  # seconds until it must have come up, on a machine that is busy


class DoccanoServer:
    """doccano on a free port of this machine, with an empty database in a folder.

    ``password`` is everybody's.
    """

    def __init__(self, folder: Path):
        if not (ENVIRONMENT / EMPTY).is_dir():
            raise RuntimeError(f"there is no doccano in {ENVIRONMENT}: make {ENVIRONMENT.name}")
        self.folder = folder
        self.home = folder / "home"
        shutil.copytree(ENVIRONMENT / EMPTY, self.home)
        self.password = (self.home / "password").read_text()
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._variables = variables(self.home)
        self.web = self.worker = None

    def __enter__(self):
        self.start_web()
        self.start_worker()
        self.wait_for_web()
        self.wait_for_worker()
        return self

    def __exit__(self, *raised):
        self.kill_web()
        self.kill_worker()

    def start_web(self):
        backend = next(ENVIRONMENT.glob("lib/python*/site-packages/backend"))
        # Never `doccano webserver`: it listens on every address of the machine.
        bind = ["--bind", f"127.0.0.1:{self.port}", "--workers", "1", "--threads", "4", "--timeout", "300"]
        gunicorn = [python(), "-m", "gunicorn", "--chdir", backend, *bind, "--capture-output", "config.wsgi"]
        self.web = self._start(gunicorn, "web.log")

    def start_worker(self):
        (self.folder / "worker.log").unlink(missing_ok=True)
        self.worker = self._start([ENVIRONMENT / "bin" / "doccano", "task", "--concurrency", "1"], "worker.log")

    def kill_web(self):
        kill(self.web)

    def kill_worker(self):
        kill(self.worker)

    def wait_for_web(self):
        until(self._answers, "the web process")

    def wait_for_worker(self):
        until(lambda: " ready." in (self.folder / "worker.log").read_text(), "the worker")

    def logs(self):
        return "\n".join((self.folder / name).read_text()[-2000:] for name in ("web.log", "worker.log"))

    def _answers(self):
        try:
            return requests.get(f"{self.url}/v1/projects", timeout=10).status_code == 403
        except requests.RequestException:
            return False

    def _start(self, command, log):
        with (self.folder / log).open("ab") as out:
            # A group of its own, so that a kill takes the children too.
            return subprocess.Popen(
                [str(part) for part in command],
                cwd=self.folder,
                env=self._variables,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )


class Coder:
    """Somebody who codes in the browser, as doccano's own page does it: over its API, one label a request."""

    def __init__(self, server: DoccanoServer, name: str):
        self._session = requests.Session()
        self._api = f"{server.url}/v1"
        answer = self._session.post(f"{self._api}/auth/login/", json={"username": name, "password": server.password})
        answer.raise_for_status()
        self._session.headers.update({"X-CSRFToken": self._session.cookies["csrftoken"], "Referer": server.url})

    def close(self):
        self._session.close()

    def labels(self, project):
        return {label["text"]: label["id"] for label in self._get(f"projects/{project}/category-types")}

    def examples(self, project):
        """Return the rows as a coder's page gets them, one page after the other."""
        found = []
        while True:
            page = self._get(f"projects/{project}/examples", limit=500, offset=len(found))
            found += page["results"]
            if not page["next"]:
                return found

    def give(self, project, example, label):
        self._post(f"projects/{project}/examples/{example}/categories", {"label": label})

    def take_back(self, project, example):
        self._session.delete(f"{self._api}/projects/{project}/examples/{example}/categories").raise_for_status()

    def comment(self, project, example, words):
        self._post(f"projects/{project}/comments?example={example}", {"text": words})

    def _get(self, path, **params):
        answer = self._session.get(f"{self._api}/{path}", params=params)
        answer.raise_for_status()
        return answer.json()

    def _post(self, path, body):
        self._session.post(f"{self._api}/{path}", json=body).raise_for_status()


def add_coders(server: DoccanoServer, *names: str) -> None:
    """Make accounts that are not of the staff."""
    lead = Coder(server, LEAD)
    for name in names:
        lead._post("users/create", {"username": name, "password1": server.password, "password2": server.password})
    lead.close()


def prepare() -> None:
    """Make the empty database with its first account, once; half-made it is made anew."""
    home, building = ENVIRONMENT / EMPTY, ENVIRONMENT / f"{EMPTY}.part"
    shutil.rmtree(home, ignore_errors=True)
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(mode=0o700)
    password = secrets.token_urlsafe(24)
    doccano = ENVIRONMENT / "bin" / "doccano"
    account = ["--username", LEAD, "--password", password, "--email", "lead@example.org"]
    for command in ([doccano, "init"], [doccano, "createuser", *account]):
        subprocess.run(command, env=variables(building), check=True, stdout=subprocess.DEVNULL, cwd=building)
    (building / "password").write_text(password)
    building.rename(home)


def variables(home: Path) -> dict[str, str]:
    ours = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "HOME") if name in os.environ}
    return ours | {
        "SECRET_KEY": secrets.token_urlsafe(48),  # else a constant of its source
        "DEBUG": "False",
        "STANDALONE": "True",
        "DJANGO_SETTINGS_MODULE": "config.settings.production",
        "DOCCANO_HOME": str(home),
        "MEDIA_ROOT": str(home / "media"),
        "DATABASE_URL": f"sqlite:///{home / 'db.sqlite3'}",
    }


def python() -> Path:
    return ENVIRONMENT / "bin" / "python"


def kill(process):
    """Kill a process and its children as a power cut would."""
    if process is not None and process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def until(condition, what):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} of doccano did not come up in {PATIENCE} seconds")
        time.sleep(0.25)


if __name__ == "__main__":
    sys.exit(prepare())
