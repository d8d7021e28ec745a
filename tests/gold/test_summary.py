import pytest

from annotate.errors import FormatError
from annotate.gold import Document
from annotate.gold.summary import Tally, check_completeness, tallies
from annotate.types import Gold


def gold(document, unit, label, coder):
    return Gold(document, unit * 10, unit * 10 + 5, label, coder)


def document(name, n, source="there"):
    return Document(name, source, f"{name}.txt", "0", 100, n)


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
