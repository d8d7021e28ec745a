"""The demo's report: two articles, labelled by models that did not see them, and what the scores are worth."""

from __future__ import annotations

from collections.abc import Sequence

from annotate.classify.evaluation import Evaluation
from annotate.report.article import MarkedArticle
from annotate.report.templating import fill
from annotate.types import Codebook


def render(
    shown: Sequence[MarkedArticle],
    unseen: Sequence[MarkedArticle],
    evaluation: Evaluation,
    codebook: Codebook,
    gold: Evaluation,
    *,
    files: Sequence[tuple[str, str]] = (),
) -> str:
    """Return the report as HTML.

    Parameters
    ----------
    shown
        The articles as the model that comes with nutgraf labels them.
    unseen
        The articles as a model labels them that was trained on the other one alone.
    evaluation
        On the two articles.
    gold
        Of the recipe of the model that comes with nutgraf, on all gold documents.
    files
        Names of the files beside the report, each with what it is.
    """
    return fill(
        "demo.html.j2",
        shown=shown,
        unseen=unseen,
        evaluation=evaluation,
        codebook=codebook,
        gold=gold,
        files=files,
    )
