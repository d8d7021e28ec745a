"""UIMA CAS for INCEpTION: a file an article, its sentences as annotations with label and coder.

JSON (UIMA CAS JSON 0.4) is written, which holds every character; XMI is read too. dkpro-cassis counts offsets in UTF-16
units there, as UIMA does, and in code points here.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from annotate.errors import EmptyInput, FormatError, InputError, MissingExtra
from annotate.exchange.annotation import Annotation, said
from annotate.outputs import new_folder
from annotate.types import Codebook, Row

LAYER: Final = "webanno.custom.Nutgraf"
_TITLE: Final = "de.tudarmstadt.ukp.dkpro.core.api.metadata.type.DocumentMetaData"
_NUMBERS: Final = ("index", "paragraph", "quote")
_TEXTS: Final = (
    "label",
    "coder",
    "skipped",
    "unsure",
    "note",
    "time",
    "round",
    "codebook",
    "predicted",
    "model",
    "more",
)
_VIEW_NAMES: Final = re.compile(r"[^\w.-]+")
_TYPES: Final = "TypeSystem.xml"


def write_annotations(
    folder: str | Path,
    annotations: Sequence[Annotation],
    codebook: Codebook,
    texts: Mapping[str, str],
    *,
    force: bool = False,
) -> int:
    """Write a CAS an article, the layer's types and the guidelines; return the number of annotations.

    Raises
    ------
    InputError
        If the text of an article is not at hand.
    MissingExtra
        If dkpro-cassis is not installed.
    OutputExists, OutputFailed
        See :func:`annotate.outputs.new_folder`.
    """
    cassis = _cassis()
    types = _type_system(cassis)
    of: dict[str, list[Annotation]] = {}
    for one in annotations:
        of.setdefault(one.sentence.article, []).append(one)
    with new_folder(folder, force=force) as new:
        types.to_xml(str(new / _TYPES))
        for article, several in of.items():
            if article not in texts:
                raise InputError(f"the text of {article!r} is not at hand", remedy="name the articles with --text")
            cas = cassis.Cas(types)
            cas.sofa_string, cas.sofa_mime = texts[article], "text/plain"
            title = types.get_type(_TITLE)
            cas.add(title(begin=0, end=len(texts[article]), documentTitle=article, documentId=article))
            layer = types.get_type(LAYER)
            for one in several:
                cas.add(layer(begin=one.sentence.start, end=one.sentence.end, **_features(one)))
            cas.to_json(str(new / _file_name(article)))
        (new / "guidelines.md").write_text(codebook.guidelines, encoding="utf-8")
    return len(annotations)


def rows_of(path: str | Path) -> Iterator[tuple[str, Row]]:
    """Yield the annotations of a CAS, or of all in a folder, as rows with their places.

    Raises
    ------
    FormatError
        If it is no CAS, or its annotations are of another layer.
    EmptyInput
        If there is none in the folder.
    MissingExtra
        If dkpro-cassis is not installed.
    """
    folder = Path(path)
    files = sorted([*folder.rglob("*.json"), *folder.rglob("*.xmi")]) if folder.is_dir() else [folder]
    if not files:
        raise EmptyInput("holds no .json or .xmi", where=path, remedy="export UIMA CAS JSON from INCEpTION")
    for file in files:
        yield from _rows_of_file(file)


def _rows_of_file(file: Path) -> Iterator[tuple[str, Row]]:
    cas = _read(file)
    known = {one.name for one in cas.typesystem.get_types()}
    if LAYER not in known:
        raise FormatError(
            f"has no layer {LAYER}", where=file, remedy="export sentences to INCEpTION with nutgraf first"
        )
    titles = [one.documentId or one.documentTitle for one in cas.select(_TITLE)] if _TITLE in known else []
    article, text = next(filter(None, titles), file.stem), cas.sofa_string or ""
    for number, found in enumerate(cas.select(LAYER), start=1):
        row: Row = {name: getattr(found, name, None) for name in (*_NUMBERS, *_TEXTS)}
        more = row.pop("more")
        place = {"article": article, "start": found.begin, "end": found.end, "text": text[found.begin : found.end]}
        yield f"{file}:annotation {number}", row | place | (msgspec.json.decode(more) if more else {}) | {"whole": text}


def _read(file: Path) -> Any:
    cassis = _cassis()
    try:
        if file.suffix == ".json":
            return cassis.load_cas_from_json(file.read_text(encoding="utf-8"))
        types = file.with_name(_TYPES)
        with file.open("rb") as stream, types.open("rb") as described:
            return cassis.load_cas_from_xmi(stream, typesystem=cassis.load_typesystem(described))
    except FileNotFoundError as error:
        raise FormatError(f"needs {_TYPES} beside it", where=file, remedy="unpack all of the export") from error
    except Exception as error:  # whatever lxml, json and cassis raise at what is no CAS
        raise FormatError(
            f"is no CAS ({type(error).__name__}: {error})", where=file, remedy="export it again"
        ) from error


def _features(one: Annotation) -> Row:
    values = msgspec.to_builtins(one.sentence) | said(one) | {"label": one.label}
    more = {column: value for column, value in values.items() if "." in column}
    features = {name: values.get(name) for name in _NUMBERS}
    for name in _TEXTS[:-1]:
        value = values.get(name)
        features[name] = str(value).lower() if isinstance(value, bool) else value
    return features | {"more": msgspec.json.encode(more).decode() if more else None}


def _type_system(cassis: Any) -> Any:
    types = cassis.TypeSystem()
    layer = types.create_type(LAYER)
    for name in _NUMBERS:
        types.create_feature(layer, name, "uima.cas.Integer")
    for name in _TEXTS:
        types.create_feature(layer, name, "uima.cas.String")
    title = types.create_type(_TITLE, "uima.tcas.DocumentAnnotation")
    for name in ("documentTitle", "documentId"):
        types.create_feature(title, name, "uima.cas.String")
    return types


def _file_name(article: str) -> str:
    """Return a name that every file system takes and no other article has."""
    plain = _VIEW_NAMES.sub("_", article)[:80]
    unique = "" if plain == article else "-" + hashlib.sha256(article.encode()).hexdigest()[:8]
    return f"{plain}{unique}.json"


def _cassis() -> Any:
    try:
        import cassis  # noqa: PLC0415 - an optional part
    except ModuleNotFoundError as error:
        raise MissingExtra("inception", "a UIMA CAS") from error
    return cassis
