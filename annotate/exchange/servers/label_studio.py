"""Label Studio Community 1.23 over its REST API: a server that rounds are pushed to and judgments pulled from.

Label Studio never looks whether a task is there already: what was sent is found again by the key in its data. It lets
one person leave several annotations on a task, and everybody change everybody's.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import chain, count
from typing import Any, Final

import msgspec

from annotate.errors import ServerFailed
from annotate.exchange.servers.calls import Calls, Refused
from annotate.exchange.servers.label_studio_interface import LABEL, instruction, interface, shown
from annotate.exchange.servers.patience import Patience
from annotate.exchange.servers.server import Given, Row, ServerAway, Task, Wish
from annotate.exchange.servers.tokens import auth

_BATCH: Final = 500  # tasks that it takes in one transaction
_PAGE: Final = 500
_PROJECTS: Final = 100  # its largest page of projects
_TURNS: Final = 5
_LONGEST_TITLE: Final = 50


class _User(msgspec.Struct):
    id: int
    email: str


class _Project(msgspec.Struct):
    id: int
    description: str | None = None
    label_config: str | None = None
    expert_instruction: str | None = None
    maximum_annotations: int | None = None


class _Projects(msgspec.Struct):
    results: list[_Project]
    next: str | None = None


class _Imported(msgspec.Struct):
    task_count: int | None = None


class _Annotation(msgspec.Struct):
    """What somebody has said of a task; numbers are those of users."""

    created_at: datetime
    updated_at: datetime
    completed_by: int | None = None
    updated_by: int | None = None
    result: Any = None
    was_cancelled: bool = False
    lead_time: float | None = None


class _Task(msgspec.Struct):
    id: int
    data: dict[str, Any]
    annotations: list[_Annotation] = []


class _Tasks(msgspec.Struct):
    total: int
    tasks: list[_Task]


def connect(url: str, user: str, secret: str, patience: Patience) -> LabelStudio:
    """Sign in to Label Studio with a legacy or a personal access token.

    Parameters
    ----------
    user
        The email address that the token is to belong to; empty for whoever it belongs to.

    Raises
    ------
    ServerFailed
        If the token is not accepted or somebody else's, or the server is away or no Label Studio.
    """
    calls = Calls(url, auth(url, secret), seconds=patience.seconds)
    me = patience.ask(lambda: calls.get("/api/current-user/whoami", _User))
    if user and user.casefold() != me.email.casefold():
        raise ServerFailed(
            f"says that the token is that of {me.email}", where=url, remedy=f"take one of {user}, or leave out --user"
        )
    return LabelStudio(calls)


class LabelStudio:
    """A Label Studio with somebody signed in; see :class:`annotate.exchange.servers.server.Server`.

    Accounts are email addresses. Its community edition gives tasks to nobody in particular: every member of the
    organisation sees every project, and a task leaves the queue when as many people have coded it as there are coders.

    Parameters
    ----------
    at_once, page
        How many tasks are sent and listed in one call.
    """

    kind: Final = "label-studio"

    def __init__(self, calls: Calls, *, at_once: int = _BATCH, page: int = _PAGE) -> None:
        self._calls, self.at_once, self._page_size = calls, at_once, page

    @property
    def url(self) -> str:
        """Return the address without a slash at its end."""
        return self._calls.url

    def unknown(self, accounts: Sequence[str]) -> list[str]:
        """Return those of the accounts that are nobody's email address in the organisation."""
        known = self._users()
        return [account for account in accounts if account.casefold() not in known]

    def find(self, mark: str) -> str | None:
        """Return the number of the project whose description holds a mark, None if there is none."""
        for page in count(1):
            found = self._calls.get(
                "/api/projects", _Projects, page=page, page_size=_PROJECTS, include="id,description"
            )
            for project in found.results:
                if mark in (project.description or ""):
                    return str(project.id)
            if found.next is None:
                break
        return None

    def create(self, wish: Wish) -> str:
        """Make a project and return its number."""
        settings = _settings(wish) | {"title": _title(wish), "description": f"A round of nutgraf. {wish.mark}"}
        return str(self._calls.post("/api/projects", _Project, settings).id)

    def furnish(self, project: str, wish: Wish) -> None:
        """Give a project its interface, guidelines and overlap where somebody has changed them."""
        there = msgspec.to_builtins(self._calls.get(f"/api/projects/{project}", _Project))
        wanted = {name: value for name, value in _settings(wish).items() if there.get(name, value) != value}
        if wanted:
            self._calls.patch(f"/api/projects/{project}", _Project, wanted)

    def rows(self, project: str) -> list[Row]:
        """Return every task of a project, in the order in which coders meet them."""
        return [_row(task) for task in self._tasks(project)]

    def send(self, project: str, tasks: Sequence[Task]) -> None:
        """Import tasks; the community edition answers when they are there."""
        body = [{"data": shown(task)} for task in tasks]
        said = self._calls.post(f"/api/projects/{project}/import", _Imported, body)
        if said.task_count != len(tasks):
            raise ServerFailed(
                "imports in the background" if said.task_count is None else f"took {said.task_count} of {len(tasks)}",
                where=self.url,
                remedy="look at the tasks there, then push again; nutgraf knows the community edition",
            )

    def remove(self, project: str, rows: Sequence[str]) -> None:
        """Delete tasks by their ids; those that are gone already, or another project's, are passed over."""
        here = {str(task.id) for task in self._tasks(project)}
        for row in rows:
            if row in here:
                self._calls.delete(f"/api/tasks/{row}/")

    def given(self, project: str, accounts: Sequence[str]) -> dict[str, list[Given]]:
        """Return for each account what it has said of every task."""
        users = self._users()
        numbers = {account: users[account.casefold()] for account in accounts if account.casefold() in users}
        tasks = self._tasks(project, fields="all")
        return {account: [_given(task, number) for task in tasks] for account, number in numbers.items()}

    def _users(self) -> dict[str, int]:
        return {user.email.casefold(): user.id for user in self._calls.get("/api/users", list[_User])}

    def _tasks(self, project: str, **query: str) -> list[_Task]:
        """Return all tasks; if some came or went while the pages were turned, begin again."""
        for _ in range(_TURNS):
            found: dict[int, _Task] = {}
            totals = set()
            for number in count(1):
                page = self._page(project, number, query)
                found |= {task.id: task for task in page.tasks}
                totals.add(page.total)
                if number * self._page_size >= page.total:
                    break
            if totals == {len(found)}:
                return [found[number] for number in sorted(found)]
        raise ServerAway(
            "changes its tasks while they are read", where=self.url, remedy="try when nobody imports there"
        )

    def _page(self, project: str, number: int, query: dict[str, str]) -> _Tasks:
        try:
            # Unless told so, it puts addresses of its own in the place of those in the data.
            return self._calls.get(
                "/api/tasks",
                _Tasks,
                project=project,
                page=number,
                page_size=self._page_size,
                resolve_uri="false",
                **query,
            )
        except Refused as no:
            if no.status == 404 and number > 1:  # the last page has gone
                return _Tasks(0, [])
            raise


def _settings(wish: Wish) -> dict[str, Any]:
    """Return a project's settings: everybody codes every task once, and skipping one is an answer."""
    return {
        "label_config": interface(wish.codebook),
        "expert_instruction": instruction(wish.codebook),
        "show_instruction": True,
        "maximum_annotations": len(wish.accounts),
        "sampling": "Sequential sampling",
        "skip_queue": "IGNORE_SKIPPED",
        "show_skip_button": True,
        "enable_empty_annotation": False,
        "show_collab_predictions": False,
    }


def _title(wish: Wish) -> str:
    """Return the project's name, cut if need be so that it still differs from its neighbours'."""
    if 3 <= len(wish.name) <= _LONGEST_TITLE:
        return wish.name
    end = f"… {wish.mark[-6:]}"
    return wish.name[: _LONGEST_TITLE - len(end)] + end


def _row(task: _Task) -> Row:
    key, text = task.data.get("key"), task.data.get("text")
    return Row(str(task.id), key if isinstance(key, str) else "", text if isinstance(text, str) else "")


def _given(task: _Task, user: int) -> Given:
    """Return what one user has said of a task; what is coded counts more than what is skipped."""
    row = _row(task)
    own = [one for one in task.annotations if one.completed_by == user]
    coded = [one for one in own if not one.was_cancelled]
    said = coded or own
    if not said:
        return Given(row.id, row.key, row.text)
    answers = _answers(coded)
    last = max(said, key=lambda one: one.updated_at)
    return Given(
        row.id,
        row.key,
        row.text,
        labels=answers.pop(LABEL, ()),
        skipped=not coded,
        variables=answers,
        foreign=any(one.updated_by not in {None, user} for one in said),
        time=round(last.updated_at.timestamp() * 1000),
        active_ms=None if last.lead_time is None else round(last.lead_time * 1000),
    )


def _answers(annotations: Sequence[_Annotation]) -> dict[str, tuple[str, ...]]:
    """Return what was chosen, by question: the aliases in the interface, which are the codebook's keys."""
    chosen: dict[str, dict[str, None]] = {}
    for region in chain.from_iterable(one.result for one in annotations if isinstance(one.result, list)):
        if isinstance(region, dict) and isinstance(value := region.get("value"), dict):
            choices = value.get("choices")
            if isinstance(choices, list) and choices:
                chosen.setdefault(str(region.get("from_name")), {}).update(dict.fromkeys(map(str, choices)))
    return {question: tuple(choices) for question, choices in chosen.items()}
