"""Form and repetition."""

from __future__ import annotations

import pytest

from annotate.classify.features.furniture import NAMES, furniture
from tests.classify.features.written import reading

STORY = [
    ["The council of Lund closed the old bridge on Friday because its northern pier had moved by a hand."],
    ["Buses will take the long way round by the harbour until the pier has been secured with new stone."],
    ["It was the third time in two years that the bridge had to be closed for repairs of this kind."],
]
MENU = [["Home"], ["Subscribe now"], ["Share this"]]


def column(page, name):
    return furniture(page)[:, NAMES.index(name)].tolist()


def test_a_page_of_menus_only_still_has_features():
    page = reading(*MENU)
    assert furniture(page).shape == (3, len(NAMES))


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
