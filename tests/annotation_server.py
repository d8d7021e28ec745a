"""An annotation server in memory that behaves as real ones do, their faults included."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count

from annotate.errors import ServerFailed
from annotate.exchange.servers.server import Given, Row, ServerAway


@dataclass
class There:
    """A project on the server."""

    wish: object
    rows: dict = field(default_factory=dict)  # id: Row
    said: dict = field(default_factory=dict)  # (account, id): Given
    members: set = field(default_factory=set)
    furnished: int = 0


class AnnotationServer:
    """A server; ``faults`` holds what goes wrong, one a call of ``send``, None where nothing does.

    ``away``: it does not answer, and nothing arrives. ``half``: the first half arrives, then it is away. ``lost``: all
    arrive, but the answer gets lost. ``late``: it is away, and all arrive after the next send. ``liar``: it says that
    all arrived, and nothing did. ``refused``: it refuses.
    """

    kind = "fake"
    url = "http://127.0.0.1:1"

    def __init__(self, *faults, accounts=("ana", "ben"), at_once=10):
        self.faults, self.accounts, self.at_once = list(faults), set(accounts), at_once
        self.projects, self.late = {}, []
        self.sent = []  # how many tasks each call had
        self.away = 0  # how many calls from now are not answered
        self._numbers = count(1)

    # -- what people do there

    def code(self, account, key, *labels, project="1", skipped=False, time=None, **more):
        there = self.projects[project]
        for row in there.rows.values():
            if row.key == key:
                there.said[account, row.id] = Given(row.id, row.key, row.text, labels, skipped, time, **more)

    def add(self, key, text, project="1"):
        row = Row(str(next(self._numbers)), key, text)
        self.projects[project].rows[row.id] = row
        return row.id

    def keys(self, project="1"):
        return [row.key for row in self.projects[project].rows.values()]

    # -- the seam

    def unknown(self, accounts):
        self._answer()
        return [account for account in accounts if account not in self.accounts]

    def find(self, mark):
        self._answer()
        return next((number for number, there in self.projects.items() if there.wish.mark == mark), None)

    def create(self, wish):
        self._answer()
        number = str(len(self.projects) + 1)
        self.projects[number] = There(wish)
        return number

    def furnish(self, project, wish):
        self._answer()
        self.projects[project].members |= set(wish.accounts)
        self.projects[project].furnished += 1

    def rows(self, project):
        self._answer()
        return list(self.projects[project].rows.values())

    def send(self, project, tasks):
        assert len(tasks) <= self.at_once
        self.sent.append(len(tasks))
        fault = self.faults.pop(0) if self.faults else None
        late, self.late = self.late, []
        arriving = {None: tasks, "half": tasks[: len(tasks) // 2], "lost": tasks}.get(fault, [])
        for task in [*arriving, *late]:
            self.add(task.key, task.text, project)
        if fault == "late":
            self.late = list(tasks)
        if fault == "refused":
            raise ServerFailed("refuses", where=self.url)
        if fault not in {None, "liar"}:
            raise ServerAway("does not answer", where=self.url)

    def remove(self, project, rows):
        self._answer()
        for row in rows:
            self.projects[project].rows.pop(row, None)

    def given(self, project, accounts):
        self._answer()
        there = self.projects[project]
        return {
            account: [
                there.said.get((account, row.id), Given(row.id, row.key, row.text)) for row in there.rows.values()
            ]
            for account in accounts
            if account in there.members
        }

    def _answer(self):
        if self.away:
            self.away -= 1
            raise ServerAway("does not answer", where=self.url)
