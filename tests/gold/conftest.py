"""A small release of three documents, of the kinds there are, and a server that has their sources."""

import gzip
import hashlib
import json
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from annotate.gold import Document
from annotate.gold.sources import REPOSITORIES

BODY = "The ferry to the islands will not sail before Friday.\n\nThe harbour office said a pump had failed again."
PAGE = """<html><head><title>No ferry</title></head><body><nav>Home</nav><h1>No ferry</h1>
<p>The ferry to the islands will <b>not</b> sail before Friday.</p>
<p>The harbour office said a pump had failed again.</p><footer>Share &amp; comment ☕</footer></body></html>"""
TEXT = (
    "Home\n\nNo ferry\n\nThe ferry to the islands will not sail before Friday.\n\n"
    "The harbour office said a pump had failed again.\n\nShare & comment ☕\n"
)
PLAIN = "The vote\r\nIt was 7 to 4.\n"
OLD, NEW, POLITICAL = REPOSITORIES


def document(name, source, path, text):
    return Document(name, source, path, hashlib.sha256(text.encode("utf-8")).hexdigest(), len(text), 5)


class Release:
    """The three documents, their texts, and ``clones``, which writes their sources as the repositories lay them out."""

    def __init__(self):
        self.documents = (
            document("aeb-0a", OLD, "html/0a.html.gz", TEXT),
            document("n4k-0b", NEW, "html/0b.html", TEXT),
            document("pol-c", POLITICAL, "data/train/text/the vote.txt", PLAIN),
        )
        self.texts = {"aeb-0a": TEXT, "n4k-0b": TEXT, "pol-c": PLAIN}

    def clones(self, folder, place=lambda repository: repository.split("/")[1]):
        old, new, political = (Path(folder, place(repository)) for repository in REPOSITORIES)
        for clone, bodies, page in ((old, "ground-truth.json", "0a"), (new, "articles.json", "0b")):
            (clone / "html").mkdir(parents=True)
            (clone / bodies).write_text(json.dumps({page: {"articleBody": BODY, "id": 1}}), encoding="utf-8")
        (old / "html" / "0a.html.gz").write_bytes(gzip.compress(PAGE.encode("utf-8")))
        (new / "html" / "0b.html").write_bytes(PAGE.encode("utf-8"))
        (political / "data" / "train" / "text").mkdir(parents=True)
        (political / "data" / "train" / "text" / "the vote.txt").write_bytes(PLAIN.encode("utf-8"))
        return Path(folder)


@pytest.fixture
def release():
    return Release()


class Server(ThreadingHTTPServer):
    """Serves a folder on loopback and remembers what it was asked for."""

    def __init__(self, folder):
        self.asked = []
        server = self

        class Handler(SimpleHTTPRequestHandler):
            def __init__(self, *arguments):
                super().__init__(*arguments, directory=str(folder))

            def do_GET(self):
                server.asked.append(self.path)
                if "teapot" in self.path:
                    self.send_error(418)
                else:
                    super().do_GET()

            def log_message(self, *arguments):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"


@pytest.fixture
def server(tmp_path_factory, release, monkeypatch):
    for variable in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    folder = tmp_path_factory.mktemp("github")
    release.clones(folder, place=lambda name: f"{name}/{REPOSITORIES[name].commit}")
    with Server(folder) as server:
        server.folder = folder
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()
