"""A doccano in a thread that answers as version 1.8.4 was measured to, its faults included."""

from __future__ import annotations

import io
import json
import threading
import zipfile
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from urllib.parse import parse_qs, urlsplit

ROLES = ("project_admin", "annotator", "annotation_approver")


class FakeDoccano:
    """What is there.

    ``faults`` holds what becomes of an import, one each, None where nothing goes wrong. ``error``: done, but the
    result says that rows are wrong, and none is there. ``failed``: the task failed after half of its rows. ``never``:
    its worker was killed, nothing is there. ``late``: as before, but a new worker does it before the next one.
    ``reset``: the web process died after it took the order. ``twice``: the worker tried again after it had written.
    """

    def __init__(self, *faults, accounts=("lead", "ana", "ben"), password="pass", per_page=5):
        self.faults, self.accounts, self.password, self.per_page = list(faults), list(accounts), password, per_page
        self.projects, self.labels, self.members, self.rows, self.said = {}, {}, {}, {}, {}
        self.uploads, self.tasks, self.late, self.files = {}, {}, [], []
        self.busy = 0  # how many requests from now are answered with 503
        self.collaborative = False
        self.numbers = count(1)

    def give(self, account, key, *labels, comments=(), project=1):
        for row in self.rows[project]:
            if row["meta"].get("key") == key:
                self.said[account, row["id"]] = {"label": list(labels), "Comments": list(comments)}

    def add(self, text, meta, project=1):
        self.rows[project].append({"id": next(self.numbers), "text": text, "meta": meta})

    # -- what requests do

    def get_projects(self, query, _body):
        found = [one for one in self.projects.values() if query.get("q", "") in one["description"]]
        return {"count": len(found), "next": None, "previous": None, "results": found}

    def post_projects(self, _query, body):
        number = len(self.projects) + 1
        self.projects[number] = {**json.loads(body), "id": number}
        self.labels[number], self.rows[number] = [], []
        self.members[number] = [{"id": 1, "user": 0, "role": 0, "username": "lead", "rolename": ROLES[0]}]
        return self.projects[number]

    def get_users(self, query, _body):
        return [self._user(name) for name in self.accounts if query.get("q", "") in name]

    def get_roles(self, _query, _body):
        return [{"id": number, "name": name} for number, name in enumerate(ROLES)]

    def labels_of(self, project):
        return self.labels[project]

    def upload_labels(self, project, content):
        self.labels[project] += [{**label, "id": next(self.numbers)} for label in json.loads(content)]

    def add_member(self, project, body):
        wanted = json.loads(body)
        name, role = self.accounts[wanted["user"]], ROLES[wanted["role"]]
        self.members[project].append({**wanted, "id": next(self.numbers), "username": name, "rolename": role})
        return self.members[project][-1]

    def page(self, project):
        rows = self.rows[project]
        return {"count": len(rows), "next": "more", "previous": None, "results": rows[: self.per_page]}

    def delete(self, project, ids):
        """Delete rows; all of them if none is named."""
        self.rows[project] = [row for row in self.rows[project] if ids and row["id"] not in ids]

    def upload(self, content):
        number = str(next(self.numbers))
        self.uploads[number] = content
        return number

    def ingest(self, project, body):
        order = json.loads(body)
        content = b"".join(self.uploads.pop(number) for number in order["uploadIds"])
        self.files.append(content)
        rows = [json.loads(line) for line in content.split(b"\n") if line]
        fault = self.faults.pop(0) if self.faults else None
        late, self.late = self.late, []
        arriving = {None: rows, "reset": rows, "twice": rows * 2, "failed": rows[: len(rows) // 2]}.get(fault, [])
        for row in [*late, *arriving]:
            meta = {name: value for name, value in row.items() if name not in {order["column_data"], "label"}}
            self.add(row[order["column_data"]], meta, project)
        if fault == "late":
            self.late = rows
        task = str(next(self.numbers))
        wrong = [{"filename": "units.jsonl", "line": 3, "message": "Invalid data in line 3"}]
        self.tasks[task] = {
            "ready": fault not in {"never", "late"},
            "result": {"error": wrong if fault == "error" else []} if fault != "failed" else None,
            "error": {"text": "database is locked"} if fault == "failed" else None,
        }
        return None if fault == "reset" else {"task_id": task}

    def export(self):
        task = str(next(self.numbers))
        self.tasks[task] = {"ready": True, "result": "/media/x.zip", "error": None}
        return {"task_id": task}

    def archive(self, project):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for member in self.members[project][: 1 if self.collaborative else None]:
                name = "all" if self.collaborative else member["username"]
                lines = [
                    json.dumps(self._said(member["username"], row), ensure_ascii=False) for row in self.rows[project]
                ]
                archive.writestr(f"{name}.jsonl", "\n".join([*lines, ""]) or "\n")
        return packed.getvalue()

    def _said(self, account, row):
        said = self.said.get((account, row["id"]), {"label": [], "Comments": []})
        return {"id": row["id"], "text": row["text"], **row["meta"], **said}

    def _user(self, name):
        return {"id": self.accounts.index(name), "username": name, "is_superuser": name == "lead", "is_staff": False}


@contextmanager
def serving(doccano):
    """Serve on a free port and give the address."""
    handler = type("Handler", (_Handler,), {"doccano": doccano})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    doccano: FakeDoccano

    def do_GET(self):
        self._answer("GET")

    def do_POST(self):
        self._answer("POST")

    def do_DELETE(self):
        self._answer("DELETE")

    def log_message(self, *_):
        """Say nothing."""

    def _answer(self, method):
        place = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(place.query).items()}
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.doccano.busy:
            self.doccano.busy -= 1
            self._send(503, b"busy", "text/plain")
            return
        steps = place.path.removeprefix("/v1/").strip("/").split("/")
        if steps == ["auth", "login"]:
            self._log_in(json.loads(body))
            return
        answer = self._find(method, steps, query, body)
        if answer is None:
            self.close_connection = True  # as a process that was killed: no answer at all
        elif isinstance(answer, bytes):
            self._send(200, answer, "application/zip")
        elif isinstance(answer, str):
            self._send(200, answer.encode(), "text/plain")
        else:
            self._send(200, json.dumps(answer).encode(), "application/json")

    def _log_in(self, given):
        right = given == {"username": given["username"], "password": self.doccano.password}
        self._send(200 if right else 400, b"{}", "application/json")

    def _find(self, method, steps, query, body):
        doccano = self.doccano
        if len(steps) == 1:
            return getattr(doccano, f"{method.lower()}_{steps[0]}")(query, body)
        if steps[:2] == ["tasks", "status"]:
            return doccano.tasks[steps[2]]
        if steps[0] == "fp":
            return doccano.upload(self._file(body))
        project, what = int(steps[1]), steps[2]
        return {
            ("GET", "category-types"): lambda: doccano.labels_of(project),
            ("POST", "category-type-upload"): lambda: doccano.upload_labels(project, self._file(body)) or {},
            ("GET", "members"): lambda: doccano.members[project],
            ("POST", "members"): lambda: doccano.add_member(project, body),
            ("GET", "examples"): lambda: doccano.page(project),
            ("DELETE", "examples"): lambda: doccano.delete(project, json.loads(body)["ids"]) or {},
            ("POST", "upload"): lambda: doccano.ingest(project, body),
            ("GET", "download-format"): lambda: [{"name": "JSON", "example": ""}, {"name": "JSONL", "example": ""}],
            ("POST", "download"): doccano.export,
            ("GET", "download"): lambda: doccano.archive(project),
        }[method, what]()

    def _file(self, body):
        boundary = self.headers["Content-Type"].partition("boundary=")[2].encode()
        return body.split(b"\r\n\r\n", 1)[1].rpartition(b"\r\n--" + boundary)[0]

    def _send(self, status, content, kind):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Set-Cookie", "csrftoken=proof")
        self.send_header("Content-Disposition", 'attachment; filename="export.zip"')
        self.end_headers()
        self.wfile.write(content)
