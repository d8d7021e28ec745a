import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from annotate.errors import FormatError
from annotate.gold import Document
from annotate.gold.summary import Agreement, Tally, agreements, check_completeness, tallies
from annotate.types import Gold

LABELS = ("fact", "view", "promo")


def gold(document, unit, label, coder):
    return Gold(document, unit * 10, unit * 10 + 5, label, coder)


def document(name, n, source="there"):
    return Document(name, source, f"{name}.txt", "0", 100, n)


@given(st.lists(st.tuples(st.sampled_from(LABELS), st.sampled_from(LABELS)), min_size=2))
def test_kappa_is_that_of_scikit_learn(pairs):
    rows = [
        gold("a", unit, label, coder)
        for unit, pair in enumerate(pairs)
        for label, coder in zip(pair, "xy", strict=True)
    ]
    (found,) = agreements(rows)
    assert found.share == sum(a == b for a, b in pairs) / len(pairs)
    if len({label for pair in pairs for label in pair}) == 1:
        assert found.kappa is None
    else:
        assert found.kappa == pytest.approx(cohen_kappa_score(*zip(*pairs, strict=True)))


def test_agreement_counts_units_that_both_labelled_and_neither_skipped():
    rows = [gold("a", unit, label, "x") for unit, label in enumerate(["fact", "fact", "view", "skip"])]
    rows += [gold("a", unit, label, "y") for unit, label in enumerate(["fact", "skip", "fact", "fact"])]
    rows += [gold("b", 0, "fact", "x"), gold("c", 0, "fact", "y"), gold("d", 0, "view", "z")]
    assert agreements(rows) == [Agreement(("x", "y"), documents=1, units=2, share=0.5, kappa=0.0)]


def test_labels_are_counted_by_coder_and_source():
    documents = {name: document(name, 1, source) for name, source in (("a", "s"), ("b", "s"), ("c", "r"))}
    rows = [gold(name, 0, "fact", "y") for name in documents] + [gold("a", 0, "skip", "x")]
    assert tallies(rows, documents) == [
        Tally("x", "s", 1, {"skip": 1}),
        Tally("y", "r", 1, {"fact": 1}),
        Tally("y", "s", 2, {"fact": 2}),
    ]
    assert [tally.units for tally in tallies(rows, documents)] == [1, 1, 2]


@pytest.mark.parametrize(
    ("documents", "message"),
    [
        ([document("a", 2)], "b: has labels but is not in the table"),
        ([document("a", 3), document("b", 1)], "a: x labelled 2 of its 3 units"),
        ([document("a", 2), document("b", 1), document("c", 1)], "c: is in the table of documents but has no label"),
    ],
)
def test_labels_and_documents_that_do_not_belong_together_are_refused(documents, message):
    rows = [gold("a", 0, "fact", "x"), gold("a", 1, "fact", "x"), gold("b", 0, "fact", "x")]
    check_completeness(rows, {name: document(name, n) for name, n in (("a", 2), ("b", 1))})
    with pytest.raises(FormatError) as caught:
        check_completeness(rows, {document.document: document for document in documents})
    assert message in str(caught.value)
