"""Bring a round to a server: nothing lost, nothing twice, however often it is cut off and begun again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import msgspec

from annotate.counts import count
from annotate.errors import OffsetMismatch, ProjectError, ServerFailed
from annotate.exchange.servers.links import Link, links, mark, remember
from annotate.exchange.servers.patience import Patience
from annotate.exchange.servers.server import Row, Server, ServerAway, Task, Wish
from annotate.exchange.servers.tasks import Share, shares, tasks
from annotate.store import Round, Store
from annotate.types import Codebook

_FRUITLESS: Final = 3  # sends in a row after which no more units were there than before


class Pushed(msgspec.Struct, frozen=True):
    """What became of one project on a server.

    Parameters
    ----------
    project
        Its number, None if it would be made (a dry run).
    units
        How many units are to be there.
    sent, removed
        How many were missing, and how many copies were taken away again.
    strays
        How many rows are there that are no units of the round: left as they are.
    """

    name: str
    project: str | None
    coders: tuple[str, ...]
    units: int
    sent: int
    removed: int = 0
    strays: int = 0


def push(
    store: Store,
    server: Server,
    round_name: str,
    *,
    name: str,
    user: str,
    accounts: Mapping[str, str],
    patience: Patience,
    dry_run: bool = False,
) -> list[Pushed]:
    """Bring the units of a round to a server, with labels, guidelines and members, and remember where they are.

    Where all coders of the round code the same units, they share a project; otherwise each gets one of their own.
    Whatever is there already stays; only what is missing is sent, so that a push that was cut off is simply repeated.

    Parameters
    ----------
    name
        The project's name on the server.
    accounts
        Coder to their account's name on the server, where the two differ.
    dry_run
        Look at the server, but change nothing, there or here.

    Raises
    ------
    ProjectError
        If there is no such round, it is closed, nobody codes it, or it was pushed with another codebook.
    ServerFailed
        If an account is missing, or the server does not do what it should; what it did is found by the next push.
    OffsetMismatch
        If a unit's text on the server is not what was sent.
    """
    round_ = store.round(round_name)
    if round_.closed is not None:
        raise ProjectError(f"the round {round_name!r} is closed", remedy="draw a new one with nutgraf sample")
    codebook = store.codebook()
    errand = _Errand(store, server, round_, codebook, patience, user)
    shared = shares(store, round_)
    plans = [errand.plan(share, name, accounts, alone=len(shared) == 1) for share in shared]
    wanted = sorted({account for plan in plans for account in plan.accounts.values()})
    unknown = patience.ask(lambda: server.unknown(wanted))
    if unknown:
        raise ServerFailed(
            f"has no account {', '.join(unknown)}",
            where=server.url,
            remedy="make it there, or say which one a coder has with --coder CODER=ACCOUNT",
        )
    do = errand.look if dry_run else errand.run
    return [do(share, plan) for share, plan in zip(shared, plans, strict=True)]


class _Errand(NamedTuple):
    """A round on its way to a server."""

    store: Store
    server: Server
    round: Round
    codebook: Codebook
    patience: Patience
    user: str

    def plan(self, share: Share, series: str, accounts: Mapping[str, str], *, alone: bool) -> Link:
        """Return the link as it was remembered, brought up to date, or a new one without a project."""
        name = series if alone else f"{series} ({', '.join(share.coders)})"
        known = links(self.store)
        place = (self.server.kind, self.server.url, self.round.id, name)
        here = [one for one in known if (one.kind, one.url, one.round, one.name) == place]
        if here and here[-1].codebook != self.codebook.fingerprint:
            raise ProjectError(
                f"the round {self.round.name!r} was pushed with another codebook than the one in use now",
                remedy="pull what was coded; to have it coded anew, push it under another name with --project NAME",
            )
        before = here[-1].accounts if here else {}
        chosen = {coder: accounts.get(coder, before.get(coder, coder)) for coder in share.coders}
        _refuse_shared_accounts(chosen)
        if here:
            return msgspec.structs.replace(here[-1], user=self.user, accounts=chosen)
        return Link(
            kind=self.server.kind,
            url=self.server.url,
            project="",
            name=name,
            series=series,
            mark=mark(self.store, self.round, self.codebook.fingerprint, name),
            user=self.user,
            round=self.round.id,
            codebook=self.codebook.fingerprint,
            accounts=chosen,
            number=1 + max((one.number for one in known), default=0),
        )

    def look(self, share: Share, link: Link) -> Pushed:
        """Say what would be done."""
        project = self._find(link)
        there = [] if project is None else self.patience.ask(lambda: self.server.rows(project))
        missing = _missing(self._wanted(share), there)
        return Pushed(link.name, project, share.coders, len(share.units), len(missing))

    def run(self, share: Share, link: Link) -> Pushed:
        """Make the project what it is to be."""
        wish = Wish(link.name, link.mark, self.codebook, tuple(link.accounts.values()))
        wanted = self._wanted(share)
        project = self._find(link) or _created(self.server, wish, self.patience)
        remember(self.store, msgspec.structs.replace(link, project=project))
        self.patience.ask(lambda: self.server.furnish(project, wish))
        sent, rows = _deliver(self.server, project, wanted, self.patience)
        surplus = _uncoded_copies(self.server, project, rows, wish.accounts, self.patience)
        if surplus:
            self.patience.ask(lambda: self.server.remove(project, surplus))
            rows = self.patience.ask(lambda: self.server.rows(project))
        strays = _check(rows, wanted, f"{self.server.url}, project {project}", self.patience)
        return Pushed(link.name, project, share.coders, len(wanted), sent, len(surplus), strays)

    def _wanted(self, share: Share) -> list[Task]:
        return list(tasks(self.store, self.round, share.units).values())

    def _find(self, link: Link) -> str | None:
        project = self.patience.ask(lambda: self.server.find(link.mark))
        if project is None and link.project:
            raise ServerFailed(
                f"has no project any more that holds {link.mark} in its description (it was number {link.project})",
                where=self.server.url,
                remedy="put that back into the description, or push under another name with --project NAME",
            )
        return project


def _refuse_shared_accounts(accounts: Mapping[str, str]) -> None:
    for account, times in Counter(accounts.values()).items():
        if times > 1:
            several = ", ".join(coder for coder, own in accounts.items() if own == account)
            raise ProjectError(
                f"{several} would have one account, {account}", remedy="give each coder one with --coder CODER=ACCOUNT"
            )


def _created(server: Server, wish: Wish, patience: Patience) -> str:
    """Make the project; if the answer got lost, look whether it was made before asking again."""

    def create() -> str:
        return server.find(wish.mark) or server.create(wish)

    return patience.ask(create)


def _deliver(server: Server, project: str, wanted: Sequence[Task], patience: Patience) -> tuple[int, list[Row]]:
    """Send what is missing until nothing is; return how many were missing at first, and all that is there."""

    def look() -> list[Row]:
        return patience.ask(lambda: server.rows(project))

    rows = look()
    missing = _missing(wanted, rows)
    at_first, fewest, fruitless = len(missing), len(missing), 0
    patience.watch.expect(at_first, "Sending")
    while missing:
        trouble: ServerFailed = ServerFailed(
            "says that all units arrived, and they are not there",
            where=server.url,
            remedy="look into the server's log, then push again",
        )
        try:
            for batch in _batches(missing, server.at_once):
                server.send(project, batch)
                patience.watch.step(len(batch))
        except ServerAway as away:
            trouble = away
            patience.watch.tell(f"{away.problem}; looking what arrived and sending the rest")
        rows = look()
        missing = _missing(wanted, rows)
        fruitless = 0 if len(missing) < fewest else fruitless + 1
        fewest = min(fewest, len(missing))
        if missing and fruitless == _FRUITLESS:
            raise trouble
    return at_first, rows


def _missing(wanted: Sequence[Task], rows: Sequence[Row]) -> list[Task]:
    there = {row.key for row in rows}
    return [task for task in wanted if task.key not in there]


def _batches(wanted: Sequence[Task], size: int) -> Iterator[Sequence[Task]]:
    for first in range(0, len(wanted), size):
        yield wanted[first : first + size]


def _uncoded_copies(
    server: Server, project: str, rows: Sequence[Row], accounts: Sequence[str], patience: Patience
) -> list[str]:
    """Return the copies of units that nobody has coded: an import given up for dead may have come to life after all."""
    copies: dict[str, list[str]] = {}
    for row in rows:
        if row.key:
            copies.setdefault(row.key, []).append(row.id)
    doubled = [ids for ids in copies.values() if len(ids) > 1]
    if not doubled:
        return []
    given = patience.ask(lambda: server.given(project, accounts))
    coded = {one.row for answers in given.values() for one in answers if one.labels or one.skipped or one.comments}
    return [row for ids in doubled for row in _surplus(ids, coded)]


def _surplus(ids: Sequence[str], coded: set[str]) -> list[str]:
    keep = [row for row in ids if row in coded] or ids[:1]
    return [row for row in ids if row not in keep]


def _check(rows: Sequence[Row], wanted: Sequence[Task], where: str, patience: Patience) -> int:
    """Check that every unit is there, to the letter; return how many other rows there are."""
    texts = {task.key: task.text for task in wanted}
    ours = [row for row in rows if row.key in texts]
    for row in ours:
        if row.text != texts[row.key]:
            raise OffsetMismatch(where=f"{where}, {row.key}", expected=row.text, found=texts[row.key])
    twice = [key for key, times in Counter(row.key for row in ours).items() if times > 1]
    if twice:
        patience.watch.tell(f"there twice and coded in both copies: {count(len(twice), 'unit')}, such as {twice[0]}")
    return len(rows) - len(ours)
