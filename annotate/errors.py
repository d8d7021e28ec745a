"""Every error nutgraf raises on purpose.

NutgrafError
├── InputError          a file or row that cannot be used
│   ├── NoSuchFile
│   ├── EmptyInput
│   ├── EncodingError
│   ├── FormatError
│   ├── DuplicateId
│   └── OffsetMismatch  offsets and text disagree
├── OutputExists        nothing is overwritten unless the user says so
├── OutputFailed        the disk is full, the folder is read-only
├── CodebookError       a codebook that contradicts itself, or a label it does not hold
├── RecipeError         a recipe that names no estimator, or settings it does not take
├── NotHonest           a figure that would mislead is refused
├── ModelRefused        a model file that is changed, unsafe or made for something else
├── ProjectError        no project here, or a wish that contradicts what the project holds
│   ├── NotAssigned     a decision about a unit that the coder was not given
│   └── StoreRefused    a database that is in use, broken, tampered with or from a newer nutgraf
├── ServerFailed        an annotation server that does not answer, refuses, or holds something else than it should
└── MissingExtra        an optional part is not installed
"""

from __future__ import annotations

from typing import Self


class NutgrafError(Exception):
    """Base of all errors raised on purpose.

    Parameters
    ----------
    problem
        What is wrong, one clause without a full stop.
    where
        The place: a file, ``file:line``, or a document with offsets.
    remedy
        What the user can do about it.
    """

    def __init__(self, problem: str, *, where: object = None, remedy: str | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.where = None if where is None else str(where)
        self.remedy = remedy

    def at(self, where: object) -> Self:
        """Return the same error, of this place: for whoever knows it better than what raised the error."""
        self.where = str(where)
        return self

    def __str__(self) -> str:
        """Return the one line that a user reads: place, problem, remedy."""
        place = f"{self.where}: " if self.where else ""
        remedy = f"; {self.remedy}" if self.remedy else ""
        return " ".join(f"{place}{self.problem}{remedy}".split())


class InputError(NutgrafError):
    """A file or row that cannot be used."""


class NoSuchFile(InputError):
    """A path that names nothing, or not a file."""


class EmptyInput(InputError):
    """An input with nothing in it."""


class EncodingError(InputError):
    """Bytes that are not text in the encoding assumed."""


class FormatError(InputError):
    """A row or file that is not in the format its name or place promises."""


class DuplicateId(InputError):
    """Two articles or units with one id."""


class OffsetMismatch(InputError):
    """Offsets that do not cut the text they are said to cut.

    Both texts are kept, whole, for whoever catches the error; the message shows their beginnings.
    """

    def __init__(self, *, where: object, expected: str, found: str, remedy: str | None = None) -> None:
        self.expected, self.found = expected, found
        super().__init__(
            f"offsets cut {_shorten(found)} where the row says {_shorten(expected)}",
            where=where,
            remedy=remedy or "the text has changed since the labels were made: use the text they were made on",
        )


class OutputExists(NutgrafError):
    """A file that would be overwritten."""


class OutputFailed(NutgrafError):
    """The output could not be written; nothing is left half-written."""


class CodebookError(NutgrafError):
    """A codebook that contradicts itself, or a label it does not hold."""


class RecipeError(NutgrafError):
    """A recipe that names no estimator, or settings that the estimator does not take."""


class NotHonest(NutgrafError):
    """A figure that would mislead; the message says what is missing."""


class ModelRefused(NutgrafError):
    """A model that is changed, unsafe, of an unknown format or made for another codebook."""


class ProjectError(NutgrafError):
    """No project here, or a wish that contradicts what the project holds."""


class NotAssigned(ProjectError):
    """A decision about a unit that the coder was not given."""


class StoreRefused(ProjectError):
    """A project's database that is in use, broken, tampered with or made by a newer nutgraf."""


class ServerFailed(NutgrafError):
    """An annotation server that does not answer, refuses, or holds something else than it should."""


class MissingExtra(NutgrafError):
    """An optional part that is not installed."""

    def __init__(self, extra: str, feature: str) -> None:
        self.extra = extra
        super().__init__(f"{feature} needs an optional part", remedy=f"install it with: pip install 'nutgraf[{extra}]'")


def _shorten(text: str, width: int = 60) -> str:
    return repr(text if len(text) <= width else text[: width - 1] + "…")
