from __future__ import annotations

import json
from html.parser import HTMLParser

import msgspec
import pytest
from newspaper import labelled
from quick import quick

from annotate.classify.evaluate import evaluate, with_ceiling, with_curve, with_random_split, with_rival
from annotate.classify.evaluation import FoldScore
from annotate.classify.splits import by_article
from annotate.report import demo
from annotate.report.article import mark
from annotate.report.evaluation import render
from annotate.sentences import split
from annotate.types import Article, Prediction


class Parsed(HTMLParser):
    """Collects what a browser would run, load or show."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.links, self.handlers, self.text, self.open = [], [], [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag not in ("meta", "input", "line", "circle"):
            self.open.append(tag)
        for name, value in attrs:
            if name in ("src", "href", "srcset", "action"):
                self.links.append(value)
            if name.startswith("on"):
                self.handlers.append(name)

    def handle_endtag(self, tag):
        if tag not in ("line", "circle"):
            assert self.open.pop() == tag

    def handle_data(self, data):
        if not self.open or self.open[-1] != "style":
            self.text.append(data)


@pytest.fixture(scope="module")
def evaluation(twelve_articles):
    return evaluate(twelve_articles, folds=2, recipe=quick("linear"))[0]


HOSTILE = "<script>alert(1)</script> & “x” {{ 7 * 7 }} \u202e</style>"


@pytest.fixture(scope="module")
def page(evaluation, codebook):
    article = Article("a<b>", f"{HOSTILE} He said so. Then it rained.\n\nIt was late.\n", title="T<i>tle")
    predictions = [
        Prediction(
            s.article,
            s.index,
            s.paragraph,
            s.start,
            s.end,
            s.text,
            "factual_claim",
            dict.fromkeys(codebook.keys, 0.25),
            "m",
        )
        for s in split(article)
    ]
    given = {(predictions[-1].start, predictions[-1].end): "quoted_official"}
    marked = mark(article, predictions, codebook, given=given)
    return demo.render([marked], [], evaluation, codebook, evaluation, files=[("x<y>", "a file")])


def test_the_page_runs_nothing_and_loads_nothing(page):
    parsed = Parsed(page)
    assert "script" not in parsed.tags
    assert (parsed.links, parsed.handlers) == ([], [])
    assert parsed.open == []


def test_hostile_text_is_shown_as_it_is(page):
    text = "".join(Parsed(page).text)
    assert HOSTILE in text
    assert "T<i>tle" in text
    assert "x<y>" in text


def test_a_coders_other_label_is_marked(page):
    assert page.count("differs") == 3  # the style's rule, the legend's example and the last sentence
    assert "coder: quoted official" in "".join(Parsed(page).text)


def test_figures_say_how_they_were_made(page):
    text = " ".join("".join(Parsed(page).text).split())
    assert "labelled by the tests" in text
    assert "2 folds by article, stratified by label (seed 0)" in text
    assert "bootstrap over articles" in text


def test_json_holds_every_score(evaluation, codebook):
    report = json.loads(render(evaluation, codebook, ".json"))
    assert report["scores"]["macro_f1"]["estimate"] == evaluation.scores.macro_f1.estimate
    assert report["coder"] == "the tests"


def test_markdown_tables_are_whole(evaluation, codebook):
    markdown = render(evaluation, codebook, ".md")
    tables = [block.split("\n") for block in markdown.split("\n\n") if block.startswith("|")]
    assert len(tables) == 5
    for table in tables:
        assert len({row.count("|") for row in table if row}) == 1


def test_the_same_results_give_the_same_page(page, evaluation, codebook):
    assert render(evaluation, codebook, ".html") == render(evaluation, codebook, ".html")


def test_what_was_asked_for_stands_beside_the_scores(twelve_articles, codebook):
    split = by_article(twelve_articles, 2)
    evaluation, out_of_fold = evaluate(twelve_articles, split=split, recipe=quick("linear"))
    evaluation = with_rival(evaluation, out_of_fold, twelve_articles, split, quick("linear"))
    ben = msgspec.structs.replace(twelve_articles, coder="ben")
    evaluation = with_ceiling(evaluation, out_of_fold, twelve_articles, split, ben)
    evaluation = with_random_split(evaluation, twelve_articles, quick("linear"), folds=2)
    markdown = render(evaluation, codebook, ".md")
    assert "Lead over linear: 0.000" in markdown
    assert "144 sentences of 12 articles that both coders labelled" in markdown
    assert "not to be believed" in markdown
    html = " ".join("".join(Parsed(render(evaluation, codebook, ".html")).text).split())
    assert "Lead over linear: 0.000" in html
    assert "that both coders labelled" in html
    assert "leaking split" in html


def test_many_folds_are_summed_up(evaluation, codebook):
    few = render(evaluation, codebook, ".md")
    assert "by fold: fold 1 1.000, fold 2 " in few
    folds = tuple(FoldScore(f"fold {k}", 9, k / 100) for k in range(101))
    many = render(msgspec.structs.replace(evaluation, folds=folds), codebook, ".md")
    assert "by fold: 0.000 to 1.000 in 101 folds, half of them above 0.500 (standard" in many


def test_a_learning_curve_slices_and_choices_stand_in_every_format(codebook):
    outlets = {f"story-{i:03d}": f"out|let {i % 2}" for i in range(16)}
    data = msgspec.structs.replace(labelled(16, codebook), facts={"outlet": outlets})
    recipe = msgspec.structs.replace(quick("linear"), grid={"inverse_penalty": [1.0, 3.0]})
    folds = by_article(data, 2)
    evaluation, out_of_fold = evaluate(data, split=folds, recipe=recipe)
    evaluation = with_curve(evaluation, out_of_fold, data, folds, quick("linear"))
    markdown = render(evaluation, codebook, ".md")
    assert "| fold 1 | inverse_penalty = " in markdown
    assert r"| out\|let 0 | 96 | 8 |" in markdown
    assert "| 32, forecast | |" in markdown
    html = render(evaluation, codebook, ".html")
    assert Parsed(html).open == []
    text = " ".join("".join(Parsed(html).text).split())
    assert "What more labels would bring" in text
    assert "By outlet" in text
    assert "chosen by an inner cross-validation" in text
    assert len(json.loads(render(evaluation, codebook, ".json"))["curve"]["points"]) == 4
