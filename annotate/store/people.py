"""Coders, invitations and sign-ins. Secrets come here only as digests that the session made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, delete, insert, select, update

from annotate.errors import ProjectError
from annotate.store import rows, schema
from annotate.store.values import Coder, Role
from annotate.store.writer import Transaction

_CODER: Final = schema.coder
_INVITATION: Final = schema.invitation
_LOGIN: Final = schema.login
_ENCODER: Final = msgspec.json.Encoder(order="sorted")
_LONGEST: Final = 64


def add(transaction: Transaction, coder: Coder) -> Coder:
    """Add a coder.

    Raises
    ------
    ProjectError
        If the key is taken, or none.
    """
    key = coder.key
    if not key or len(key) > _LONGEST or not key.isprintable() or key != key.strip():
        raise ProjectError(f"{key!r} can't be a coder's key", remedy=f"1 to {_LONGEST} visible characters, such as ana")
    if find(transaction.connection, key) is not None:
        raise ProjectError(f"there is a coder {key!r} already", remedy="choose another key")
    values = {field: getattr(coder, field) for field in ("key", "name", "role", "password", "joined")}
    transaction.connection.execute(insert(_CODER), values)
    return coder


def change(transaction: Transaction, key: str, values: Mapping[str, Any]) -> None:
    """Change a coder's name, role, password, preferences, or the time they left."""
    stored = dict(values)
    if "preferences" in stored:
        stored["preferences"] = _ENCODER.encode(stored["preferences"]).decode()
    found = transaction.connection.execute(update(_CODER).where(_CODER.c.key == key).values(**stored))
    if not found.rowcount:
        raise ProjectError(f"there is no coder {key!r}", remedy="nutgraf status lists them")


def find(connection: Connection, key: str) -> Coder | None:
    """Return a coder, or None."""
    row = connection.execute(select(_CODER).where(_CODER.c.key == key)).mappings().one_or_none()
    return None if row is None else rows.coder(row)


def every(connection: Connection) -> list[Coder]:
    """Return all coders by key."""
    return [rows.coder(row) for row in connection.execute(select(_CODER).order_by(_CODER.c.key)).mappings()]


def invite(transaction: Transaction, digest: str, role: Role, expires: int) -> None:
    """Store an invitation by the digest of its token."""
    transaction.connection.execute(insert(_INVITATION), {"digest": digest, "role": role, "expires": expires})


def invitation(connection: Connection, digest: str, now: int) -> Role | None:
    """Return the role that an invitation gives, None if it is unknown, used or expired."""
    query = select(_INVITATION.c.role).where(
        _INVITATION.c.digest == digest, _INVITATION.c.used_by.is_(None), _INVITATION.c.expires > now
    )
    role: Role | None = connection.scalar(query)
    return role


def redeem(transaction: Transaction, digest: str, coder: Coder) -> Coder:
    """Add the coder who was invited, in the role that the invitation gives; it works once.

    Raises
    ------
    ProjectError
        If the invitation is unknown, used or expired, or the key is taken.
    """
    role = invitation(transaction.connection, digest, coder.joined)
    if role is None:
        raise ProjectError("the invitation is used or has expired", remedy="ask the lead for a new one")
    added = add(transaction, msgspec.structs.replace(coder, role=role))
    used = update(_INVITATION).where(_INVITATION.c.digest == digest)
    transaction.connection.execute(used.values(used_by=coder.key))
    return added


def sign_in(transaction: Transaction, digest: str, key: str, expires: int, now: int) -> None:
    """Store a sign-in by the digest of its token; expired ones go."""
    transaction.connection.execute(delete(_LOGIN).where(_LOGIN.c.expires <= now))
    transaction.connection.execute(insert(_LOGIN), {"digest": digest, "coder": key, "expires": expires})


def signed_in(connection: Connection, digest: str, now: int) -> tuple[Coder, int] | None:
    """Return who is signed in with a token and until when, None if nobody is; who has left is not."""
    query = (
        select(_CODER, _LOGIN.c.expires)
        .join(_LOGIN, _LOGIN.c.coder == _CODER.c.key)
        .where(_LOGIN.c.digest == digest, _LOGIN.c.expires > now, _CODER.c.left.is_(None))
    )
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        return None
    values = dict(row)
    expires: int = values.pop("expires")
    return rows.coder(values), expires


def sign_out(transaction: Transaction, *, digest: str | None = None, key: str | None = None) -> None:
    """Forget one sign-in, or all of a coder's."""
    column, value = (_LOGIN.c.digest, digest) if digest is not None else (_LOGIN.c.coder, key)
    transaction.connection.execute(delete(_LOGIN).where(column == value))
