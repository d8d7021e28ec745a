"""Who works on the project: invitations, roles, farewells."""

from __future__ import annotations

import secrets
from typing import Final, get_args

from starlette.requests import Request
from starlette.responses import Response

from annotate.session import answers, doors, passwords
from annotate.session.session import Session
from annotate.session.visitors import Visitor, new_token
from annotate.store import Role

DAYS: Final = 14
"""How long an invitation holds."""

_ROLES: Final[tuple[Role, ...]] = get_args(Role)


@doors.page("lead")
async def page(request: Request, session: Session, visitor: Visitor) -> Response:
    """Show who works on the project."""
    return await _show(request, session, visitor)


@doors.form("lead")
async def change(request: Request, session: Session, visitor: Visitor) -> Response:
    """Invite somebody, change a role, say farewell, welcome back, or give a new password."""
    form = request.state.form
    what, key = answers.first(form, "what"), answers.first(form, "key")
    role: Role | None = next((one for one in _ROLES if one == answers.first(form, "role")), None)
    if what == "invite" and role is not None:
        token, stored = new_token()
        expires = session.now() + DAYS * 86_400_000_000
        await session.read(session.store.invite, stored, role=role, expires=expires)
        base = str(request.base_url).rstrip("/")
        return await _show(request, session, visitor, invitation=f"{base}/join/{token}")
    if key == visitor.coder.key or await session.read(session.store.coder, key) is None:
        return await _show(request, session, visitor, problem="not_self")
    if what == "role" and role is not None:
        await session.read(session.store.change_coder, key, role=role)
        session.visitors.refresh()
    elif what == "leave":
        await session.read(_leave, session, key)
        session.give_out()
    elif what == "return":
        await session.read(session.store.change_coder, key, left=None)
    elif what == "password":
        word = secrets.token_urlsafe(12)
        await session.read(session.store.change_coder, key, password=await session.read(passwords.hashed, word))
        await session.read(session.visitors.forget, key)
        return await _show(request, session, visitor, new_password=(key, word))
    return await _show(request, session, visitor)


def _leave(session: Session, key: str) -> None:
    """Let a coder go: nothing signs them in any more, and others take over what they had not done."""
    # Here, not above: it loads what draws samples, and few sessions need it.
    from annotate.sampling.sharing import reassign  # noqa: PLC0415

    store = session.store
    store.change_coder(key, left=session.now())
    session.visitors.forget(key)
    there = {coder.key for coder in store.coders() if coder.left is None}
    for round_ in store.rounds():
        assignments = store.assignments(round_.id)
        takers = sorted({one.coder for one in assignments} & there)
        if round_.closed is None and takers and any(one.coder == key for one in assignments):
            moves = [move for move in reassign(assignments, key, takers) if move.taker is not None]
            if moves:
                store.move(round_.id, moves)


async def _show(
    request: Request,
    session: Session,
    visitor: Visitor,
    *,
    invitation: str | None = None,
    new_password: tuple[str, str] | None = None,
    problem: str | None = None,
) -> Response:
    coders = await session.read(session.store.coders)
    return answers.page(
        request,
        "people.html",
        visitor=visitor,
        status=400 if problem else 200,
        coders=coders,
        roles=_ROLES,
        days=DAYS,
        invitation=invitation,
        new_password=new_password,
        problem=problem,
        plain=not session.settings.secure and request.url.hostname not in ("127.0.0.1", "localhost", "::1"),
    )
