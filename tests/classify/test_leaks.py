"""Leaks planted on purpose: each is either kept from the scores, or said aloud beside them."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from newspaper import labelled, newspaper
from quick import quick

from annotate.classify.context import Context
from annotate.classify.evaluate import evaluate
from annotate.classify.labelled import Labelled
from annotate.classify.leaks import find_leaks, known_already
from annotate.classify.stack import ArticleStack
from annotate.classify.units import sample, with_copies
from annotate.exchange.labelled import read_labelled
from annotate.tables import write_table


def rewritten(data: Labelled, write) -> Labelled:
    """Return the sample with each sentence's text as ``write(text, label, article)`` gives it."""
    units = {(u.article, u.position): str(label) for u, label in zip(data.X, data.y, strict=True)}
    sentences = []
    for unit in data.X:
        text = write(unit.sentence.text, units[unit.article, unit.position], unit.article)
        start = 1000 * unit.position
        sentences.append(msgspec.structs.replace(unit.sentence, text=text, start=start, end=start + len(text)))
    return msgspec.structs.replace(data, X=sample(sentences))


@pytest.fixture(scope="module")
def newspaper_of_two(codebook):
    data = labelled(20, codebook)
    articles = sorted(set(data.articles.tolist()))
    return msgspec.structs.replace(data, facts={"outlet": {a: f"outlet {i % 2}" for i, a in enumerate(articles)}})


def test_an_honest_newspaper_gets_no_such_caution(newspaper_of_two):
    assert find_leaks(newspaper_of_two) == ()


@pytest.mark.parametrize(
    "write",
    [
        lambda text, label, _: f"{text} [{label}]",
        lambda text, label, _: f"{label.replace('_', ' ').title()}: {text}",
        lambda text, label, _: f"{text} #{hash_of(label)}",
    ],
    ids=["key", "name", "code"],
)
def test_a_label_copied_into_the_text_is_said_aloud(newspaper_of_two, write):
    leaks = find_leaks(rewritten(newspaper_of_two, write))
    assert sum("was the label copied into the text?" in leak for leak in leaks) == 4


def hash_of(label: str) -> str:
    return f"q{sorted(['unrelated_promo', 'quoted_official', 'editorial_framing', 'factual_claim']).index(label)}z"


def test_a_labels_name_beside_a_quarter_of_its_sentences_is_enough(newspaper_of_two):
    random = np.random.default_rng(0)
    leaks = find_leaks(
        rewritten(newspaper_of_two, lambda text, label, _: f"{text} {label if random.random() < 0.4 else ''}")
    )
    assert any("“editorial_framing” stands in" in leak for leak in leaks)


def test_an_outlets_name_in_every_sentence_is_said_aloud(newspaper_of_two):
    outlets = newspaper_of_two.facts["outlet"]
    marked = rewritten(
        newspaper_of_two,
        lambda text, _, article: f"{text} (Courier)" if outlets[article] == "outlet 0" else text,
    )
    (leak,) = find_leaks(marked)
    assert "“courier”: in nearly all sentences of one outlet (outlet 0)" in leak
    assert "--leave-out outlet" in leak


def test_the_mark_of_a_source_is_found_where_nobody_names_the_outlets(newspaper_of_two):
    outlets = newspaper_of_two.facts["outlet"]
    marked = rewritten(
        newspaper_of_two,
        lambda text, _, article: f"Courier News: {text}" if outlets[article] == "outlet 0" else text,
    )
    (leak,) = find_leaks(msgspec.structs.replace(marked, facts={}))
    assert "courier news” in" in leak.replace("”:", "” in") or "“courier" in leak
    assert "sentences of some articles" in leak


def test_a_word_in_every_sentence_tells_nobody_apart(newspaper_of_two):
    assert find_leaks(rewritten(newspaper_of_two, lambda text, *_: f"{text} Courier")) == ()


def test_the_cautions_reach_the_evaluation(newspaper_of_two):
    copied = rewritten(newspaper_of_two, lambda text, label, _: f"{text} [{label}]")
    evaluation, _ = evaluate(copied, folds=2, recipe=quick("linear"))
    assert evaluation.scores.macro_f1.estimate == 1
    assert any("copied into the text" in caution for caution in evaluation.cautions)


class TestADuplicatedArticle:
    @pytest.fixture
    def data(self, codebook, tmp_path):
        """Labels by lot, so that only knowing the copy predicts them; every article is there twice."""
        sentences, _ = newspaper(10, per_article=20)
        random = np.random.default_rng(5)
        labels = random.choice(codebook.keys, len(sentences))
        unlike = [unlike_any(sentence, random) for sentence in sentences]
        rows = [msgspec.to_builtins(s) | {"label": str(x)} for s, x in zip(unlike, labels, strict=True)]
        rows += [row | {"article": f"copy-of-{row['article']}"} for row in rows]
        write_table(tmp_path / "rows.jsonl", rows, tuple(rows[0]))
        return read_labelled(tmp_path / "rows.jsonl", codebook)

    def test_is_found_and_never_stands_on_both_sides(self, data):
        assert len(data.copies) == 10
        evaluation, _ = evaluate(data, folds=3, recipe=quick("linear"))
        assert evaluation.scores.accuracy.estimate < 0.45
        leaking, _ = evaluate(msgspec.structs.replace(data, copies={}), folds=3, recipe=quick("linear"))
        assert leaking.scores.accuracy.estimate > 0.6

    def test_stays_in_one_inner_fold_of_the_stack(self, data):
        X, _, _ = data.weighted()
        context = Context(X)
        assert len(np.unique(context.groups)) == 10
        assert len(np.unique(Context(data.X).groups)) == 20

    def test_teaches_the_second_stage_no_trust_in_what_it_will_not_see(self, data):
        small = {"n_rounds": 3, "n_networks": 1, "n_folds": 3, "calibrate": True}
        X, y, _ = data.weighted()
        honest = ArticleStack(**small).fit(X, y)
        fooled = ArticleStack(**small).fit(data.X, y)
        assert honest.committee_.calibration_.sharpness_ < fooled.committee_.calibration_.sharpness_


def unlike_any(sentence, random):
    text, start = f"{sentence.text} {random.integers(10**9)} {random.integers(10**9)}", 1000 * sentence.index
    return msgspec.structs.replace(sentence, text=text, start=start, end=start + len(text))


def test_copies_that_are_their_own_original_change_no_page(codebook):
    data = labelled(2, codebook)
    assert with_copies(data.X, {"story-000": "story-000"}) is data.X


def test_sentences_known_word_for_word_are_counted_whatever_their_punctuation(codebook):
    data = labelled(2, codebook)
    numbers = iter(range(10**6))

    def one_text_for_claims(known):
        return rewritten(data, lambda text, label, _: known if label == "factual_claim" else f"{text} {next(numbers)}")

    same = known_already(one_text_for_claims("The same old story again!"))
    assert (same == (data.y == "factual_claim")).all()
    assert not known_already(one_text_for_claims("Read more")).any()
