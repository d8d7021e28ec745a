"""The one place where templates meet values."""

from __future__ import annotations

from statistics import median
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from annotate import __version__
from annotate.classify.evaluate import Evaluation
from annotate.classify.scores import Interval, Scores
from annotate.codebook import PLAIN
from annotate.types import Codebook

FOLDS_SHOWN: Final = 12

PlotRow = tuple[str, Interval, bool]


def fill(template: str, **values: Any) -> str:
    """Return a template filled in; what goes into HTML is escaped."""
    environment = Environment(
        loader=PackageLoader("annotate.report"),
        autoescape=lambda name: bool(name and ".html" in name),  # noqa: S701 - on for all HTML, off for Markdown
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    environment.globals.update(
        version=__version__,
        plain_colour=PLAIN,
        macro_rows=_macro_rows,
        reliability=_reliability,
        coverage=_coverage,
        by_fold=_by_fold,
        label_rows=_label_rows,
        name_of=_name_of,
    )
    return environment.get_template(template).render(values)


def _macro_rows(evaluation: Evaluation) -> list[PlotRow]:
    rows = [("classifier", evaluation.scores.macro_f1, False)]
    rows += [(f"baseline: {name}", scores.macro_f1, True) for name, scores in evaluation.baselines.items()]
    if evaluation.rival:
        rows.append((evaluation.rival.recipe, evaluation.rival.macro_f1, True))
    if evaluation.random_split:
        rows.append(("leaking split", evaluation.random_split, True))
    return rows


def _by_fold(evaluation: Evaluation) -> str:
    folds = evaluation.folds
    if len(folds) <= FOLDS_SHOWN:
        return ", ".join(f"{fold.name} {fold.macro_f1:.3f}" for fold in folds)
    found = sorted(fold.macro_f1 for fold in folds)
    return f"{found[0]:.3f} to {found[-1]:.3f} in {len(folds)} folds, half of them above {median(found):.3f}"


def _reliability(evaluation: Evaluation) -> list[tuple[float, float]]:
    return [(b.confidence, b.accuracy) for b in evaluation.calibration.bins]


def _coverage(evaluation: Evaluation) -> list[tuple[float, float]]:
    return [(point.coverage, point.accuracy) for point in evaluation.coverage]


def _label_rows(scores: Scores, codebook: Codebook) -> list[PlotRow]:
    return [(_name_of(row.label, codebook), row.f1, False) for row in scores.by_label]


def _name_of(label: str, codebook: Codebook) -> str:
    return codebook[label].name
