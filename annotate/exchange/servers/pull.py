"""Bring back what coders judged on a server, as events: none lost, none twice, and a changed mind as a new one."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import msgspec

from annotate.codebook import checked_answers
from annotate.errors import CodebookError, OffsetMismatch, ProjectError
from annotate.exchange.servers.links import Link, links
from annotate.exchange.servers.patience import Patience
from annotate.exchange.servers.server import Given, Server, Task
from annotate.exchange.servers.standing import Standing, answer_of, standings
from annotate.exchange.servers.tasks import tasks
from annotate.store import Decision, Receipt, Remark, Step, Store
from annotate.types import Codebook

_ENCODER: Final = msgspec.json.Encoder(order="sorted")

Why = Literal[
    "was decided otherwise in this project",
    "is not assigned to the coder",
    "has several labels",
    "has a label that the codebook lacks",
    "lacks an answer, or has one that the codebook does not allow",
    "was written or changed by somebody else",
    "was changed here meanwhile",
    "is no unit of the round",
    "is not on the server",
    "is silent: no member of the project there any more?",
]


class Left(msgspec.Struct, frozen=True):
    """Something that was not taken over, and why; ``key`` is empty where it is about a coder as a whole."""

    why: Why
    coder: str
    key: str = ""
    labels: tuple[str, ...] = ()


class Pulled(msgspec.Struct, frozen=True):
    """What became of one project on a server, in coders' units.

    Parameters
    ----------
    new, changed, withdrawn
        Judgments on units that had none from there, that had another, and that have none any more.
    same, open
        Judgments that were here already, and units that a coder has not coded there.
    """

    name: str
    round: str
    new: int
    changed: int
    withdrawn: int
    same: int
    open: int
    left: tuple[Left, ...] = ()


def pull(store: Store, server: Server, link: Link, *, patience: Patience, dry_run: bool = False) -> Pulled:
    """Take over what coders have judged in a project on a server since the last pull.

    Every judgment becomes an event of its coder in its round, under the codebook that was pushed. One that differs
    from what the server said last supersedes it; one that is gone is taken back. Nothing is done twice, and a pull
    that was cut off is simply repeated. What a coder decided in this project itself is kept.

    Raises
    ------
    ProjectError
        If the round is closed.
    OffsetMismatch
        If a unit's text on the server is not the one here; nothing is taken over then.
    ServerFailed
        If the server does not do what it should.
    """
    round_ = next(one for one in store.rounds() if one.id == link.round)
    if round_.closed is not None:
        raise ProjectError(f"the round {round_.name!r} is closed", remedy="nothing is decided in it any more")
    assigned = {coder: store.assignments(link.round, coder) for coder in link.accounts}
    units = sorted({one.unit for queue in assigned.values() for one in queue})
    by_key = {task.key: (unit, task) for unit, task in tasks(store, round_, units).items()}
    given = patience.ask(lambda: server.given(link.project, tuple(link.accounts.values())))
    answers = {coder: given[account] for coder, account in link.accounts.items() if account in given}
    _refuse_other_texts(answers, by_key, server, link)
    before = tuple(one.origin for one in links(store) if one.number < link.number)
    fresh = link.codebook == store.codebook().fingerprint
    reading = _Reading(link, by_key, store.codebook(link.codebook))
    for coder in link.accounts:
        if coder not in answers:
            reading.left.append(Left("is silent: no member of the project there any more?", coder))
            continue
        queue = {one.unit: one for one in assigned[coder]}
        standing = standings(store.course(link.round, coder), queue, link.origin, before, fresh=fresh)
        reading.read(coder, answers[coder], standing)
    if not dry_run:
        reading.comments = _unknown(store, reading.comments)
    if not dry_run and (reading.decisions or reading.withdrawals or reading.comments):
        store.record_import(link.round, f"{link.kind} {link.url} project {link.project}", _digest(answers))
        _take(store, reading)
    return reading.result(round_.name)


class _Reading:
    """What the answers of a project come to, read coder by coder."""

    def __init__(self, link: Link, by_key: Mapping[str, tuple[int, Task]], codebook: Codebook) -> None:
        self.link, self._by_key, self._codebook = link, by_key, codebook
        self.decisions: list[Decision] = []
        self.withdrawals: list[tuple[str, Standing]] = []
        self.comments: list[Remark] = []
        self.left: list[Left] = []
        self.changed = self.same = self.open = 0

    def read(self, coder: str, answers: Sequence[Given], standing: Mapping[int, Standing]) -> None:
        """Compare what a coder's account has said with what stands here."""
        said: dict[str, list[Given]] = {}
        for answer in answers:
            said.setdefault(answer.key, []).append(answer)
        for key, copies in said.items():
            here = self._by_key.get(key)
            if here is None:
                if any(copy.labels for copy in copies):
                    self.left.append(Left("is no unit of the round", coder, key))
            elif here[0] not in standing:
                if any(copy.labels for copy in copies):
                    self.left.append(Left("is not assigned to the coder", coder, key))
            else:
                self._compare(coder, copies, standing[here[0]])
        gone = [key for key, (unit, _) in self._by_key.items() if unit in standing and key not in said]
        self.left += [Left("is not on the server", coder, key) for key in gone]

    def result(self, round_name: str) -> Pulled:
        """Return the counts."""
        new = len(self.decisions) - self.changed
        left, withdrawn = tuple(self.left), len(self.withdrawals)
        return Pulled(self.link.name, round_name, new, self.changed, withdrawn, self.same, self.open, left)

    def _compare(self, coder: str, copies: Sequence[Given], standing: Standing) -> None:
        given = _merged(copies)
        key = copies[0].key
        self.comments += self._comments(coder, copies, standing.unit)
        if given.foreign:
            self.left.append(Left("was written or changed by somebody else", coder, key, given.labels))
        elif len(given.labels) > 1:
            self.left.append(Left("has several labels", coder, key, given.labels))
        elif not given.labels and not given.skipped:
            if standing.ours:
                self.withdrawals.append((coder, standing))
            else:
                self.open += 1
        elif given.labels and given.labels[0] not in self._codebook.keys:
            self.left.append(Left("has a label that the codebook lacks", coder, key, given.labels))
        else:
            self._take_over(coder, given, standing)

    def _take_over(self, coder: str, given: Given, standing: Standing) -> None:
        label = given.labels[0] if given.labels else None
        try:
            variables = _variables(self._codebook, label, given)
        except CodebookError:
            why: Why = "lacks an answer, or has one that the codebook does not allow"
            self.left.append(Left(why, coder, given.key, given.labels))
            return
        said = answer_of(label, variables)
        if standing.said == said or (standing.kept and standing.now == said):
            self.same += 1
        elif standing.kept:
            self.left.append(Left("was decided otherwise in this project", coder, given.key, given.labels))
        else:
            self.changed += standing.now is not None
            self.decisions.append(self._decision(coder, given, label, variables, standing))

    def _decision(
        self, coder: str, given: Given, label: str | None, variables: Mapping[str, Any], standing: Standing
    ) -> Decision:
        link = self.link
        return Decision(
            # The place in the ledger tells a mind changed back from the first judgment.
            client=client(link, given.key, coder, answer_of(label or "skip", variables), given.time, standing.last),
            coder=coder,
            round=link.round,
            unit=standing.unit,
            kind="judgment" if label else "skip",
            label=label,
            variables=variables,
            note=given.note,
            shown={"server": link.kind, "project": link.project},
            base=standing.in_force,
            codebook=link.codebook,
            client_time=given.time,
            active_ms=given.active_ms,
        )

    def _comments(self, coder: str, copies: Sequence[Given], unit: int) -> list[Remark]:
        link = self.link
        words = dict.fromkeys(comment for copy in copies for comment in copy.comments if comment.strip())
        return [
            Remark(
                client=client(link, "comment", copies[0].key, coder, note),
                coder=coder,
                unit=unit,
                kind="comment",
                note=note,
                round=link.round,
            )
            for note in words
        ]


def client(link: Link, *parts: object) -> str:
    """Return the client id of an event: the same whenever the same thing is pulled again."""
    return link.origin + hashlib.sha256("\x00".join(map(str, parts)).encode()).hexdigest()[:32]


def _variables(codebook: Codebook, label: str | None, given: Given) -> dict[str, Any]:
    """Return the answers to the variables asked after a label, checked; of answers not asked for there are none."""
    asked = {variable.key: variable for variable in codebook.asked(label)}
    chosen = {key: values for key, values in given.variables.items() if key in asked and values}
    several = [key for key, values in chosen.items() if len(values) > 1 and not asked[key].multiple]
    if several:
        raise CodebookError(f"the variable {several[0]!r} has several values")
    answers = {key: list(values) if asked[key].multiple else values[0] for key, values in chosen.items()}
    return dict(checked_answers(codebook, label, answers))


def _merged(copies: Sequence[Given]) -> Given:
    """Return what a coder said of all copies of a unit; of copies that agree, the first said."""
    coded = [copy for copy in copies if copy.labels or copy.skipped]
    labels = {label: None for copy in coded for label in copy.labels}
    if not coded:
        return copies[0]
    first = min(coded, key=lambda copy: (not copy.labels, copy.time or 0))
    return msgspec.structs.replace(first, labels=tuple(labels))


def _refuse_other_texts(
    answers: Mapping[str, Sequence[Given]], by_key: Mapping[str, tuple[int, Task]], server: Server, link: Link
) -> None:
    for coder, said in answers.items():
        for answer in said:
            here = by_key.get(answer.key)
            if here is not None and answer.text != here[1].text:
                where = f"{server.url}, project {link.project}, {answer.key} as {coder} sees it"
                raise OffsetMismatch(where=where, expected=answer.text, found=here[1].text)


def _take(store: Store, reading: _Reading) -> None:
    link = reading.link
    if reading.comments:
        store.take_all(reading.comments)
    receipts = store.take_all(reading.decisions)
    for decision, receipt in zip(reading.decisions, receipts, strict=True):
        if receipt.outcome == "stale":
            reading.left.append(Left("was changed here meanwhile", decision.coder))
    for coder, standing in reading.withdrawals:
        _withdraw(store, link, coder, standing)


def _unknown(store: Store, comments: Sequence[Remark]) -> list[Remark]:
    """Return those comments that were not taken over before."""
    known = {event.client for unit in {one.unit for one in comments} for event in store.history(unit)}
    return [comment for comment in comments if comment.client not in known]


def _withdraw(store: Store, link: Link, coder: str, standing: Standing) -> None:
    """Take back what stands, and what stood before it, as long as it came from this project on the server."""
    seq = standing.in_force
    while seq is not None:
        step = Step(
            client=client(link, "withdrawn", standing.unit, coder, seq),
            coder=coder,
            round=link.round,
            kind="undo",
            base=seq,
            unit=standing.unit,
        )
        receipt: Receipt = store.take(step)
        now = receipt.in_force
        seq = now.seq if now is not None and now.client.startswith(link.origin) and receipt.outcome != "stale" else None


def _digest(answers: Mapping[str, Sequence[Given]]) -> str:
    return hashlib.sha256(_ENCODER.encode({coder: list(said) for coder, said in answers.items()})).hexdigest()
