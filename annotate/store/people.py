"""Coders, invitations and sign-ins. Secrets come here only as digests that the session made."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from sqlalchemy import Connection, delete, insert, select, update

from annotate.errors import ProjectError
from annotate.store import rows, schema
from annotate.store.base import Base
from annotate.store.values import Coder, Role
from annotate.store.writer import Transaction, clock

_CODER: Final = schema.coder
_INVITATION: Final = schema.invitation
_LOGIN: Final = schema.login
_ENCODER: Final = msgspec.json.Encoder(order="sorted")
_LONGEST: Final = 64


class People(Base):
    """Who works on the project. Times are microseconds since 1970."""

    def add_coder(
        self, key: str, *, name: str | None = None, role: Role = "coder", password: str | None = None
    ) -> Coder:
        """Add a coder.

        Parameters
        ----------
        password
            The hash that the session made of it.

        Raises
        ------
        ProjectError
            If the key is taken, or none.
        """
        coder = Coder(key, name or key, role, self._now(), password)
        return self.write(lambda transaction: _add(transaction, coder))

    def change_coder(self, key: str, **values: Any) -> None:
        """Change a coder's ``name``, ``role``, ``password``, ``preferences``, or ``left``, the time they left.

        Raises
        ------
        ProjectError
            If there is no such coder.
        """
        if "preferences" in values:
            values["preferences"] = _ENCODER.encode(values["preferences"]).decode()

        def change(transaction: Transaction) -> None:
            found = transaction.connection.execute(update(_CODER).where(_CODER.c.key == key).values(**values))
            if not found.rowcount:
                raise ProjectError(f"there is no coder {key!r}", remedy="nutgraf status lists them")

        self.write(change)

    def coder(self, key: str) -> Coder | None:
        """Return a coder, or None."""
        with self.reading() as connection:
            return find(connection, key)

    def coders(self) -> list[Coder]:
        """Return all coders by key."""
        with self.reading() as connection:
            return [rows.coder(row) for row in connection.execute(select(_CODER).order_by(_CODER.c.key)).mappings()]

    def invite(self, digest: str, *, role: Role, expires: int) -> None:
        """Store an invitation by the digest of its token."""
        values = {"digest": digest, "role": role, "expires": expires}
        self.write(lambda transaction: transaction.connection.execute(insert(_INVITATION), values).close())

    def invitation(self, digest: str) -> Role | None:
        """Return the role that an invitation gives, None if it is unknown, used or expired."""
        with self.reading() as connection:
            return _invitation(connection, digest, self._now())

    def redeem(self, digest: str, key: str, *, name: str | None = None, password: str | None = None) -> Coder:
        """Add the coder who was invited, in the role that the invitation gives; it works once.

        Raises
        ------
        ProjectError
            If the invitation is unknown, used or expired, or the key is taken.
        """
        now = self._now()

        def redeem(transaction: Transaction) -> Coder:
            role = _invitation(transaction.connection, digest, now)
            if role is None:
                raise ProjectError("the invitation is used or has expired", remedy="ask the lead for a new one")
            coder = _add(transaction, Coder(key, name or key, role, now, password))
            used = update(_INVITATION).where(_INVITATION.c.digest == digest).values(used_by=key)
            transaction.connection.execute(used)
            return coder

        return self.write(redeem)

    def sign_in(self, digest: str, key: str, *, expires: int) -> None:
        """Store a sign-in by the digest of its token; expired ones go."""
        now = self._now()

        def sign_in(transaction: Transaction) -> None:
            transaction.connection.execute(delete(_LOGIN).where(_LOGIN.c.expires <= now))
            transaction.connection.execute(insert(_LOGIN), {"digest": digest, "coder": key, "expires": expires})

        self.write(sign_in)

    def signed_in(self, digest: str) -> tuple[Coder, int] | None:
        """Return who is signed in with a token and until when, None if nobody is; who has left is not."""
        query = (
            select(_CODER, _LOGIN.c.expires)
            .join(_LOGIN, _LOGIN.c.coder == _CODER.c.key)
            .where(_LOGIN.c.digest == digest, _LOGIN.c.expires > self._now(), _CODER.c.left.is_(None))
        )
        with self.reading() as connection:
            row = connection.execute(query).mappings().one_or_none()
        if row is None:
            return None
        values = dict(row)
        expires: int = values.pop("expires")
        return rows.coder(values), expires

    def sign_out(self, *, digest: str | None = None, key: str | None = None) -> None:
        """Forget one sign-in, or all of a coder's."""
        column, value = (_LOGIN.c.digest, digest) if digest is not None else (_LOGIN.c.coder, key)
        self.write(lambda transaction: transaction.connection.execute(delete(_LOGIN).where(column == value)).close())


def _add(transaction: Transaction, coder: Coder) -> Coder:
    key = coder.key
    if not key or len(key) > _LONGEST or not key.isprintable() or key != key.strip():
        raise ProjectError(f"{key!r} can't be a coder's key", remedy=f"1 to {_LONGEST} visible characters, such as ana")
    if find(transaction.connection, key) is not None:
        raise ProjectError(f"there is a coder {key!r} already", remedy="choose another key")
    values = {field: getattr(coder, field) for field in ("key", "name", "role", "password", "joined")}
    transaction.connection.execute(insert(_CODER), values)
    return coder


def join(transaction: Transaction, key: str) -> Coder:
    """Add a coder of whom nothing but the key is known."""
    return _add(transaction, Coder(key, key, "coder", transaction.time or clock()))


def find(connection: Connection, key: str) -> Coder | None:
    """Return a coder, or None."""
    row = connection.execute(select(_CODER).where(_CODER.c.key == key)).mappings().one_or_none()
    return None if row is None else rows.coder(row)


def _invitation(connection: Connection, digest: str, now: int) -> Role | None:
    query = select(_INVITATION.c.role).where(
        _INVITATION.c.digest == digest, _INVITATION.c.used_by.is_(None), _INVITATION.c.expires > now
    )
    role: Role | None = connection.scalar(query)
    return role
