"""Form, repetition, place and topic."""

from __future__ import annotations

import pytest

from annotate.classify.features.furniture import NAMES, body, furniture, prose
from tests.classify.features.written import reading

STORY = [
    ["The council of Lund closed the old bridge on Friday because its northern pier had moved by a hand."],
    ["Buses will take the long way round by the harbour until the pier has been secured with new stone."],
    ["It was the third time in two years that the bridge had to be closed for repairs of this kind."],
]
MENU = [["Home"], ["Subscribe now"], ["Share this"]]


def column(page, name):
    return furniture(page)[:, NAMES.index(name)].tolist()


def test_the_body_is_the_run_of_prose_between_menus():
    assert body(reading(*MENU, *STORY, *MENU))[1:] == (3, 6)


def test_a_page_of_menus_only_still_has_features():
    page = reading(*MENU)
    assert furniture(page).shape == (3, len(NAMES))


def test_prose_scores_above_a_menu_line():
    scores = prose(reading(STORY[0], MENU[1]))
    assert scores[0] > 0.9
    assert scores[1] < 0.3


def test_copies_are_counted_whatever_their_case():
    assert column(reading(["Share"], ["Read on"], ["SHARE"]), "copies") == [2, 1, 2]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Subscribe to our newsletter", "starts_imperative"),
        ("By Ann Roe", "starts_by"),
        ("Updated 10:30 am", "has_clock"),
        ("Follow @annroe", "has_handle"),
        ("www.example.org", "has_link"),
        ("Home | News", "has_bar"),
    ],
)
def test_furniture_shows_in_its_form(text, name):
    assert column(reading([text], *STORY), name) == [1, 0, 0, 0]


def test_a_teaser_for_another_story_is_off_topic():
    page = reading(*STORY, ["Harbour bridge closed again"], ["Gardeners celebrate purple tulips"])
    related, other = column(page, "on_topic")[3:]
    assert related > other == 0


def test_distance_from_the_body_grows_on_both_sides():
    page = reading(*MENU, *STORY, *MENU)
    before, after = column(page, "body_distance_before"), column(page, "body_distance_after")
    assert before[0] > before[1] > before[2] > before[3] == 0
    assert after[8] > after[7] > after[6] > after[5] == 0
