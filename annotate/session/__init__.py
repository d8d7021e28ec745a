"""The annotation session in the browser: a coder labels, a team labels side by side, nothing acknowledged is lost."""

from __future__ import annotations

from annotate.errors import MissingExtra

try:
    from annotate.session.app import create_app
    from annotate.session.serve import Address, serve
    from annotate.session.settings import Settings
except ModuleNotFoundError as error:
    raise MissingExtra("session", "labelling in the browser") from error

__all__ = ["Address", "Settings", "create_app", "serve"]
