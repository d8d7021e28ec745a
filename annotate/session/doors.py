"""Who may come in: every route but the sign-in stands behind one of these."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Final
from urllib.parse import parse_qs, quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from annotate.session import answers
from annotate.session.session import Session
from annotate.session.visitors import Visitor, proves
from annotate.store import Role

Route = Callable[[Request], Awaitable[Response]]
Inside = Callable[[Request, Session, Visitor], Awaitable[Response]]

PROOF_HEADER: Final = "x-nutgraf-proof"
_EVERYBODY: Final[tuple[Role, ...]] = ("lead", "coder", "adjudicator")
_MOST_FIELDS: Final = 30


def page(*roles: Role) -> Callable[[Inside], Route]:
    """Let visitors in roles see a page, everybody signed in if none is named; send others to the sign-in."""

    def decorate(inside: Inside) -> Route:
        @wraps(inside)
        async def route(request: Request) -> Response:
            session: Session = request.app.state.session
            visitor = await session.visitor(request)
            if visitor is None:
                return _strangers(request)
            if visitor.coder.role not in (roles or _EVERYBODY):
                return answers.page(request, "message.html", visitor=visitor, status=403, message="not_yours")
            response = await inside(request, session, visitor)
            await session.read(session.visitors.renew, response, visitor)
            return response

        return route

    return decorate


def form(*roles: Role) -> Callable[[Inside], Route]:
    """Let visitors in roles send a form of one of their own pages."""

    def decorate(inside: Inside) -> Route:
        @wraps(inside)
        async def route(request: Request) -> Response:
            session: Session = request.app.state.session
            visitor = await session.visitor(request)
            if visitor is None:
                return _strangers(request)
            fields = await read_form(request)
            if visitor.coder.role not in (roles or _EVERYBODY) or not proves(
                answers.first(fields, "proof"), visitor.secret
            ):
                return answers.page(request, "message.html", visitor=visitor, status=403, message="not_yours")
            request.state.form = fields
            return await inside(request, session, visitor)

        return route

    return decorate


def script(*roles: Role) -> Callable[[Inside], Route]:
    """Let the scripts of pages of visitors in roles ask for something, or send something if they prove it."""

    def decorate(inside: Inside) -> Route:
        @wraps(inside)
        async def route(request: Request) -> Response:
            session: Session = request.app.state.session
            visitor = await session.visitor(request)
            if visitor is None:
                return answers.as_json({"problem": "signed out"}, 401)
            if visitor.coder.role not in (roles or _EVERYBODY):
                return answers.as_json({"problem": "not yours"}, 403)
            if request.method != "GET" and not proves(request.headers.get(PROOF_HEADER), visitor.secret):
                return answers.as_json({"problem": "unproven"}, 403)
            return await inside(request, session, visitor)

        return route

    return decorate


async def read_form(request: Request) -> dict[str, list[str]]:
    """Return a form's fields.

    Raises
    ------
    BadRequest
        If there is none.
    """
    try:
        body = (await request.body()).decode("utf-8")
        return parse_qs(body, keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict")
    except ValueError as error:
        raise answers.BadRequest("is no form") from error


def _strangers(request: Request) -> Response:
    if request.headers.get("sec-fetch-site") == "cross-site":
        # The browser holds a strict cookie back when a link on another site leads here. It sends it when our own page
        # asks, and that is no risk: reading changes nothing.
        return answers.page(request, "again.html")
    wanted = request.url.path
    query = "" if wanted == "/" else f"?to={quote(wanted, safe='/')}"
    return RedirectResponse(f"/sign-in{query}", 303)
