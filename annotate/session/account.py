"""Signing in and out, invitations, and what each coder sets for themselves."""

from __future__ import annotations

import re
import secrets
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from annotate.errors import ProjectError
from annotate.session import answers, doors, passwords
from annotate.session.session import Session
from annotate.session.visitors import Visitor, digest, proves
from annotate.session.words import languages

_OWN_PATH: Final = re.compile(r"/(?:[a-z0-9-]+(?:/[a-z0-9-]+)*)?")
_HOUR: Final = 3600


class Preferences(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a coder sets for themselves.

    Parameters
    ----------
    keys
        What a key chooses: by label or command, one character or the name of a key.
    """

    keys: dict[str, str] | None = None
    language: str | None = None
    theme: str | None = None
    size: int | None = None


async def home(request: Request) -> Response:
    """Show what there is to do; the link of whoever started the session comes here too and signs them in."""
    token = request.query_params.get("token")
    return await (_use_link(request, token) if token is not None else _rounds(request))


async def sign_in_page(request: Request) -> Response:
    """Show the form to sign in."""
    session: Session = request.app.state.session
    if await session.visitor(request) is not None:
        return RedirectResponse("/", 303)
    session.visitors.tell_link()
    return _form_page(request, "sign-in.html", to=_own_path(request.query_params.get("to", "/")), problem=None, key="")


async def sign_in(request: Request) -> Response:
    """Take a name and a password."""
    session: Session = request.app.state.session
    form = await doors.read_form(request)
    key, to = answers.first(form, "key").strip(), _own_path(answers.first(form, "to"))

    def again(problem: str, status: int, **values: Any) -> Response:
        return _form_page(request, "sign-in.html", status=status, to=to, problem=problem, key=key[:64], **values)

    if not proves(answers.first(form, "proof"), _form_secret(request)):
        return again("form_expired", 403)
    whom = (f"coder {key}", f"address {_address(request)}")
    wait = session.failures.wait(*whom)
    if wait:
        refused = again("too_often", 429, seconds=wait)
        refused.headers["Retry-After"] = str(wait)
        return refused
    coder = await session.read(session.store.coder, key) if 0 < len(key) <= 64 and key.isprintable() else None
    stored = coder.password if coder is not None and coder.left is None else None
    if not await session.read(passwords.matches, answers.first(form, "password"), stored):
        session.failures.add(*whom)
        return again("wrong_password", 401)
    session.failures.forget(whom[0])
    response = RedirectResponse(to, 303)
    await session.read(session.visitors.sign_in, response, key, instead_of=_cookie(request))
    return response


@doors.form()
async def sign_out(_request: Request, session: Session, visitor: Visitor) -> Response:
    """Sign a visitor out."""
    response = RedirectResponse("/sign-in", 303)
    await session.read(session.visitors.sign_out, response, visitor)
    return response


async def join_page(request: Request) -> Response:
    """Show an invitation."""
    session: Session = request.app.state.session
    token = request.path_params["token"]
    wait = session.failures.wait(f"join {_address(request)}")
    role = None if wait else await session.read(session.store.invitation, digest(token))
    if role is None:
        session.failures.add(f"join {_address(request)}")
        return answers.page(request, "message.html", status=429 if wait else 404, message="no_invitation")
    return _form_page(request, "join.html", token=token, role=role, problem=None, key="", name="")


async def join(request: Request) -> Response:
    """Take up an invitation: a new coder with a password of their own."""
    session: Session = request.app.state.session
    form = await doors.read_form(request)
    token = request.path_params["token"]
    key, name = answers.first(form, "key").strip(), answers.first(form, "name").strip()[:100]
    password = answers.first(form, "password")
    wait = session.failures.wait(f"join {_address(request)}")
    role = None if wait else await session.read(session.store.invitation, digest(token))
    if role is None:
        session.failures.add(f"join {_address(request)}")
        return answers.page(request, "message.html", status=429 if wait else 404, message="no_invitation")
    problem = passwords.problem(password, answers.first(form, "repeated"), key)
    if not proves(answers.first(form, "proof"), _form_secret(request)):
        problem = "form_expired"
    elif not _is_key(key):
        problem = "bad_key"
    elif problem is None and await session.read(session.store.coder, key) is not None:
        problem = "key_taken"
    if problem is None:
        stored = await session.read(passwords.hashed, password)
        try:
            await session.read(session.store.redeem, digest(token), key, name=name or key, password=stored)
        except ProjectError:  # somebody else was faster, by the same link or under the same name
            problem = "key_taken"
    if problem is not None:
        return _form_page(
            request, "join.html", status=400, token=token, role=role, problem=problem, key=key[:64], name=name
        )
    response = RedirectResponse("/", 303)
    await session.read(session.visitors.sign_in, response, key, instead_of=_cookie(request))
    return response


@doors.page()
async def account_page(request: Request, _session: Session, visitor: Visitor) -> Response:
    """Show what a visitor can set for themselves."""
    return answers.page(request, "account.html", visitor=visitor, problem=None, done=None)


@doors.form()
async def account(request: Request, session: Session, visitor: Visitor) -> Response:
    """Take a new password, language or theme."""
    form = request.state.form
    problem, done = None, None
    if answers.first(form, "what") == "password":
        problem, done = await _new_password(session, visitor, form), "password_set"
    else:
        chosen = {
            "language": answers.first(form, "language") if answers.first(form, "language") in languages() else None,
            "theme": answers.first(form, "theme") if answers.first(form, "theme") in ("light", "dark") else None,
        }
        await session.read(_prefer, session, visitor, chosen)
        done = "settings_set"
    fresh = await session.visitor(request)
    visitor = visitor if fresh is None else fresh
    return answers.page(
        request,
        "account.html",
        visitor=visitor,
        status=400 if problem else 200,
        problem=problem,
        done=None if problem else done,
    )


@doors.script()
async def preferences(request: Request, session: Session, visitor: Visitor) -> Response:
    """Take what a visitor sets in the page."""
    sent = await answers.read_json(request, Preferences)
    chosen = msgspec.to_builtins(sent)
    if len(sent.keys or {}) > 200 or any(len(part) > 100 for pair in (sent.keys or {}).items() for part in pair):
        raise answers.BadRequest("holds too many keys")
    await session.read(_prefer, session, visitor, chosen)
    return answers.as_json({"done": True})


async def _new_password(session: Session, visitor: Visitor, form: dict[str, list[str]]) -> str | None:
    password, key = answers.first(form, "password"), visitor.coder.key
    problem = passwords.problem(password, answers.first(form, "repeated"), key)
    wait = session.failures.wait(f"coder {key}")
    if wait:
        return "too_often_plain"
    coder = await session.read(session.store.coder, key)
    stored = None if coder is None else coder.password
    if stored is not None and not await session.read(passwords.matches, answers.first(form, "old"), stored):
        session.failures.add(f"coder {key}")
        return "wrong_old_password"
    if problem is None:
        stored = await session.read(passwords.hashed, password)
        await session.read(session.store.change_coder, key, password=stored)
        session.visitors.refresh()
    return problem


def _prefer(session: Session, visitor: Visitor, chosen: dict[str, Any]) -> None:
    coder = session.store.coder(visitor.coder.key)
    before = {} if coder is None else dict(coder.preferences)
    session.store.change_coder(visitor.coder.key, preferences=before | chosen)
    session.visitors.refresh()


async def _use_link(request: Request, token: str) -> Response:
    session: Session = request.app.state.session
    whom = f"link {_address(request)}"
    wait = session.failures.wait(whom)
    if wait or not session.visitors.use_link(token):
        session.failures.add(whom)
        if not wait and await session.visitor(request) is not None:
            return RedirectResponse("/", 303)
        return RedirectResponse("/sign-in", 303)
    # A page, not a redirect: see doors._strangers.
    response = answers.page(request, "again.html")
    starter = request.app.state.starter
    await session.read(session.visitors.sign_in, response, starter, instead_of=_cookie(request))
    return response


@doors.page()
async def _rounds(request: Request, session: Session, visitor: Visitor) -> Response:
    def read() -> list[dict[str, Any]]:
        mine = {one.round: one for one in session.store.progress(coder=visitor.coder.key)}
        return [
            {"round": round_, "progress": mine.get(round_.id)}
            for round_ in session.store.rounds()
            if round_.id in mine or visitor.adjudicates
        ]

    return answers.page(request, "home.html", visitor=visitor, rounds=await session.read(read))


def _form_page(request: Request, template: str, *, status: int = 200, **values: Any) -> Response:
    """Return a page with a form for somebody who is not signed in, tied to their browser by a cookie of its own."""
    session: Session = request.app.state.session
    secret = _form_secret(request) or secrets.token_urlsafe(32)
    response = answers.page(request, template, status=status, form_secret=secret, **values)
    response.set_cookie(
        f"{session.settings.cookie}-{answers.FORM_COOKIE}",
        secret,
        max_age=_HOUR,
        path="/",
        secure=session.settings.secure,
        httponly=True,
        samesite="strict",
    )
    return response


def _form_secret(request: Request) -> str | None:
    session: Session = request.app.state.session
    return request.cookies.get(f"{session.settings.cookie}-{answers.FORM_COOKIE}")


def _cookie(request: Request) -> str | None:
    session: Session = request.app.state.session
    return request.cookies.get(session.settings.cookie)


def _address(request: Request) -> str:
    return "?" if request.client is None else request.client.host


def _own_path(path: str) -> str:
    """Return a path of this session; another's address becomes the home page."""
    return path if len(path) <= 200 and _OWN_PATH.fullmatch(path) else "/"


def _is_key(key: str) -> bool:
    return 0 < len(key) <= 64 and key.isprintable() and "/" not in key
