"""An evaluation as HTML, Markdown or JSON."""

from __future__ import annotations

from typing import Final

import msgspec

from annotate.classify.evaluation import Evaluation
from annotate.report.templating import fill
from annotate.types import Codebook

FORMATS: Final = (".html", ".md", ".json")


def render(evaluation: Evaluation, codebook: Codebook, extension: str) -> str:
    """Return the report in the format of the extension, one of ``FORMATS``."""
    if extension == ".json":
        return msgspec.json.format(msgspec.json.encode(evaluation), indent=2).decode() + "\n"
    return fill(f"evaluation{extension}.j2", evaluation=evaluation, codebook=codebook)
