"""Label Studio's JSON: tasks with predictions and annotations, as its import takes them and its export gives them.

A task is a sentence with a choice for its label, or, with spans, an article in which sentences are marked. Label Studio
counts UTF-16 units, as JavaScript does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from annotate.errors import EncodingError, FormatError, InputError, OffsetMismatch
from annotate.exchange.annotation import Annotation, by_sentence, place_of, said
from annotate.exchange.doccano import unit_key
from annotate.exchange.located import code_points_to_utf16, utf16_to_code_points
from annotate.files import open_stream, read_whole
from annotate.outputs import new_file
from annotate.types import Row

LABEL, TEXT = "label", "text"
"""What the labelling interface calls the question for the label, and what is labelled."""

_PROVENANCE: Final = ("coder", "unsure", "note", "time", "round", "codebook")
_SENTENCE: Final = ("article", "index", "paragraph", "start", "end", "text", "quote")


def tasks(annotations: Sequence[Annotation]) -> Iterator[dict[str, Any]]:
    """Yield a task for each sentence, with the annotations of all its coders and a model's prediction."""
    for several in by_sentence(annotations).values():
        sentence = several[0].sentence
        yield {
            "data": {"key": unit_key(sentence), **msgspec.to_builtins(sentence)},
            "annotations": [_annotation(one) for one in several if one.judged],
            "predictions": [_prediction(one, [_choice(LABEL, one.predicted)]) for one in several if one.predicted],
        }


def span_tasks(annotations: Sequence[Annotation], texts: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Yield a task for each article, with its labelled sentences marked: an annotation a coder.

    Raises
    ------
    InputError
        If the text of an article is not at hand, or a coder skipped or is not named, which a marked text can't hold.
    """
    of: dict[str, list[Annotation]] = {}
    for one in annotations:
        of.setdefault(one.sentence.article, []).append(one)
    for article, several in of.items():
        if article not in texts:
            raise InputError(f"the text of {article!r} is not at hand", remedy="name the articles with --text")
        text = texts[article]
        coders: dict[str, list[dict[str, Any]]] = {}
        models: dict[str, list[dict[str, Any]]] = {}
        for one in several:
            if one.skipped:
                raise InputError(
                    "marked texts hold no skipped sentence",
                    where=place_of(one.sentence),
                    remedy="use --to label-studio, a sentence a task",
                )
            if one.label:
                coders.setdefault(one.coder or "", []).append(_marked(one, one.label, text))
            if one.predicted:
                models.setdefault(one.model or "", []).append(_marked(one, one.predicted, text))
        yield {
            "data": {"article": article, "text": text},
            "annotations": [_finished(marks) for marks in coders.values()],
            "predictions": [{"result": marks, "model_version": model} for model, marks in models.items()],
        }


def write_tasks(path: str | Path, made: Iterable[dict[str, Any]], *, force: bool = False) -> int:
    """Write tasks as one JSON list and return their number; see :func:`annotate.outputs.new_file`."""
    listed = list(made)
    with new_file(path, force=force) as stream:
        stream.write(msgspec.json.encode(listed) + b"\n")
    return len(listed)


def rows_of(path: str | Path) -> Iterator[tuple[str, Row]]:
    """Yield the judgments and predictions of all tasks as rows, and the sentences that nobody judged.

    Raises
    ------
    FormatError
        If it is not such a file, or an annotation has several labels.
    """
    for number, task in enumerate(_read(path), start=1):
        where = f"{path}:task {number}"
        fields = task.get("data")
        if not isinstance(fields, dict):
            raise FormatError("is no task: it has no data", where=where, remedy="export the project as JSON")
        found = [row for one in task.get("annotations") or () for row in _judged(one, fields, where)]
        found += [row for one in task.get("predictions") or () for row in _predicted(one, fields, where)]
        yield from ((where, row) for row in found or ([fields] if _is_sentence(fields) else []))


def _read(path: str | Path) -> list[dict[str, Any]]:
    with open_stream(path) as stream:
        raw = read_whole(stream, where=path)
    try:
        return msgspec.json.decode(raw.removeprefix(b"\xef\xbb\xbf"), type=list[dict[str, Any]])
    except UnicodeDecodeError as error:
        raise EncodingError("is not UTF-8", where=path, remedy="save it as UTF-8") from error
    except (msgspec.MsgspecError, RecursionError) as error:
        raise FormatError(f"is no list of tasks ({error})", where=path, remedy="export the project as JSON") from error


def _choice(name: str, chosen: str | list[str] | None) -> dict[str, Any]:
    choices = [chosen] if isinstance(chosen, str) else chosen or []
    return {"from_name": name, "to_name": TEXT, "type": "choices", "value": {"choices": choices}}


def _annotation(one: Annotation) -> dict[str, Any]:
    """Return a judgment: its label, with all that Label Studio has no field for as ``meta``, and its answers."""
    result = [_choice(LABEL, one.label) | {"meta": _provenance(one)}]
    result += [_choice(key, value) for key, value in one.variables.items()]
    return _finished(result) | {"was_cancelled": one.skipped}


def _finished(result: list[dict[str, Any]]) -> dict[str, Any]:
    # On import Label Studio drops every field of an annotation that it does not know, puts its own time and whoever
    # imports it into those it knows, and calls it a ground truth unless told otherwise. It leaves `result` alone.
    return {"result": result, "ground_truth": False}


def _prediction(one: Annotation, result: list[dict[str, Any]]) -> dict[str, Any]:
    score = one.probabilities.get(one.predicted or "")
    made: dict[str, Any] = {"result": result, "model_version": one.model or "", "nutgraf": dict(one.probabilities)}
    return made if score is None else made | {"score": score}


def _provenance(one: Annotation) -> Row:
    return {column: value for column, value in said(one).items() if column in _PROVENANCE}


def _marked(one: Annotation, label: str, text: str) -> dict[str, Any]:
    sentence = one.sentence
    start, end = (code_points_to_utf16(text, place) for place in (sentence.start, sentence.end))
    return {
        "from_name": LABEL,
        "to_name": TEXT,
        "type": "labels",
        "value": {"start": start, "end": end, "text": sentence.text, "labels": [label]},
        "meta": {column: getattr(sentence, column) for column in ("index", "paragraph", "quote")} | said(one),
    }


def _judged(annotation: Row, fields: Row, where: str) -> Iterator[Row]:
    result = annotation.get("result") or []
    own: Row = {"coder": _completed_by(annotation), "time": annotation.get("created_at")}
    if annotation.get("updated_by") is not None:  # what was said of it is not of whoever changed it since
        result = [{**one, "meta": _without_provenance(one.get("meta") or {})} for one in result]
    spans = [one for one in result if one.get("type") == "labels"]
    if spans:
        for span in spans:
            yield own | _span(span, fields, where)
        return
    common = own | _first_meta(result)
    given = {one.get("from_name"): (one.get("value") or {}).get("choices") or [] for one in result}
    if annotation.get("was_cancelled") or not any(given.values()):
        yield _sentence(fields) | common | {"label": None, "skipped": True}
        return
    named = LABEL if LABEL in given else next(iter(given))
    answers = {key: chosen[0] if len(chosen) == 1 else chosen for key, chosen in given.items() if key != named}
    yield _sentence(fields) | common | {"label": given[named], "variables": answers}


def _first_meta(result: Sequence[Row]) -> Row:
    found: Row = next((one["meta"] for one in result if one.get("from_name") == LABEL and one.get("meta")), {})
    return {column: value for column, value in found.items() if column in _PROVENANCE}


def _without_provenance(meta: Row) -> Row:
    return {column: value for column, value in meta.items() if column not in _PROVENANCE}


def _predicted(prediction: Row | int, fields: Row, where: str) -> Iterator[Row]:
    if isinstance(prediction, int):  # Label Studio exports no more than a prediction's number
        return
    model = {"model": prediction.get("model_version"), "probabilities": prediction.get("nutgraf") or {}}
    for one in prediction.get("result") or ():
        if one.get("type") == "labels":
            row = _span(one, fields, where)
            yield model | {key: value for key, value in row.items() if key != "label"} | {"predicted": row["label"][0]}
        elif choices := (one.get("value") or {}).get("choices"):
            yield _sentence(fields) | model | {"label": None, "predicted": choices[0]}


def _span(span: Row, fields: Row, where: str) -> Row:
    value, text = span.get("value") or {}, fields.get(TEXT)
    if not isinstance(text, str) or not isinstance(value.get("start"), int) or not isinstance(value.get("end"), int):
        raise FormatError("marks a span without text or offsets", where=where, remedy="export the project as JSON")
    start, end = (utf16_to_code_points(text, value[side], where) for side in ("start", "end"))
    if value.get("text") not in (None, text[start:end]):
        raise OffsetMismatch(where=where, expected=str(value["text"]), found=text[start:end])
    place = {"article": fields.get("article"), "start": start, "end": end, "text": text[start:end]}
    return {**(span.get("meta") or {}), **place, "whole": text, "label": value["labels"]}


def _sentence(fields: Row) -> Row:
    return {column: fields[column] for column in (*_SENTENCE, "key") if column in fields}


def _is_sentence(fields: Row) -> bool:
    return "key" in fields or "start" in fields


def _completed_by(annotation: Row) -> str | None:
    who = annotation.get("completed_by")
    if isinstance(who, dict):
        who = who.get("email") or who.get("id")
    return None if who is None else f"user-{who}" if isinstance(who, int) else str(who)
