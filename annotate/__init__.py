"""nutgraf: from news pages to claims about framing that survive peer review.

The public names are imported when they are first used, so that ``import annotate`` costs little.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "certify": "agreement",
    "read_ratings": "agreement.reading",
    "evaluate": "classify.evaluate",
    "load_model": "classify.model",
    "train": "classify.model",
    "read_codebook": "codebook",
    "write_doccano": "exchange.doccano",
    "write_datasets": "exchange.hf",
    "read_labelled": "exchange.labelled",
    "read_sentences": "exchange.sentences",
    "read_articles": "readers",
    "split": "sentences",
    "write_table": "tables",
}

__all__ = ["__version__", *_HOMES]  # noqa: PLE0604 - the keys are strings


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'annotate' has no attribute {name!r}")
    return getattr(import_module(f"annotate.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return list(__all__)
