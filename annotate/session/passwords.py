"""Passwords: kept as argon2id hashes only."""

from __future__ import annotations

import threading
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

SHORTEST: Final = 10
LONGEST: Final = 200

# OWASP's second choice of parameters: 19 MiB keeps the server small; one at a time keeps it so.
_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_ONE: Final = threading.Lock()
_NOBODY: Final = "$argon2id$v=19$m=19456,t=2,p=1$bnV0Z3JhZm51dGdyYWY$ZWFnZXJseS13YWl0aW5nLWZvci1ub2JvZHktYXQtYWw"


def hashed(password: str) -> str:
    """Return what is stored of a password."""
    with _ONE:
        return _HASHER.hash(password)


def matches(password: str, stored: str | None) -> bool:
    """Return whether a password is the one stored; it takes as long if there is none."""
    if len(password) > LONGEST:
        return False
    with _ONE:
        try:
            return _HASHER.verify(stored or _NOBODY, password) and stored is not None
        except (Argon2Error, InvalidHashError):
            return False


def problem(password: str, repeated: str, name: str) -> str | None:
    """Return the key of the words that say what is wrong with a new password, or None."""
    if password != repeated:
        return "password_differs"
    if not SHORTEST <= len(password) <= LONGEST:
        return "password_short"
    if password.casefold() == name.casefold() or len(set(password)) < 4:
        return "password_weak"
    return None
