"""The session as an ASGI application: every route in one list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from starlette.applications import Starlette
from starlette.convertors import Convertor, register_url_convertor
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from annotate.errors import NutgrafError, OutputFailed, ProjectError, StoreRefused
from annotate.session import account, adjudication, answers, coding, people, statics, team
from annotate.session.guard import Guard
from annotate.session.session import Session
from annotate.session.settings import Settings
from annotate.store import Store
from annotate.store.writer import clock


class _Number(Convertor[int]):
    """A whole number that every database can hold."""

    regex = "[0-9]{1,9}"

    def convert(self, value: str) -> int:
        return int(value)

    def to_string(self, value: int) -> str:
        return str(value)


register_url_convertor("number", _Number())

ENTRIES: Final = Route("/api/entries", coding.entries, methods=["POST"])
"""Where decisions are sent: what is asked for most."""

ROUTES: Final = (
    ENTRIES,
    Route("/", account.home),
    Route("/sign-in", account.sign_in_page),
    Route("/sign-in", account.sign_in, methods=["POST"]),
    Route("/sign-out", account.sign_out, methods=["POST"]),
    Route("/join/{token}", account.join_page),
    Route("/join/{token}", account.join, methods=["POST"]),
    Route("/account", account.account_page),
    Route("/account", account.account, methods=["POST"]),
    Route("/label/{round:number}", coding.label_page),
    Route("/adjudicate/{round:number}", adjudication.page),
    Route("/rounds/{round:number}", team.round_page),
    Route("/people", people.page),
    Route("/people", people.change, methods=["POST"]),
    Route("/api/coding/{round:number}/start", coding.start),
    Route("/api/coding/{round:number}/work", coding.work),
    Route("/api/coding/{round:number}/at/{position:number}", coding.at),
    Route("/api/adjudication/{round:number}/start", adjudication.start),
    Route("/api/adjudication/{round:number}/work", adjudication.work),
    Route("/api/adjudication/{round:number}/at/{position:number}", adjudication.at),
    Route("/api/preferences", account.preferences, methods=["POST"]),
    Route("/api/alive", coding.alive),
    Route("/api/rounds/{round:number}/agreement", team.agreement),
    Route("/ping", coding.ping),
    Route("/colours.css", coding.colours),
    Route("/static/{digest}/words/{language}.json", coding.said),
    Route("/static/{digest}/{name}", statics.serve),
)

_SMALL: Final = 1000
_STATUS: Final[dict[type[NutgrafError], int]] = {
    answers.BadRequest: 400,
    coding.NotHere: 404,
    OutputFailed: 507,
    StoreRefused: 503,
    ProjectError: 404,
}


def create_app(
    store: Store, settings: Settings, *, starter: str, now: Callable[[], int] = clock, **more: Any
) -> Starlette:
    """Return the application that serves a store.

    Parameters
    ----------
    starter
        The coder whom the one-time link signs in.
    now
        Returns microseconds since 1970, UTC.
    """
    app = Starlette(
        routes=list(ROUTES),
        middleware=[
            Middleware(Guard, settings=settings),
            Middleware(_ShortWay),
            Middleware(GZipMiddleware, minimum_size=_SMALL),
        ],
        exception_handlers={404: _nothing_here, 405: _nothing_here, NutgrafError: _in_words},
        **more,
    )
    app.state.session = Session(store, settings, now)
    app.state.starter = starter
    return app


class _ShortWay:
    """Hand decisions straight to their route: past compression, for answers of some hundred bytes, and other routes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on."""
        if scope["type"] != "http" or scope["method"] != "POST" or scope["path"] != ENTRIES.path:
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            response = await ENTRIES.endpoint(request)
        except NutgrafError as error:
            response = await _in_words(request, error)
        await response(scope, receive, send)


async def _in_words(request: Request, error: Exception) -> Response:
    status = next((code for kind, code in _STATUS.items() if isinstance(error, kind)), 400)
    if request.url.path.startswith("/api/"):
        return answers.as_json({"problem": str(error)}, status)
    return answers.page(request, "message.html", status=status, message="went_wrong", detail=str(error))


async def _nothing_here(request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 404)
    if request.url.path.startswith("/api/"):
        return answers.as_json({"problem": "there is nothing here"}, status)
    return answers.page(request, "message.html", status=status, message="nothing_here")
