"""What the coders are: people, language models, programs. A figure of agreement means nothing without it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

import msgspec

from annotate.errors import EncodingError, FormatError
from annotate.files import open_stream, read_whole
from annotate.resources import carried

CODERS: Final = "coders.toml"


class CoderKind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a coder is.

    Parameters
    ----------
    note
        What else a reader must know: training, affiliation, a model's family and prompt.
    """

    kind: Literal["person", "language model", "program"]
    note: str = ""


def read_coders(labels: str | Path | None = None) -> Mapping[str, CoderKind]:
    """Read ``coders.toml`` beside a file of labels, by coder; empty if there is none.

    Parameters
    ----------
    labels
        The file of labels; without one, that of the labels nutgraf comes with.

    Raises
    ------
    FormatError
        If it is not TOML, or a table in it does not say what the coder is.
    EncodingError
        If it is not UTF-8.
    """
    path = (carried("data", "gold") if labels is None else Path(labels).parent) / CODERS
    if not path.is_file():
        return {}
    with open_stream(path) as stream:
        raw = read_whole(stream, where=path)
    try:
        return msgspec.convert(tomllib.loads(raw.decode("utf-8-sig")), dict[str, CoderKind])
    except UnicodeDecodeError as error:
        raise EncodingError("is not UTF-8", where=path, remedy="save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise FormatError(f"is not TOML ({error})", where=path, remedy=_FORM) from error
    except msgspec.ValidationError as error:
        raise FormatError(f"does not say what the coders are ({error})", where=path, remedy=_FORM) from error


_FORM: Final = 'write a table a coder: [name], kind = "person", "language model" or "program", note = "…"'
