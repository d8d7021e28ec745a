"""skops archives with two guarantees more: the same estimator gives the same bytes, and unknown types are refused.

skops names objects by their memory address and stamps files with the time; here both are replaced by counting.
"""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any, Final

import skops.io

from annotate.classify.committee import Calibration, Committee, Networks, Regression, Trees
from annotate.classify.features import ReaderFeatures
from annotate.classify.ngrams import SentenceText
from annotate.classify.stack import ArticleStack
from annotate.classify.views import LinearView, MeaningView
from annotate.errors import ModelRefused

# Estimators of our own that a model may hold. Building one stores its parameters and runs nothing else.
_OURS: Final = (
    SentenceText,
    ReaderFeatures,
    ArticleStack,
    LinearView,
    MeaningView,
    Committee,
    Trees,
    Networks,
    Regression,
    Calibration,
)
OUR_TYPES: Final = (
    *(f"{cls.__module__}.{cls.__qualname__}" for cls in _OURS),
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",  # arrays; skops does not list it
)
# A vectorizer remembers the address of its list of stop words to check it once; after loading it checks again.
_ADDRESS: Final = "_stop_words_id"
_SCHEMA: Final = "schema.json"
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_LARGEST: Final = 2 * 1024**3


def dumps(estimator: object) -> bytes:
    """Return the estimator as a canonical skops archive."""
    with zipfile.ZipFile(io.BytesIO(skops.io.dumps(estimator))) as archive:
        schema = json.loads(archive.read(_SCHEMA))
        names: dict[str, str] = {}
        _renumber(schema, {}, names)
        parts = {new: archive.read(old) for old, new in names.items()}
    parts[_SCHEMA] = json.dumps(schema, sort_keys=True, separators=(",", ":")).encode()
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name in sorted(parts):
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), parts[name], zipfile.ZIP_DEFLATED, 6)
    return target.getvalue()


def loads(content: bytes, *, where: Path) -> Any:
    """Build the estimator from an archive after looking at every type in it.

    Raises
    ------
    ModelRefused
        If it is no skops archive, is too large, or holds a type that is neither scikit-learn's, NumPy's or SciPy's nor
        one of ``OUR_TYPES``.
    """
    try:
        return _build(content, where)
    except ModelRefused:
        raise
    except Exception as error:  # bytes that anyone may have written can fail anywhere below
        raise ModelRefused(
            "is not a skops archive that this version can read", where=where, remedy="train the model again"
        ) from error


def _build(content: bytes, where: Path) -> Any:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        size = sum(part.file_size for part in archive.infolist())
    if size > _LARGEST:
        raise ModelRefused(f"would unpack to {size / 1024**3:.1f} GiB", where=where, remedy="train a smaller model")
    unknown = sorted(set(skops.io.get_untrusted_types(data=content)) - set(OUR_TYPES))
    if unknown:
        raise ModelRefused(
            f"holds types that are not known to be safe: {', '.join(unknown)}",
            where=where,
            remedy="use only models that `nutgraf train` wrote",
        )
    return skops.io.loads(content, trusted=list(OUR_TYPES))


def _renumber(node: Any, ids: dict[int, int], names: dict[str, str]) -> None:
    """Replace memory addresses by the order of appearance, in place; ``names`` collects old and new file names."""
    if isinstance(node, list):
        for part in node:
            _renumber(part, ids, names)
        return
    if not isinstance(node, dict):
        return
    if isinstance(node.get("__id__"), int):
        node["__id__"] = ids.setdefault(node["__id__"], len(ids))
    if isinstance(node.get("file"), str):
        suffix = Path(node["file"]).suffix
        node["file"] = names.setdefault(node["file"], f"{len(names):05d}{suffix}")
    for name, part in node.items():
        if name == _ADDRESS:
            part["content"] = "0"
        _renumber(part, ids, names)
