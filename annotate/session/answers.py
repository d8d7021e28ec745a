"""Answers to requests: JSON from values, pages from templates."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, TypeVar

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from annotate import __version__
from annotate.errors import NutgrafError
from annotate.session import statics, words
from annotate.session.session import Session
from annotate.session.visitors import Visitor, proof

T = TypeVar("T")

_ENCODER: Final = msgspec.json.Encoder()
FORM_COOKIE: Final = "form"
"""Ending of the cookie that ties a form to a browser that is not signed in."""


class BadRequest(NutgrafError):
    """A request that no page of the session sends."""


def as_json(value: Any, status: int = 200) -> Response:
    """Return a value as JSON."""
    return Response(_ENCODER.encode(value), status, media_type="application/json")


async def read_json(request: Request, kind: type[T]) -> T:
    """Return the value that a request carries.

    Raises
    ------
    BadRequest
        If it carries none.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise BadRequest("is not JSON")
    try:
        return msgspec.json.decode(await request.body(), type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest(f"is not what a page sends ({error})") from error


def page(
    request: Request, template: str, *, visitor: Visitor | None = None, status: int = 200, **values: Any
) -> HTMLResponse:
    """Return a page from its template, in the visitor's language; everything that goes in is escaped."""
    session: Session = request.app.state.session
    language = language_of(request, visitor)
    secret = visitor.secret if visitor is not None else values.pop("form_secret", "")
    found = _environment().get_template(template)
    body = found.render(
        say=words.Words(language),
        language=language,
        languages=words.languages(),
        visitor=visitor,
        proof=proof(secret) if secret else "",
        project=session.project,
        static=f"/static/{statics.shelf().digest}",
        version=__version__,
        path=request.url.path,
        theme=(visitor.coder.preferences.get("theme") if visitor else None) or "auto",
        **values,
    )
    return HTMLResponse(body, status)


def language_of(request: Request, visitor: Visitor | None) -> str:
    """Return the language to answer in: the visitor's, else the browser's."""
    wanted = None if visitor is None else visitor.coder.preferences.get("language")
    return words.choose(wanted, request.headers.get("accept-language", ""))


def first(form: Mapping[str, list[str]], field: str) -> str:
    """Return a form's field, empty if it is not there."""
    return form.get(field, [""])[0]


@lru_cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("annotate.session"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
