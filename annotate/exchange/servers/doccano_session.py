"""doccano-client as it is, with what it lacks: time limits, whole lists, and errors in our words."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from annotate.errors import MissingExtra, ServerFailed
from annotate.exchange.servers.server import ServerAway

try:
    import requests
    import urllib3.contrib

    if not hasattr(urllib3.contrib, "appengine"):
        # requests-toolbelt 0.9, which doccano-client is bound to, imports what urllib3 2 has no more: the door to
        # Google's App Engine, used by nobody here. An empty module lets both live with a urllib3 that is still mended.
        _absent = types.ModuleType("urllib3.contrib.appengine")
        sys.modules[_absent.__name__] = _absent
        urllib3.contrib.appengine = _absent  # type: ignore[attr-defined]

    from doccano_client import DoccanoClient
    from doccano_client.exceptions import DoccanoAPIError
except ModuleNotFoundError as error:
    raise MissingExtra("doccano", "doccano") from error

_ANSWER_WITHIN: Final = 60.0  # seconds
_CONNECT_WITHIN: Final = 10.0
_MOST_PROJECTS: Final = 1000
_ABSENT: Final = (404, 410)
_REFUSED: Final = range(400, 500)
_BUSY: Final = (408, 425, 429)
_PROJECT_TYPE: Final = "DocumentClassification"


class Session(DoccanoClient):  # type: ignore[misc]
    """A signed-in client.

    Raises
    ------
    ServerAway
        From every method, if nothing answers, or what answers is in trouble.
    ServerFailed
        If doccano refuses.
    """

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, _InTime())

    @property
    def _session(self) -> Any:
        return self._base_repository._session  # noqa: SLF001 - the client has no door to it

    @contextmanager
    def speaking(self) -> Iterator[None]:
        """Turn what the client raises into errors of ours."""
        try:
            yield
        except DoccanoAPIError as refusal:
            raise _in_words(refusal, self.url) from refusal
        except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError) as trouble:
            raise ServerAway(
                "does not answer", where=self.url, remedy="is it running? then run this again"
            ) from trouble
        except requests.exceptions.InvalidJSONError as trouble:
            raise ServerFailed(
                "does not answer as doccano does", where=self.url, remedy="give the address that coders open"
            ) from trouble

    def close(self) -> None:
        """Let go of the connections."""
        self._session.close()

    def projects_with(self, words: str) -> list[dict[str, Any]]:
        """Return the projects whose description holds some words."""
        with self.speaking():
            answer = self._base_repository.get("projects", params={"limit": _MOST_PROJECTS, "q": words}).json()
        return [project for project in answer["results"] if words in project["description"]]

    def count(self, project: str) -> int:
        """Return how many rows a project has."""
        with self.speaking():
            return int(self.count_examples(int(project)))

    def usernames(self) -> set[str]:
        """Return the names of all accounts."""
        with self.speaking():
            return {user.username for user in self.search_users()}

    def new_project(self, name: str, description: str, guideline: str) -> str:
        """Make a project in which each coder has labels of their own, one a unit, and return its number."""
        with self.speaking():
            made = self.create_project(
                name,
                _PROJECT_TYPE,
                description,
                guideline,
                collaborative_annotation=False,
                single_class_classification=True,
            )
        return str(made.id)

    def label_keys(self, project: str) -> set[str]:
        """Return what the labels of a project are called."""
        with self.speaking():
            return {label.text for label in self.list_label_types(int(project), "category")}

    def add_labels(self, project: str, file: Path) -> None:
        """Add the labels that stand in a file."""
        with self.speaking():
            self.upload_label_type(int(project), str(file), "category")

    def member_names(self, project: str) -> set[str]:
        """Return the accounts of a project."""
        with self.speaking():
            return {member.username for member in self.list_members(int(project))}

    def add_annotator(self, project: str, account: str) -> None:
        """Let an account code a project."""
        with self.speaking():
            try:
                self.add_member(int(project), account, "annotator")
            except ValueError as error:  # the client's word for somebody unknown
                raise ServerFailed(f"has no account {account}", where=self.url, remedy="make it there") from error

    def begin_import(self, project: str, file: Path) -> str:
        """Upload a file, have it imported, and return the number of that task."""
        with self.speaking():
            upload = self._data_import_repository.upload(str(file))
            task: str = self._data_import_repository.ingest(
                int(project), [upload], _PROJECT_TYPE, "JSONL", column_data="text", column_label="label"
            )
        return task

    def begin_export(self, project: str) -> str:
        """Have everything exported, also what is not ticked, and return the number of that task."""
        with self.speaking():
            option = self._data_export_repository.find_option_by_name(int(project), "JSONL")
            task: str = self._data_export_repository.schedule_download(int(project), option, only_approved=False)
        return task

    def fetch_export(self, project: str, task: str, folder: Path) -> Path:
        """Download what an export made into a folder and return the file."""
        with self.speaking():
            return Path(self._data_export_repository.download(int(project), task, str(folder)))

    def state(self, task: str) -> Any:
        """Return how far a task is: ``ready``, ``result``, ``error``."""
        with self.speaking():
            return self._task_status_repository.get(task)

    def delete_examples(self, project: str, ids: list[int]) -> None:
        """Delete rows by their numbers; none, if none is given, where doccano would delete all."""
        if ids:
            with self.speaking():
                self.bulk_delete_examples(int(project), ids)


class _InTime(requests.adapters.HTTPAdapter):
    """Requests that do not wait for ever, as the client's do."""

    def send(self, *args: Any, **kwargs: Any) -> Any:
        """Send with a limit of time where none is given."""
        kwargs["timeout"] = kwargs.get("timeout") or (_CONNECT_WITHIN, _ANSWER_WITHIN)
        return super().send(*args, **kwargs)


def _in_words(refusal: Any, url: str) -> ServerFailed:
    status = refusal.response.status_code if refusal.response is not None else 0
    said = " ".join(str(refusal).split())[:200]
    if status in _BUSY or status not in _REFUSED:
        return ServerAway(
            f"is in trouble ({status}: {said})", where=url, remedy="look into its log, then run this again"
        )
    if status in _ABSENT:
        return ServerFailed(f"does not have that ({said})", where=url, remedy="was the project deleted there?")
    return ServerFailed(f"refuses ({status}: {said})", where=url, remedy="projects are made by an account of its staff")
