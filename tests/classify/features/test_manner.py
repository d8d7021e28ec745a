"""How a sentence is said, apart from what it is about."""

from __future__ import annotations

from tests.classify.features import plain
from tests.classify.features.written import reading


def manner(text):
    return plain.said(reading([text]))[0]


def test_topics_leave_and_what_binds_stays():
    assert manner("The council repaired 14 old bridges in Lund.") == [
        "the",
        "~cil",
        "~red",
        "#",
        "old",
        "~ges",
        "in",
        "Aa",
        ".",
    ]


def test_two_sentences_on_other_matters_are_said_alike():
    assert manner("It is a shameful failure.") == manner("It is a wilful pressure.")


def test_words_in_quotation_marks_are_marked():
    assert manner("“We will pay,” she said.")[1:3] == ["“we", "“will"]


def test_a_capital_at_the_start_names_nobody_and_initials_are_told_from_names():
    assert manner("Ferries of NATO left Malmo") == ["~ies", "of", "AA", "~eft", "Aa"]
