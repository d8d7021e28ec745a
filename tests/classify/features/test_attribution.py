"""Cues, speakers and owners."""

from __future__ import annotations

import pytest

from annotate.classify.features.attribution import NAMES, attribution, attributions, owner_words
from annotate.classify.features.ownership import Origin, owners
from annotate.classify.features.speakers import Kind
from tests.classify.features.written import reading


def kinds(*paragraphs):
    page = reading(*paragraphs)
    return [owner.speaker.kind for owner in owners(page, attributions(page))]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Sen. Jane Doe said the bill would pass.", Kind.OFFICIAL),
        ("The bill would pass, said the health minister.", Kind.OFFICIAL),
        ("The river will rise, according to the police.", Kind.OFFICIAL),
        ("“It will rise,” said Ann Roe, a spokeswoman for the ministry.", Kind.OFFICIAL),
        ("Jim Poe, the mayor of Lund, told reporters he was tired.", Kind.OFFICIAL),
        ("The company said sales rose 4%.", Kind.PRIVATE),
        ("“It will rise,” said Ann Roe, a professor of geology.", Kind.PRIVATE),
        ("Critics said the plan was late.", Kind.PRIVATE),
        ("The survey said that most agreed.", Kind.STUDY),
        ("The council met on Friday.", Kind.NONE),
    ],
)
def test_a_speaker_is_official_by_office_and_private_by_trade(text, kind):
    assert kinds([text]) == [kind]


def test_a_surname_is_official_once_the_page_has_given_the_office():
    told = ["Sen. Jane Doe spoke.", "“It is late,” Doe said."]
    assert kinds(told)[1] == Kind.OFFICIAL
    assert kinds(told[1:])[0] == Kind.UNKNOWN


def test_a_pronoun_stands_for_the_last_speaker():
    assert kinds(["The mayor said it was late.", "She said it was cold."])[1] == Kind.OFFICIAL
    assert kinds(["The farmer said it was late.", "She said it was cold."])[1] == Kind.PRIVATE


def test_a_quotation_takes_its_owner_from_wherever_the_speaker_is_named():
    page = reading(
        ["“It is late.", "It is cold,” the mayor said.", "“And dark.”"],
        ["“It is warm.”", "“It is light,” said a farmer."],
    )
    found = owners(page, attributions(page))
    assert [owner.origin for owner in found] == [
        Origin.PASSAGE,
        Origin.OWN,
        Origin.INTRODUCED,
        Origin.NEXT,
        Origin.OWN,
    ]
    official, private = Kind.OFFICIAL, Kind.PRIVATE
    assert [owner.speaker.kind for owner in found] == [official, official, official, private, private]


def test_a_cue_inside_quotation_marks_is_the_speakers_own():
    page = reading(["“The mayor said no.”"])
    assert attributions(page) == {}


def test_owner_words_hold_what_introduced_the_speaker():
    page = reading(["Jane Doe, a plumber from Lund, was there."], ["“It leaks,” Doe said."])
    assert {"plumber", "cue said", "from own"} <= set(owner_words(page)[1])


def test_there_is_a_column_for_every_name():
    page = reading(["The mayor said it was late."], ["“Quite.”"])
    assert attribution(page).shape == (2, len(NAMES))
