"""The coder's page and what its script asks for. Whose work it is comes from the sign-in, never from the request."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from annotate.codebook import PLAIN, ink
from annotate.errors import NutgrafError
from annotate.session import answers, doors, hints, shown, statics, words
from annotate.session.entries import Batch, Desk
from annotate.session.session import Session
from annotate.session.visitors import Visitor
from annotate.store import Round
from annotate.types import Codebook, Variable

_PATIENCE: Final = 20.0
_MOST_KNOWN: Final = 500
MOST: Final = 999_999_999
"""The highest place that can be asked for."""


class NotHere(NutgrafError):
    """A round that the visitor has nothing to do in."""


@doors.page()
async def label_page(request: Request, session: Session, visitor: Visitor) -> Response:
    """Show the page on which a coder works through a round."""
    try:
        round_ = await _own_round(request, session, visitor)
    except NotHere:
        return answers.page(request, "message.html", visitor=visitor, status=404, message="no_round")
    codebook = await session.read(session.store.codebook)
    return answers.page(request, "label.html", visitor=visitor, round=round_, codebook=codebook, lane="coding")


@doors.script()
async def start(request: Request, session: Session, visitor: Visitor) -> Response:
    """Answer with all that the page needs to begin: codebook, settings, progress, the first units."""
    round_ = await _own_round(request, session, visitor)
    key = visitor.coder.key

    def read() -> dict[str, Any]:
        last = session.store.at(round_.id, key, MOST, back=True)
        return {
            "codebook": describe(session.store.codebook()),
            "progress": shown.count(session.store.progress(round_.id, key)),
            "grows": _grows(session, round_),
            "last": -1 if last is None else last.position,
            "work": shown.coder_work(session, round_, key, after=None, count=16, have=frozenset()),
        }

    told = {
        "project": session.project,
        "coder": key,
        "lane": "coding",
        "round": describe_round(round_),
        "preferences": visitor.coder.preferences,
    }
    return answers.as_json(told | await session.read(read))


@doors.script()
async def work(request: Request, session: Session, visitor: Visitor) -> Response:
    """Answer with the next open units of the coder's queue, or with the one that is named."""
    round_ = await _own_round(request, session, visitor)
    after, have, named = whole(request, "after"), known(request), whole(request, "unit")
    if named is not None:
        mine = await session.read(session.store.assigned, round_.id, visitor.coder.key, [named])
        found = await session.read(shown.coder_pages, session, round_, visitor.coder.key, list(mine), have)
        return answers.as_json(found)
    count = whole(request, "count") or shown.AT_ONCE
    found = await session.read(
        shown.coder_work, session, round_, visitor.coder.key, after=after, count=count, have=have
    )
    return answers.as_json(found)


@doors.script()
async def at(request: Request, session: Session, visitor: Visitor) -> Response:
    """Answer with what stands at a place of the coder's queue, or with what is next to it in the direction asked."""
    round_ = await _own_round(request, session, visitor)
    key, have, back = visitor.coder.key, known(request), bool(whole(request, "back"))
    position = request.path_params["position"]

    def read() -> shown.Work:
        one = session.store.at(round_.id, key, position, back=back)
        return shown.coder_pages(session, round_, key, [] if one is None else [one.unit], have)

    return answers.as_json(await session.read(read))


@doors.script()
async def entries(request: Request, session: Session, visitor: Visitor) -> Response:
    """Take what the coder decided; the answer is given when it is on disk."""
    batch = await answers.read_json(request, Batch)
    if batch.project != session.project or batch.coder != visitor.coder.key:
        # Kept in a browser for another project that was served here before, or for another coder.
        return answers.as_json({"problem": "somebody else's"}, 409)
    return answers.as_json({"answers": await Desk(session, visitor).take(batch.entries)})


@doors.script()
async def alive(request: Request, session: Session, visitor: Visitor) -> Response:
    """Answer after a while: a page that waits for it learns at once when the server dies.

    A page that says how many units of which round it knows of is answered as soon as the coder has others.
    """
    told = {"project": session.project, "coder": visitor.coder.key}
    number, known_of = whole(request, "round"), whole(request, "assigned")
    if number is None or known_of is None:
        with suppress(TimeoutError):
            await asyncio.wait_for(session.given_out.wait(), _PATIENCE)
        return answers.as_json(told)
    round_ = await _own_round(request, session, visitor, number)

    def read() -> dict[str, Any]:
        progress = shown.count(session.store.progress(round_.id, visitor.coder.key))
        return {"assigned": progress.assigned, "grows": _grows(session, round_)}

    # Asked for before it is counted: what is given out meanwhile is heard of.
    given_out = session.given_out
    found = await session.read(read)
    if found["assigned"] == known_of and not session.ends:
        with suppress(TimeoutError):
            await asyncio.wait_for(given_out.wait(), _PATIENCE)
            found = await session.read(read)
    return answers.as_json(told | found)


async def ping(_request: Request) -> Response:
    """Answer at once."""
    return Response(status_code=204)


async def said(request: Request) -> Response:
    """Answer with the phrases of a language."""
    language = request.path_params["language"]
    if language not in words.languages():
        return PlainTextResponse("There is no such language.\n", 404)
    response = answers.as_json(
        {
            name.partition(".")[2]: phrase
            for name, phrase in words.phrases(language).items()
            if name.startswith(("page.", "common."))
        }
    )
    response.headers["Cache-Control"] = statics.FOR_EVER
    return response


@doors.script()
async def colours(_request: Request, session: Session, _visitor: Visitor) -> Response:
    """Answer with the labels' colours as a style sheet: the policy allows no styles in a page."""
    codebook = await session.read(session.store.codebook)
    rules = [
        f".l-{label.key} {{ --label: {label.colour or PLAIN}; --label-ink: {ink(label.colour)}; }}"
        for label in codebook.labels
    ]
    return Response("\n".join(rules), media_type="text/css; charset=utf-8")


def describe(codebook: Codebook) -> dict[str, Any]:
    """Return what a page needs of a codebook."""
    return {
        "name": codebook.name,
        "version": codebook.version,
        "fingerprint": codebook.fingerprint,
        "guidelines": codebook.guidelines,
        "labels": [
            {
                "key": label.key,
                "name": label.name,
                "question": label.question,
                "definition": label.definition,
                "examples": label.examples,
                "hotkey": label.hotkey,
            }
            for label in codebook.labels
        ],
        "variables": [_describe_variable(variable) for variable in codebook.variables],
    }


def _describe_variable(variable: Variable) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.structs.asdict(variable)
    return told | {"values": [msgspec.structs.asdict(value) for value in variable.values]}


def describe_round(round_: Round) -> dict[str, Any]:
    """Return what a page needs of a round."""
    return {
        "id": round_.id,
        "name": round_.name,
        "purpose": round_.purpose,
        "spans": round_.settings.spans,
        "feedback": round_.settings.feedback,
        "waits": hints.tells_after(round_),
        "context": round_.settings.context,
        "hide": round_.settings.hide,
        "closed": round_.closed is not None,
    }


def whole(request: Request, name: str) -> int | None:
    """Return a whole number from the address.

    Raises
    ------
    BadRequest
        If it is something else.
    """
    given = request.query_params.get(name)
    if given is None or given == "":
        return None
    if not (given.isascii() and given.isdecimal() and len(given) < 10):
        raise answers.BadRequest(f"{name} is no whole number")
    return int(given)


def known(request: Request) -> frozenset[int]:
    """Return the numbers of the articles that a page has already."""
    given = request.query_params.get("have", "")
    numbers = given.split(",", _MOST_KNOWN)[:_MOST_KNOWN] if given else []
    return frozenset(
        int(number)
        for number in numbers
        if len(number) < 11 and number.isascii() and number.removeprefix("-").isdecimal()
    )


def _grows(session: Session, round_: Round) -> bool:
    """Return whether units may still be added to a round."""
    growth = round_.settings.growth
    return growth is not None and len(session.store.draws(round_.id)) < growth.size


async def _own_round(request: Request, session: Session, visitor: Visitor, number: int | None = None) -> Round:
    if number is None:
        number = request.path_params["round"]
    if number not in await session.read(session.store.rounds_of, visitor.coder.key):
        raise NotHere("there is nothing for you in this round")
    return await session.round(number)
