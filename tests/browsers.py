"""A real server process and a real browser before it."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
NUTGRAF = (sys.executable, "-c", "from annotate.cli import main; main()")
_PATIENCE = 120.0


class Server:
    """``nutgraf label`` in a process of its own, on one port for all its lives."""

    def __init__(self, project, *arguments, before=""):
        """Serve a project; ``before`` is Python that the process runs first."""
        self.before = before
        self.project = Path(project)
        self.arguments = arguments
        self.port = free_port()
        self.process = None
        self.link = ""

    @property
    def base(self):
        scheme = "https" if "--certificate" in self.arguments else "http"
        return f"{scheme}://127.0.0.1:{self.port}"

    def start(self):
        command = [
            sys.executable,
            "-c",
            f"{self.before}\nfrom annotate.cli import main; main()",
            "label",
            "-C",
            str(self.project),
            "--no-browser",
        ]
        log = self.project / "server.log"
        with log.open("wb") as stream:
            self.process = subprocess.Popen(
                [*command, "--port", str(self.port), *self.arguments],
                stdout=stream,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )
        self.link = wait_for(lambda: re.search(r"http\S+token=\S+", log.read_text("utf-8")), self.process)[0]
        return self

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(_PATIENCE)

    def memory_mb(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text("ascii")
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024


class Visit:
    """A browser window: what went wrong in it, and what it asked of whom."""

    def __init__(self, browser, server, **options):
        self.server = server
        self.context = browser.new_context(**options)
        self.troubles = []
        self.hosts = set()
        self.received = 0
        self.page = self.open()

    def open(self):
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("dialog", lambda dialog: self.troubles.append(f"a dialog: {dialog.message}"))
        page.on("console", self._said)
        page.on("request", lambda request: self.hosts.add(re.match(r"\w+://([^/]*)", request.url)[1]))
        return page

    def sign_in(self, link=None):
        self.page.goto(link or self.server.link)
        self.page.wait_for_url(lambda url: "token" not in url)
        return self

    def go(self, path):
        self.page.goto(f"{self.server.base}{path}")
        if path.startswith(("/label/", "/adjudicate/", "/rounds/")):
            self.page.wait_for_selector("html[data-ready]")
        return self.page

    def lit(self):
        return self.page.locator(".u.lit > span").first.text_content()

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def decide(self, key):
        """Press a key and wait until another unit is lit, or all are done."""
        before = self.page.locator(".u.lit").first.get_attribute("data-unit")
        self.page.keyboard.press(key)
        self.page.wait_for_selector(f'.u.lit:not([data-unit="{before}"]), .finished')

    def saved(self):
        expect(self.page.locator("#saved")).to_have_text("All saved", timeout=30_000)

    def violations(self):
        found = Axe().run(self.page).response["violations"]
        return [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found]

    def _said(self, message):
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.troubles.append(message.text)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(look, process=None, *, patience=_PATIENCE):
    """Return what ``look`` finds, asked again until it finds something."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        if process is not None and process.poll() is not None:
            raise AssertionError(f"the process ended with {process.returncode}")
        time.sleep(0.02)
    raise AssertionError("waited in vain")


def fresh_link(server):
    """Return the link that the terminal shows once somebody stands at the sign-in."""
    urllib.request.urlopen(f"{server.base}/sign-in").read()
    log = (server.project / "server.log").read_text("utf-8")
    return re.findall(r"http\S+token=\S+", log)[-1]


# In the page, not by the browser's interception: that may begin a moment after it was asked for.
HOLD = """(pattern) => {
  const asked = globalThis.fetch;
  const held = { holds: true, waiting: [] };
  globalThis.held = { ...globalThis.held, [pattern]: held };
  globalThis.fetch = async (path, options) => {
    if (held.holds && new RegExp(pattern).test(path)) await new Promise((resolve) => held.waiting.push(resolve));
    return asked(path, options);
  };
}"""
RELEASE = """([pattern, ever]) => {
  const held = globalThis.held[pattern];
  held.holds = !ever;
  for (const resolve of held.waiting.splice(0)) resolve();
}"""


class Held:
    """Requests of a page to a path that wait until they are let go."""

    def __init__(self, page, pattern):
        self.page, self.pattern = page, pattern
        page.add_init_script(f"({HOLD})({json.dumps(pattern)})")
        page.evaluate(HOLD, pattern)

    def until(self, count):
        """Wait until so many requests have been held."""
        wait_for(lambda: self.page.evaluate("(pattern) => held[pattern].waiting.length", self.pattern) >= count)

    def release(self, *, ever=False):
        """Let go what waits, and from now on everything if ``ever``."""
        self.page.evaluate(RELEASE, [self.pattern, ever])
