"""Read TOML that a user wrote, with messages that name the line."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from annotate.errors import InputError, NutgrafError
from annotate.files import open_stream, read_whole

_PLACE: Final = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


def read_text(path: str | Path, *, refusal: type[NutgrafError] = InputError) -> str:
    """Return the text of a file in UTF-8, with or without a byte order mark.

    Raises
    ------
    NoSuchFile
        If there is no such file.
    NutgrafError
        Of the type ``refusal``, if it is not UTF-8.
    """
    with open_stream(path) as stream:
        raw = read_whole(stream, where=path)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise refusal("is not UTF-8", where=f"{path}:{line}", remedy="save it as UTF-8") from error


def parse(text: str, where: object, *, guide: str, refusal: type[NutgrafError] = InputError) -> dict[str, Any]:
    """Return the table that a text in TOML holds.

    Parameters
    ----------
    guide
        The file that shows the form, for the message.

    Raises
    ------
    NutgrafError
        Of the type ``refusal``, if it is not TOML.
    """
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # also numbers too long and tables too deep
        message = str(error)
        place = _PLACE.search(message)
        line = place and (place[1] or text.count("\n") + 1)
        raise refusal(
            f"is not TOML: {_PLACE.sub('', message)}",
            where=f"{where}:{line}" if line else where,
            remedy=f"{guide} shows the form",
        ) from error


def meant(field: str, known: Sequence[str]) -> str:
    """Return what to do about a field that is not known: the one it looks like, or all there are."""
    near = difflib.get_close_matches(field, known, n=1)
    return f"did you mean `{near[0]}`?" if near else f"the fields are {', '.join(known)}"
