"""What a project teaches a classifier."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from stores import active_round, everything_round, filled, judge

from annotate.classify.project_gold import project_gold
from annotate.classify.splits import by_article, restrict_tests
from annotate.codebook import fingerprint, read_codebook
from annotate.errors import EmptyInput, InputError, NotHonest
from annotate.store import Decision, create_store

FACT, QUOTE, FRAME = "factual_claim", "quoted_official", "editorial_framing"


@pytest.fixture
def store(tmp_path):
    with create_store(tmp_path / "store.db", read_codebook()) as store:
        yield filled(store, n_articles=4)


def labels(gold):
    return {unit.sentence.text: str(label) for unit, label in zip(gold.data.X, gold.data.y, strict=True)}


def text(store, unit):
    return store.units([unit])[0].sentence.text


def adjudicate(store, unit, label, *, client="adjudication"):
    store.take(Decision(client=client, coder="ana", round=1, unit=unit, kind="adjudication", label=label))


def test_agreement_and_majority_give_labels_and_ties_do_not(store):
    judge(store, "1", 1, FACT, coder="ana")
    judge(store, "2", 1, FACT, coder="ben")
    judge(store, "3", 2, FACT, coder="ana")
    judge(store, "4", 2, QUOTE, coder="ben")
    gold = project_gold(store)
    assert labels(gold) == {text(store, 1): FACT}
    assert gold.undecided == 1
    assert gold.data.coder == "majority of ana and ben"


def test_a_decision_beats_the_coders(store):
    judge(store, "1", 1, FACT, coder="ana")
    judge(store, "2", 1, QUOTE, coder="ben")
    adjudicate(store, 1, FRAME)
    gold = project_gold(store)
    assert labels(gold) == {text(store, 1): FRAME}
    assert gold.data.coder == "majority of ana and ben, adjudicated by ana"
    assert labels(project_gold(store, coder="ben")) == {text(store, 1): QUOTE}


def test_adjudicated_takes_no_majority_for_a_decision(store):
    store.add_coder("cleo")
    everything_round(store, "second", ("cleo",))
    judge(store, "1", 1, FACT, coder="ana")
    judge(store, "2", 1, FACT, coder="ben")
    judge(store, "3", 1, QUOTE, coder="cleo", round=2)
    judge(store, "4", 2, QUOTE, coder="ana")
    assert labels(project_gold(store)) == {text(store, 1): FACT, text(store, 2): QUOTE}
    assert labels(project_gold(store, by="adjudicated")) == {text(store, 2): QUOTE}


def test_skipped_units_have_no_label_but_stay_as_context(store):
    judge(store, "1", 1, FACT)
    judge(store, "2", 2, None, kind="skip", note="no sentence")
    gold = project_gold(store)
    assert len(gold.data.y) == 1
    assert len(gold.data.X[0].page.sentences) == 4


def test_of_a_coder_s_judgments_of_one_unit_the_last_counts(store):
    everything_round(store, "second", ("ana",))
    judge(store, "1", 1, FACT)
    judge(store, "2", 1, QUOTE, round=2)
    assert labels(project_gold(store)) == {text(store, 1): QUOTE}
    assert labels(project_gold(store, rounds=[1])) == {text(store, 1): FACT}


def test_judgments_that_must_be_made_again_do_not_count(store):
    judge(store, "1", 1, FACT)
    judge(store, "2", 2, QUOTE)
    book = read_codebook()
    changed = [msgspec.structs.replace(one, definition="Another.") if one.key == QUOTE else one for one in book.labels]
    book = msgspec.structs.replace(book, labels=tuple(changed))
    store.adopt(msgspec.structs.replace(book, fingerprint=fingerprint(book)))
    gold = project_gold(store)
    assert labels(gold) == {text(store, 1): FACT}
    assert gold.left_out == 1
    assert gold.data.codebook == fingerprint(book)


class TestActiveRounds:
    @pytest.fixture
    def gold(self, store):
        active_round(store, [2, 6, 10])
        for number, unit in enumerate((1, 2, 5, 6, 9, 10, 13)):
            active = unit in {2, 6, 10}
            judge(store, str(number), unit, (FACT, QUOTE)[number % 2], round=2 if active else 1)
        return project_gold(store)

    def test_train_and_are_never_tested_on(self, gold):
        assert len(gold.data.y) == 7
        assert gold.tests.tolist() == [True, False, True, False, True, False, True]
        split = restrict_tests(by_article(gold.data, 2), gold.data, gold.tests)
        assert set(split.tested) == set(np.flatnonzero(gold.tests))
        assert {1, 3, 5} <= {row for train, _ in split.folds for row in train}
        for train, test in split.folds:
            assert not set(gold.data.groups[train]) & set(gold.data.groups[test])
        assert "4 units drawn at random, of 7" in split.description

    def test_alone_are_no_evidence(self, gold):
        with pytest.raises(NotHonest, match="fewer than two articles"):
            restrict_tests(by_article(gold.data, 2), gold.data, np.zeros(7, dtype=bool))

    def test_do_not_change_what_was_judged_in_a_random_round(self, store):
        active_round(store, [1])
        judge(store, "1", 1, FACT)
        judge(store, "2", 1, QUOTE, round=2)
        gold = project_gold(store)
        assert labels(gold) == {text(store, 1): FACT}
        assert gold.tests.tolist() == [True]


def test_says_what_coders_are(store):
    judge(store, "1", 1, FACT, coder="ana")
    assert project_gold(store, kinds={"ana": "language model"}).data.coder == "ana (language model)"


def test_knows_copies_and_facts_of_articles(store):
    judge(store, "1", 1, FACT)
    judge(store, "2", 5, FACT)
    store.set_clusters({"story-001": "story-000"})
    data = project_gold(store).data
    assert data.copies == {"story-001": "story-000"}
    assert data.facts["outlet"] == {"story-000": "outlet-0", "story-001": "outlet-1"}


def test_refuses_what_holds_no_label(store):
    with pytest.raises(EmptyInput, match="no unit has a label"):
        project_gold(store)
    judge(store, "1", 1, FACT, coder="ana")
    judge(store, "2", 1, QUOTE, coder="ben")
    with pytest.raises(EmptyInput, match="differ on every unit"):
        project_gold(store)
    with pytest.raises(InputError, match="zoe has judged nothing"):
        project_gold(store, coder="zoe")
