"""A real Label Studio on 127.0.0.1, from an environment of its own: `make label-studio` makes it."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import httpx2

LEAD = "lead@example.org"
ENVIRONMENT = Path(os.environ.get("NUTGRAF_LABEL_STUDIO_VENV", ".venv-label-studio")).absolute()
_PREPARED = "prepared"  # a folder with a database that has all its tables: making them takes minutes
_TOKEN = "token"


def installed():
    return (ENVIRONMENT / "bin" / "label-studio").exists()


class LabelStudioServer:
    """A server with one user, the lead; killed and started again it has what it had before."""

    def __init__(self, folder):
        self.folder, self.token = Path(folder), secrets.token_hex(20)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._process = None
        prepared = ENVIRONMENT / _PREPARED
        if not prepared.is_dir():
            self._prepare(prepared)
        shutil.copytree(prepared, self.folder, dirs_exist_ok=True)
        self.token = (prepared / _TOKEN).read_text()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *raised):
        self.kill()

    def start(self, *, seconds=300):
        # No analytics, no look for newer versions, no error reports.
        environment = os.environ | {
            "LABEL_STUDIO_BASE_DATA_DIR": str(self.folder),
            "LABEL_STUDIO_USERNAME": LEAD,
            "LABEL_STUDIO_PASSWORD": secrets.token_urlsafe(12),
            "LABEL_STUDIO_USER_TOKEN": self.token,
            "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
            "COLLECT_ANALYTICS": "false",
            "LATEST_VERSION_CHECK": "false",
            "SENTRY_DSN": "",
            "FRONTEND_SENTRY_DSN": "",
        }
        command = [ENVIRONMENT / "bin" / "label-studio", "start", "--no-browser", "--internal-host", "127.0.0.1"]
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "--port", str(self.port)], env=environment, stdout=log, stderr=log, start_new_session=True
            )
        try:
            self._wait(time.monotonic() + seconds)
        except BaseException:  # whoever interrupts the wait leaves no server behind
            self.kill()
            raise

    def _wait(self, end):
        while time.monotonic() < end and self._process.poll() is None:
            try:
                if httpx2.get(f"{self.url}/api/version", timeout=20).status_code == 200:
                    return
            except httpx2.TransportError:
                time.sleep(0.5)
        raise RuntimeError(f"Label Studio did not start: {(self.folder / 'server.log').read_text()[-2000:]}")

    def kill(self):
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def sign_up(self, email):
        """Let somebody sign up by the lead's invitation, in the way a browser does; return their token."""
        with self.client() as lead:
            invitation = lead.get("/api/invite").json()["invite_url"]
        with httpx2.Client(base_url=self.url, follow_redirects=True, timeout=120) as browser:
            form = browser.get(invitation).text
            browser.post(
                invitation,
                data={
                    "csrfmiddlewaretoken": re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)[1],
                    "email": email,
                    "password": secrets.token_urlsafe(12),
                    "allow_newsletters": "",
                    "how_find_us": "",
                    "elaborate": "",
                },
                headers={"Referer": self.url + invitation},
            ).raise_for_status()
            return browser.get("/api/current-user/token").json()["token"]

    def personal_token(self):
        with self.client() as lead:
            return lead.post("/api/token/", json={}).json()["token"]

    def client(self, token=None):
        headers = {"Authorization": f"Token {token or self.token}"}
        return httpx2.Client(base_url=self.url, headers=headers, timeout=120)

    def _prepare(self, prepared):
        wanted, self.folder = self.folder, prepared.with_name(f"{prepared.name}.part")
        shutil.rmtree(self.folder, ignore_errors=True)
        self.start(seconds=900)
        self.kill()
        (self.folder / _TOKEN).write_text(self.token)
        self.folder.rename(prepared)
        self.folder = wanted


def chosen(label):
    """Return an annotation's result as the interface makes it."""
    return [{"from_name": "label", "to_name": "Unit", "type": "choices", "value": {"choices": [label]}}]
