"""The whole chain on the two articles that nutgraf comes with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import count as numbers
from pathlib import Path
from typing import Final

from annotate.classify.evaluate import evaluate
from annotate.classify.evaluation import Evaluation, read_metrics
from annotate.classify.labelled import Labelled
from annotate.classify.model import load_model, train
from annotate.codebook import read_codebook
from annotate.counts import count
from annotate.exchange.doccano import write_doccano
from annotate.exchange.hf import write_datasets
from annotate.exchange.labelled import read_labelled
from annotate.exchange.sentences import COLUMNS
from annotate.outputs import new_folder, refuse_folder
from annotate.readers import read_articles
from annotate.report import demo as demo_report
from annotate.report import evaluation as evaluation_report
from annotate.report.article import MarkedArticle, mark
from annotate.resources import carried
from annotate.sentences import split
from annotate.tables import write_table
from annotate.types import Article, Codebook, Sentence

CODER: Final = "coder-a"
REPORT: Final = "report.html"
_SHIPPED: Final = "default"
_RECIPE: Final = "linear"  # a second stage has nothing to learn from one article


def run_demo(folder: str | Path, *, say: Callable[[str], None], force: bool = False, again: bool = False) -> Path:
    """Go from the two seed articles to a report, and return the report's path.

    Parameters
    ----------
    folder
        To be made, with everything the demo writes.
    say
        Told in one line of every step.
    again
        Whether to make the evaluation on the gold again, not only to show it.

    Raises
    ------
    OutputExists, OutputFailed
        See :func:`annotate.outputs.new_folder`.
    """
    refuse_folder(folder, force=force)
    codebook = read_codebook()
    articles = list(read_articles([carried("seeds")]))
    sentences = {article.id: split(article) for article in articles}
    units = [sentence for article in articles for sentence in sentences[article.id]]
    say(f"1. split {count(len(articles), 'article')} into {count(len(units), 'sentence')} with exact offsets")
    with new_folder(folder, force=force) as new:
        write_table(new / "sentences.jsonl", units, COLUMNS)
        write_doccano(new / "doccano", units, codebook)
        write_datasets(new / "datasets", units, codebook)
        say("2. wrote them for annotation: doccano/, datasets/, sentences.jsonl")
        data = read_labelled(carried("data", "gold", "labels.jsonl"), codebook, texts=[carried("seeds")], coder=CODER)
        say(f"3. read {len(data.y)} labels of these articles, given by {data.coder}")
        evaluation, _ = evaluate(data, recipe=_RECIPE, folds=0)
        keywords, majority = (evaluation.baselines[name].macro_f1.estimate for name in ("keywords", "majority"))
        say(
            "4. trained on one article, tested on the other, both ways: macro-F1"
            f" {evaluation.scores.macro_f1.estimate:.2f} (keywords {keywords:.2f}, commonest label {majority:.2f})"
        )
        for caution in evaluation.cautions:
            say(f"   CAUTION: {caution}")
        (new / "evaluation.md").write_text(evaluation_report.render(evaluation, codebook, ".md"), encoding="utf-8")
        marked = [_label_unseen(new, article, sentences[article.id], data, codebook) for article in articles]
        say("5. labelled each article with the model that did not see it: predictions-*.jsonl")
        shown = _label_with_default(articles, sentences, data, codebook)
        agreed = sum(s.agrees for article in shown for paragraph in article.paragraphs for s in paragraph)
        say(
            f"6. labelled both with the model that comes with nutgraf, which saw neither: as {data.coder} in"
            f" {agreed} of {len(data.y)} sentences"
        )
        gold = _show_gold(say)
        if again:
            _evaluate_gold(gold, codebook, say)
        report = demo_report.render(shown, marked, evaluation, codebook, gold, files=_files(articles))
        (new / REPORT).write_text(report, encoding="utf-8")
    return Path(folder) / REPORT


def _label_unseen(
    folder: Path, article: Article, sentences: Sequence[Sentence], data: Labelled, codebook: Codebook
) -> MarkedArticle:
    """Train on the other articles, keep the model, label this one, keep the predictions."""
    others = data.only(data.articles != article.id)
    model = train(others, recipe=_RECIPE, name=f"without-{article.id[:3]}")
    model.save(folder / f"model-without-{article.id}")
    predictions = list(model.predict(sentences))
    write_table(folder / f"predictions-{article.id}.jsonl", predictions, (*COLUMNS, "label", "probabilities", "model"))
    return mark(article, predictions, codebook, given=_given(data.only(data.articles == article.id)))


def _label_with_default(
    articles: Sequence[Article], sentences: Mapping[str, Sequence[Sentence]], data: Labelled, codebook: Codebook
) -> list[MarkedArticle]:
    """Label the articles with the model nutgraf comes with, trained on neither."""
    model = load_model(carried("models", _SHIPPED), codebook=codebook.fingerprint)
    return [
        mark(
            article,
            list(model.predict(sentences[article.id])),
            codebook,
            given=_given(data.only(data.articles == article.id)),
        )
        for article in articles
    ]


def _given(data: Labelled) -> Mapping[tuple[int, int], str]:
    return {(unit.sentence.start, unit.sentence.end): str(label) for unit, label in zip(data.X, data.y, strict=True)}


def _show_gold(say: Callable[[str], None]) -> Evaluation:
    """Return how the model that comes with nutgraf was evaluated."""
    gold = read_metrics(carried("models", _SHIPPED))
    say(
        f"7. that model's recipe, {gold.recipe}, cross-validated on {gold.units} sentences of {gold.articles} gold"
        f" documents: macro-F1 {gold.scores.macro_f1}; {gold.split}; labelled by {gold.coder}"
    )
    return gold


def _evaluate_gold(shown: Evaluation, codebook: Codebook, say: Callable[[str], None]) -> None:
    """Cross-validate again, on what was read of the gold's pages: their text is not needed."""
    gold = carried("data", "gold")
    data = read_labelled(gold / "labels.jsonl", codebook, texts=[gold / "gold.features"], coder=CODER)
    fold = numbers(1)
    found, _ = evaluate(
        data, recipe=shown.recipe, progress=lambda _: say(f"   fold {next(fold)} of {len(shown.folds)}")
    )
    same = found.scores == shown.scores
    say(f"   made again: macro-F1 {found.scores.macro_f1}, {'every score the same' if same else 'which differs'}")


def _files(articles: Sequence[Article]) -> list[tuple[str, str]]:
    files = [
        ("sentences.jsonl", "the sentences with their offsets"),
        ("doccano/", "units, labels and guidelines to import into doccano"),
        ("datasets/", "the sentences as a Hugging Face dataset"),
        ("evaluation.md", "the scores"),
    ]
    for article in articles:
        files.append((f"model-without-{article.id}/", f"the model that did not see {article.id}"))
        files.append((f"predictions-{article.id}.jsonl", f"what it said about {article.id}"))
    return files
