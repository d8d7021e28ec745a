"""A Label Studio in memory that answers as 1.23.2 was seen to, and fails as it was seen to."""

from __future__ import annotations

import json
from collections import deque
from datetime import UTC, datetime
from itertools import count

import httpx2

LEGACY = "0123456789abcdef0123456789abcdef01234567"
PERSONAL = "head.body.tail"
URL = "http://127.0.0.1:8080"
FIRST = 1_795_694_400  # seconds since 1970


def _time(tick):
    return datetime.fromtimestamp(FIRST + tick, UTC).isoformat().replace("+00:00", "Z")


class LabelStudioInMemory:
    """What stands behind a transport; ``faults`` holds what goes wrong, one an import, None where nothing does.

    ``half``: the connection is cut when the first half has been stored. ``lost``: when all has. ``down``: nothing
    arrives. ``busy``: it answers 500, as with a locked database. ``background``: it answers as other editions do.
    """

    def __init__(self, *faults, users=("lead@example.org", "ana@example.org", "ben@example.org"), signed_in=1):
        self.faults = deque(faults)
        self.users = dict(enumerate(users, start=1))
        self.projects, self.tasks = {}, {}
        self.asked = []  # (method, path) of every request
        self.away = 0  # how many requests from now are not answered
        self.access_lasts = 10**9  # requests that an access token lasts
        self._access_left, self._access, self._revoked = 0, None, False
        self._numbers, self._ticks = count(1), count(1)
        self._me = signed_in
        self.between_pages = None  # called once, after the first page of tasks

    def transport(self):
        return httpx2.MockTransport(self._answer)

    # -- what people do there

    def code(self, email, key, *labels, skipped=False, by=None, lead_time=1.5, **answers):
        """Leave one more annotation on every task with a key."""
        number = self._number(email)
        tick = next(self._ticks)
        result = [
            {"from_name": name, "to_name": "Unit", "type": "choices", "value": {"choices": list(choices)}}
            for name, choices in (({"label": labels} if labels else {}) | answers).items()
        ]
        for task in self.tasks.values():
            if task["data"].get("key") == key:
                annotation = {
                    "id": next(self._numbers),
                    "result": result,
                    "completed_by": number,
                    "updated_by": number if by is None else self._number(by),
                    "was_cancelled": skipped,
                    "created_at": _time(tick),
                    "updated_at": _time(tick),
                    "lead_time": lead_time,
                }
                task["annotations"].append(annotation)

    def edit(self, email, key, label, by=None):
        """Change the annotation that somebody left on a task, as themselves or as somebody else."""
        number = self._number(email)
        editor = number if by is None else self._number(by)
        for task in self.tasks.values():
            for annotation in task["annotations"]:
                if task["data"].get("key") == key and annotation["completed_by"] == number:
                    annotation["result"][0]["value"]["choices"] = [label]
                    annotation |= {"updated_by": editor, "updated_at": _time(next(self._ticks))}

    def clear(self, email, key):
        """Delete what somebody left on a task."""
        number = self._number(email)
        for task in self.tasks.values():
            if task["data"].get("key") == key:
                task["annotations"] = [one for one in task["annotations"] if one["completed_by"] != number]

    def add(self, data, project=1):
        number = next(self._numbers)
        self.tasks[number] = {"id": number, "project": project, "data": data, "annotations": []}
        return number

    def keys(self, project=1):
        return [task["data"].get("key") for task in self.tasks.values() if task["project"] == project]

    def revoke(self):
        self._revoked, self._access = True, None

    def _number(self, email):
        return next(user for user, known in self.users.items() if known == email)

    # -- HTTP

    def _answer(self, request):  # noqa: PLR0911 - one return a door
        path = request.url.path.rstrip("/")
        self.asked.append((request.method, path))
        if self.away:
            self.away -= 1
            raise httpx2.ConnectError("Connection refused", request=request)
        if path == "/api/token/refresh":
            return self._refresh(request)
        if not self._is_signed(request):
            return _error(401, "Authentication credentials were not provided.")
        body = json.loads(request.content) if request.content else None
        query = dict(request.url.params)
        parts = path.split("/")[2:]
        match request.method, parts:
            case "GET", ["current-user", "whoami"]:
                return _ok({"id": self._me, "email": self.users[self._me], "username": ""})
            case "GET", ["users"]:
                return _ok([{"id": number, "email": email} for number, email in self.users.items()])
            case "GET", ["projects"]:
                return self._list_projects(query)
            case "POST", ["projects"]:
                return self._create(body)
            case "GET", ["projects", number]:
                return self._with_project(number, _ok)
            case "PATCH", ["projects", number]:
                return self._with_project(number, lambda project: self._change(project, body))
            case "POST", ["projects", number, "import"]:
                return self._with_project(number, lambda _: self._import(request, int(number), body))
            case "GET", ["tasks"]:
                return self._with_project(query["project"], lambda _: self._list_tasks(query))
            case "DELETE", ["tasks", number]:
                return _ok(None, 204) if self.tasks.pop(int(number), None) else _error(404, "No Task matches.")
        raise AssertionError((request.method, path))

    def _refresh(self, request):
        if self._revoked or json.loads(request.content) != {"refresh": PERSONAL}:
            return _error(401, "Token is invalid")
        self._access, self._access_left = f"a{len(self.asked)}.b.c", self.access_lasts
        return _ok({"access": self._access})

    def _is_signed(self, request):
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if kind == "Token":
            return token == LEGACY
        self._access_left -= 1
        return kind == "Bearer" and token == self._access and self._access_left >= 0

    def _with_project(self, number, answer):
        project = self.projects.get(int(number))
        return _error(404, "No Project matches the given query.") if project is None else answer(project)

    def _list_projects(self, query):
        size = min(int(query.get("page_size", 30)), 100)
        first = (int(query.get("page", 1)) - 1) * size
        fields = query["include"].split(",")
        newest = [{field: one[field] for field in fields} for one in reversed(self.projects.values())]
        more = URL + "/api/projects?page=2" if first + size < len(newest) else None
        return _ok({"count": len(newest), "next": more, "results": newest[first : first + size]})

    def _create(self, body):
        if not 3 <= len(body["title"]) <= 50:
            return _error(400, "Validation error", title=["Ensure this field has no more than 50 characters."])
        number = len(self.projects) + 1
        self.projects[number] = {"id": number, "is_published": False} | body
        return _ok(self.projects[number], 201)

    def _change(self, project, body):
        project |= body
        return _ok(project)

    def _import(self, request, project, body):
        fault = self.faults.popleft() if self.faults else None
        if fault == "busy":
            return _error(500, "database is locked")
        if fault == "background":
            return _ok({"import": 7}, 201)
        needed = {"text", "about", "before", "after"}
        for i, one in enumerate(body):
            if missing := needed - one["data"].keys():
                return _error(400, "Validation error", non_field_errors=[f'Error at item {i}: "{missing}" expected'])
        arriving = {"half": body[: len(body) // 2], "down": []}.get(fault, body)
        for one in arriving:
            self.add(one["data"], project)
        if fault in {"half", "lost", "down"}:
            raise httpx2.RemoteProtocolError("Server disconnected without sending a response.", request=request)
        return _ok({"task_count": len(body), "annotation_count": 0}, 201)

    def _list_tasks(self, query):
        assert query["resolve_uri"] == "false"
        size, page = int(query["page_size"]), int(query["page"])
        rows = [task for task in self.tasks.values() if task["project"] == int(query["project"])]
        shown = rows[(page - 1) * size : page * size]
        if not shown and page > 1:
            return _error(404, "Invalid page.")
        if query.get("fields") != "all":
            shown = [{name: value for name, value in task.items() if name != "annotations"} for task in shown]
        answer = _ok({"total_annotations": 0, "total": len(rows), "tasks": shown})
        if self.between_pages is not None:
            change, self.between_pages = self.between_pages, None
            change()
        return answer


def _ok(body, status=200):
    return httpx2.Response(status, json=body) if body is not None else httpx2.Response(status)


def _error(status, detail, **errors):
    body = {"id": "0", "status_code": status, "version": "1.23.2", "detail": detail}
    return httpx2.Response(status, json=body | ({"validation_errors": errors} if errors else {}))
