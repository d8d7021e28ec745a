"""A sentence with what somebody, or a model, said of it: what every format holds, each in its own way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from annotate.codebook import checked_answers
from annotate.errors import CodebookError, FormatError, InputError
from annotate.types import Codebook, Row, Sentence

PLACE: Final = ("article", "index", "paragraph", "start", "end", "text", "quote")
_SAID: Final = ("coder", "skipped", "unsure", "note", "time", "round", "codebook", "predicted", "model")
_MANY: Final = "|"  # no key of a codebook holds it


class Annotation(msgspec.Struct, frozen=True, omit_defaults=True):
    """A sentence as one coder judged it, or as nobody did yet.

    Parameters
    ----------
    label
        A key of the codebook; None where the sentence is unlabelled or was skipped.
    variables
        Answers to the codebook's variables: a key, or a list of keys where several may be chosen.
    time
        When it was judged, ISO 8601.
    round, codebook
        The round's name, and the fingerprint of the codebook that the coder saw.
    predicted, probabilities, model
        What a model says of the sentence, for a coder to confirm or change.
    """

    sentence: Sentence
    label: str | None = None
    coder: str | None = None
    skipped: bool = False
    unsure: bool = False
    note: str | None = None
    variables: Mapping[str, str | list[str]] = {}
    time: str | None = None
    round: str | None = None
    codebook: str | None = None
    predicted: str | None = None
    probabilities: Mapping[str, float] = {}
    model: str | None = None

    @property
    def judged(self) -> bool:
        """Return whether somebody decided about the sentence."""
        return self.label is not None or self.skipped


def said(annotation: Annotation) -> Row:
    """Return everything but sentence and label as one level of named values; what is not there is left out."""
    values = msgspec.to_builtins(annotation)
    row = {column: values[column] for column in _SAID if column in values}
    row |= {f"variables.{key}": _joined(value) for key, value in annotation.variables.items()}
    row |= {f"probabilities.{label}": p for label, p in annotation.probabilities.items()}
    return row


def said_columns(annotations: Iterable[Annotation]) -> tuple[str, ...]:
    """Return the columns that :func:`said` gives for any of the annotations, in one order."""
    used = {column for annotation in annotations for column in said(annotation)}
    order = {column: place for place, column in enumerate(_SAID)}
    return tuple(sorted(used, key=lambda column: (order.get(column, len(order)), column)))


def as_row(annotation: Annotation) -> Row:
    """Return an annotation as a row of a table."""
    return {**msgspec.to_builtins(annotation.sentence), "label": annotation.label, **said(annotation)}


def from_row(row: Row, sentence: Sentence, label: str | None, codebook: Codebook, *, where: str) -> Annotation:
    """Return what a row says of a sentence.

    A row that names a model and no coder, as ``nutgraf predict`` writes it, says what the model predicts.

    Raises
    ------
    FormatError
        If a value is not what its column holds.
    CodebookError
        If an answer is not one of the codebook's.
    """
    row = {column: value for column, value in row.items() if value not in (None, "")}
    values: Row = {column: row[column] for column in _SAID if column in row}
    if "coder" in values:
        values["coder"] = str(values["coder"])
    if "model" in values and "coder" not in values and "predicted" not in values:
        values["predicted"], label = label, None
    if row.get("label") == "skip":
        values["skipped"] = True
    nested = row.get("variables"), row.get("probabilities")
    answers = {**_below("variables.", row), **(nested[0] if isinstance(nested[0], dict) else {})}
    shares = {**_below("probabilities.", row), **(nested[1] if isinstance(nested[1], dict) else {})}
    values["variables"] = _answered(answers, label, codebook, where)
    values["probabilities"] = shares
    try:
        return msgspec.convert(
            {**values, "sentence": msgspec.to_builtins(sentence), "label": label}, Annotation, strict=False
        )
    except msgspec.ValidationError as error:
        raise FormatError(
            f"is no judgment ({error})", where=where, remedy="docs/formats.md shows the columns"
        ) from error


def refuse_unencodable(annotations: Sequence[Annotation]) -> None:
    """Raise :class:`InputError` at half a character: no file in UTF-8 can hold it."""
    for annotation in annotations:
        for text in _texts(annotation):
            try:
                text.encode()
            except UnicodeEncodeError as error:
                raise InputError(
                    f"holds half a character (a lone surrogate) at {error.start}, which no file can hold",
                    where=place_of(annotation.sentence),
                    remedy="take it out of the text and split it again",
                ) from error


def place_of(sentence: Sentence) -> str:
    """Return where a sentence stands, for messages."""
    return f"{sentence.article!r} {sentence.start} to {sentence.end}"


def by_sentence(annotations: Iterable[Annotation]) -> dict[tuple[str, int, int], list[Annotation]]:
    """Return the annotations of each sentence, in the order in which sentences first come."""
    found: dict[tuple[str, int, int], list[Annotation]] = {}
    for one in annotations:
        found.setdefault((one.sentence.article, one.sentence.start, one.sentence.end), []).append(one)
    return found


def refuse_several(annotations: Sequence[Annotation], form: str) -> None:
    """Raise :class:`InputError` where a sentence has several coders and the format holds one label a sentence."""
    for several in by_sentence(annotations).values():
        if len(several) > 1:
            coders = ", ".join(sorted({one.coder or "nobody" for one in several}))
            raise InputError(
                f"{form} holds one label a sentence, and this one was judged by {coders}",
                where=place_of(several[0].sentence),
                remedy="choose a coder with --coder, or let them come to one label with --gold majority",
            )


def _texts(annotation: Annotation) -> Iterator[str]:
    yield annotation.sentence.article
    yield annotation.sentence.text
    for value in (annotation.coder, annotation.note, annotation.round, annotation.model):
        if value is not None:
            yield value


def _joined(value: str | list[str]) -> str:
    """Return an answer as one text: several as ``a|b``, one of a multiple choice as ``a|``, none of it as ``|``."""
    return value if isinstance(value, str) else _MANY.join(value if len(value) > 1 else [*value, ""]) or _MANY


def _answered(answers: Row, label: str | None, codebook: Codebook, where: str) -> dict[str, str | list[str]]:
    many = {variable.key for variable in codebook.variables if variable.multiple}
    given = {key: _parted(value, many=key in many) for key, value in answers.items() if value not in (None, "")}
    try:
        # What was coded elsewhere may lack an answer.
        return checked_answers(codebook, label, given, complete=False)
    except CodebookError as error:
        asked = [f"{variable.key}: {', '.join(variable.keys)}" for variable in codebook.asked(label)]
        raise CodebookError(
            error.problem, where=where, remedy=f"asked is {'; '.join(asked)}" if asked else "leave it empty"
        ) from error


def _parted(value: Any, *, many: bool) -> Any:
    """Return an answer from a cell; a spreadsheet makes a number of the key ``1``."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = f"{value:g}"
    if isinstance(value, str) and (many or _MANY in value):
        return [part for part in value.split(_MANY) if part]
    return value


def _below(prefix: str, row: Row) -> Row:
    return {column.removeprefix(prefix): value for column, value in row.items() if column.startswith(prefix)}
