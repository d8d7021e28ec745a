"""The one place where templates meet values."""

from __future__ import annotations

from math import ceil, floor, log10
from statistics import median, stdev
from typing import Any, Final, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from msgspec.structs import astuple

from annotate import __version__
from annotate.classify.curve import LearningCurve
from annotate.classify.evaluation import Evaluation
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
        spread=_spread,
        slice_rows=_slice_rows,
        curve_plot=_curve_plot,
        label_rows=_label_rows,
        name_of=_name_of,
    )
    return environment.get_template(template).render(values)


def _macro_rows(evaluation: Evaluation) -> list[PlotRow]:
    rows = [("classifier", evaluation.scores.macro_f1, False)]
    rows += [(f"baseline: {name}", scores.macro_f1, True) for name, scores in evaluation.baselines.items()]
    rows += [(rival.recipe, rival.macro_f1, True) for rival in evaluation.rivals]
    if evaluation.random_split:
        rows.append(("leaking split", evaluation.random_split, True))
    return rows


def _by_fold(evaluation: Evaluation) -> str:
    folds = evaluation.folds
    if len(folds) <= FOLDS_SHOWN:
        return ", ".join(f"{fold.name} {fold.macro_f1:.3f}" for fold in folds)
    found = sorted(fold.macro_f1 for fold in folds)
    return f"{found[0]:.3f} to {found[-1]:.3f} in {len(folds)} folds, half of them above {median(found):.3f}"


def _spread(evaluation: Evaluation) -> float:
    """Return the standard deviation of the folds' macro-F1."""
    found = [fold.macro_f1 for fold in evaluation.folds]
    return stdev(found) if len(found) > 1 else 0.0


def _slice_rows(evaluation: Evaluation) -> list[PlotRow]:
    parts = evaluation.slices.parts if evaluation.slices else ()
    return [(part.name, part.macro_f1, False) for part in parts]


class _Mark(NamedTuple):
    """A point of the curve with the ends of its interval, in shares of the plot's width and height."""

    x: float
    y: float
    low: float
    high: float
    said: str


class _CurvePlot(NamedTuple):
    """Where the points of a learning curve stand, and what stands at the axes."""

    measured: list[_Mark]
    ahead: list[_Mark]
    across: list[tuple[float, int]]
    up: list[tuple[float, float]]


def _curve_plot(curve: LearningCurve) -> _CurvePlot:
    """Lay out a learning curve: articles from 0, macro-F1 in the tenths around what was measured and forecast."""
    intervals = [point.macro_f1 for point in curve.points] + [forecast.macro_f1 for forecast in curve.forecasts]
    bottom = floor(10 * min(interval.low for interval in intervals)) / 10
    top = max(ceil(10 * max(interval.high for interval in intervals)) / 10, bottom + 0.1)
    widest = max(curve.points[-1].articles, curve.forecasts[-1].articles)

    def mark(articles: float, interval: Interval) -> _Mark:
        heights = (min(max((value - bottom) / (top - bottom), 0), 1) for value in astuple(interval))
        y, low, high = heights
        return _Mark(articles / widest, y, low, high, f"{articles:.0f} articles: {interval}")

    return _CurvePlot(
        measured=[mark(point.articles, point.macro_f1) for point in curve.points],
        ahead=[mark(forecast.articles, forecast.macro_f1) for forecast in curve.forecasts],
        across=[(n / widest, n) for n in _round_numbers(widest)],
        up=[((n / 10 - bottom) / (top - bottom), n / 10) for n in range(round(10 * bottom), round(10 * top) + 1)],
    )


def _round_numbers(largest: float) -> list[int]:
    """Return three to seven numbers from 0 that people count by."""
    power = 10 ** floor(log10(max(largest, 10) / 3))
    step = next(n * power for n in (1, 2, 5, 10) if largest / (n * power) <= 6)
    return list(range(0, int(largest) + 1, step))


def _reliability(evaluation: Evaluation) -> list[tuple[float, float]]:
    return [(b.confidence, b.accuracy) for b in evaluation.calibration.bins]


def _coverage(evaluation: Evaluation) -> list[tuple[float, float]]:
    return [(point.coverage, point.accuracy) for point in evaluation.coverage]


def _label_rows(scores: Scores, codebook: Codebook) -> list[PlotRow]:
    return [(_name_of(row.label, codebook), row.f1, False) for row in scores.by_label]


def _name_of(label: str, codebook: Codebook) -> str:
    return codebook[label].name
