"""What a lead sees: who is where, how far coders agree, who belongs to the team."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from annotate.session import answers, doors
from annotate.session.session import Session
from annotate.session.visitors import Visitor


@doors.page("lead")
async def round_page(request: Request, session: Session, visitor: Visitor) -> Response:
    """Show how a round goes."""
    return answers.page(request, "message.html", visitor=visitor, message="nothing_here")


@doors.page("lead")
async def people_page(request: Request, session: Session, visitor: Visitor) -> Response:
    """Show who works on the project."""
    return answers.page(request, "message.html", visitor=visitor, message="nothing_here")


@doors.form("lead")
async def people(request: Request, session: Session, visitor: Visitor) -> Response:
    """Change who works on the project."""
    return answers.page(request, "message.html", visitor=visitor, message="nothing_here")


@doors.script("lead")
async def agreement(request: Request, session: Session, visitor: Visitor) -> Response:
    """Answer with how far coders agree."""
    return answers.as_json({})
