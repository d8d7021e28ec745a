"""A doccano server, guarded against what version 1.8 does: imports that die silently, retries that double rows."""

from __future__ import annotations

import json
import string
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import msgspec

from annotate.counts import count
from annotate.errors import ServerFailed
from annotate.exchange.doccano import ROWS_A_FILE, label_settings
from annotate.exchange.servers.doccano_session import Session
from annotate.exchange.servers.patience import Patience
from annotate.exchange.servers.server import Given, Row, ServerAway, Task, Wish
from annotate.types import Codebook

_LONGEST_NAME: Final = 100
_LOOK_EVERY: Final = (0.1, 1.0)  # seconds, from the first look to the last
_SHOWN_ERRORS: Final = 3
_HOTKEYS: Final = frozenset(string.digits + string.ascii_lowercase)
_JSONL: Final = ".jsonl"
_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final = msgspec.json.Decoder(dict[str, Any])


def connect(url: str, user: str, secret: str, patience: Patience) -> Doccano:
    """Sign in.

    Raises
    ------
    ServerFailed
        If name or password is wrong, or that is no doccano.
    ServerAway
        If nothing answers.
    """
    if not user:
        raise ServerFailed("wants to know who signs in", where=url, remedy="say it with --user NAME")
    session = Session(url)

    def sign_in() -> None:
        with session.speaking():
            session.login(user, secret)

    try:
        patience.ask(sign_in)
    except ServerAway:
        raise
    except ServerFailed as refusal:
        raise ServerFailed(
            f"does not let {user} in", where=url, remedy="check the name and the password, and that this is doccano"
        ) from refusal
    return Doccano(session, patience.seconds)


class Doccano:
    """A doccano server with somebody signed in who may make projects; see :class:`Server`.

    Parameters
    ----------
    within
        Seconds that one import or export may take. A worker that is killed never finishes one, nor says so.
    """

    kind = "doccano"
    at_once = ROWS_A_FILE

    def __init__(
        self,
        session: Session,
        within: float,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._session, self._within, self._sleep, self._clock = session, within, sleep, clock
        self.url: str = session.url

    def close(self) -> None:
        """Let go of the connections."""
        self._session.close()

    def unknown(self, accounts: Sequence[str]) -> list[str]:
        """Return those of the accounts that the server does not have."""
        known = self._session.usernames()
        return [account for account in accounts if account not in known]

    def find(self, mark: str) -> str | None:
        """Return the number of the project whose description holds a mark, None if there is none."""
        return next((str(project["id"]) for project in self._session.projects_with(mark)), None)

    def create(self, wish: Wish) -> str:
        """Make a project and return its number; labels and members are still missing.

        Raises
        ------
        ServerFailed
            If the codebook asks for what doccano can't: variables that must be answered.
        """
        needed = [variable.key for variable in wish.codebook.variables if variable.required]
        if needed:
            raise ServerFailed(
                f"asks coders for a label only, and the codebook for more ({', '.join(needed)})",
                where=self.url,
                remedy="code it with nutgraf label, or say `required = false` of them in the codebook",
            )
        name = wish.name if len(wish.name) <= _LONGEST_NAME else wish.name[: _LONGEST_NAME - 1] + "…"
        description = f"{wish.name}. Leave this here, it is how nutgraf finds the project: {wish.mark}"
        return self._session.new_project(name, description, guideline(wish.codebook))

    def furnish(self, project: str, wish: Wish) -> None:
        """Give a project its labels and members where they are missing."""
        known = self._session.label_keys(project)
        missing = [_label(label) for label in label_settings(wish.codebook) if label["text"] not in known]
        if missing:
            with _file("labels.json", _ENCODER.encode(missing)) as file:
                self._session.add_labels(project, file)
        members = self._session.member_names(project)
        for account in wish.accounts:
            if account not in members:
                self._session.add_annotator(project, account)

    def rows(self, project: str) -> list[Row]:
        """Return everything in a project.

        From an export: doccano asks its database five times for every row that it lists, and an export waits for the
        imports before it.
        """
        if not self._session.count(project):
            return []
        rows = next(iter(self._export(project).values()), [])
        return [Row(str(row["id"]), _key(row), row["text"] or "") for row in rows]

    def send(self, project: str, tasks: Sequence[Task]) -> None:
        """Import tasks from one file and return when doccano says that all are there."""
        # In ASCII: nothing is left to doccano's guess at the encoding, nor to what it takes for the end of a line.
        lines = "".join(json.dumps(_row(task), ensure_ascii=True) + "\n" for task in tasks)
        with _file("units.jsonl", lines.encode("ascii")) as file:
            task = self._session.begin_import(project, file)
        result = self._wait(task, "an import")
        errors = (result or {}).get("error") or []
        if errors:
            said = "; ".join(str(error.get("message", error)) for error in errors[:_SHOWN_ERRORS])
            raise ServerFailed(f"could not import {count(len(errors), 'unit')} ({said})", where=self.url)

    def remove(self, project: str, rows: Sequence[str]) -> None:
        """Delete rows by their ids."""
        self._session.delete_examples(project, [int(row) for row in rows])

    def given(self, project: str, accounts: Sequence[str]) -> dict[str, list[Given]]:
        """Return for each account what it has said of every row, from an export with a file a member."""
        export = self._export(project)
        if "all" in export and "all" not in accounts:
            raise ServerFailed(
                "does not say who gave which label: the project is set to collaborative annotation",
                where=self.url,
                remedy="take that setting away there, then pull again",
            )
        return {account: [_given(row) for row in export[account]] for account in accounts if account in export}

    def _export(self, project: str) -> dict[str, list[dict[str, Any]]]:
        """Return all rows as each member sees them."""
        task = self._session.begin_export(project)
        self._wait(task, "an export")
        with tempfile.TemporaryDirectory(prefix="nutgraf-") as folder:
            return _read_export(self._session.fetch_export(project, task, Path(folder)), self.url)

    def _wait(self, task: str, what: str) -> Mapping[str, Any] | None:
        """Wait for a task and return its result.

        Raises
        ------
        ServerAway
            If it is not done in time, or failed as a whole: it may have done some of it, or will do it later.
        """
        began, pause = self._clock(), _LOOK_EVERY[0]
        while True:
            state = self._session.state(task)
            if state.ready:
                break
            if self._clock() - began > self._within:
                raise ServerAway(
                    f"has not finished {what} in {self._within:.0f} seconds",
                    where=self.url,
                    remedy="is its worker (`doccano task`) running? then run this again, or with more --patience",
                )
            self._sleep(pause)
            pause = min(1.5 * pause, _LOOK_EVERY[1])
        if state.error:
            said = state.error.get("text") if isinstance(state.error, Mapping) else state.error
            raise ServerAway(f"failed in {what} ({said})", where=self.url, remedy="look into its worker's log")
        result: Mapping[str, Any] | None = state.result if isinstance(state.result, Mapping) else None
        return result


def guideline(codebook: Codebook) -> str:
    """Return what doccano shows coders as the guideline: the codebook's, and behind it each label's words."""
    parts = [codebook.guidelines] if codebook.guidelines else []
    parts.append("## Labels\n\nAsk in this order and stop at the first yes.")
    for label in codebook.labels:
        lines = [
            f"### {label.name} (`{label.key}`)",
            f"**{label.question}**" if label.question else "",
            label.definition,
        ]
        lines += [f"- {example}" for example in label.examples]
        parts.append("\n\n".join(line for line in lines if line))
    return "\n\n".join(parts) + "\n"


def _label(settings: Mapping[str, str]) -> dict[str, str]:
    """Return a label's settings, without a hotkey that doccano does not know."""
    key = settings["suffix_key"].lower()
    kept = {name: value for name, value in settings.items() if name != "suffix_key"}
    return kept | {"suffix_key": key} if key and key in _HOTKEYS else kept


def _row(task: Task) -> dict[str, Any]:
    """Return the row of an import: offsets as whole numbers, all else as text, the same keys in every row."""
    return {
        "text": task.text,
        "label": [],
        "key": task.key,
        "start": task.start,
        "end": task.end,
        **task.context,
    }


def _key(fields: Mapping[str, Any]) -> str:
    key = fields.get("key")
    return key if isinstance(key, str) else ""


def _read_export(export: Path, url: str) -> dict[str, list[dict[str, Any]]]:
    try:
        with zipfile.ZipFile(export) as archive:
            return {
                name.removesuffix(_JSONL): [_DECODER.decode(line) for line in _lines(archive.read(name))]
                for name in archive.namelist()
                if name.endswith(_JSONL)
            }
    except (zipfile.BadZipFile, msgspec.DecodeError) as error:
        raise ServerAway("sent an export that can't be read", where=url, remedy="run this again") from error


def _lines(content: bytes) -> Iterator[bytes]:
    """Yield the lines that hold something; texts may hold U+2028 and the like, so only a line feed ends one."""
    return (line for line in content.split(b"\n") if line.strip())


def _given(row: Mapping[str, Any]) -> Given:
    labels, comments = tuple(row.get("label") or ()), tuple(row.get("Comments") or ())
    return Given(str(row["id"]), _key(row), row["text"] or "", labels, comments=comments)


@contextmanager
def _file(name: str, content: bytes) -> Iterator[Path]:
    """Give a file of this name for the time of an upload."""
    with tempfile.TemporaryDirectory(prefix="nutgraf-") as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        yield path
