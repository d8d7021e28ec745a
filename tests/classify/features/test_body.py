"""Where the running text is, place and topic."""

from __future__ import annotations

from annotate.classify.features.body import NAMES, body, places, prose
from tests.classify.features.test_furniture import MENU, STORY
from tests.classify.features.written import reading


def column(page, name):
    return places(page)[:, NAMES.index(name)].tolist()


def test_the_body_is_the_run_of_prose_between_menus():
    assert body(reading(*MENU, *STORY, *MENU))[1:] == (3, 6)


def test_prose_scores_above_a_menu_line():
    scores = prose(reading(STORY[0], MENU[1]))
    assert scores[0] > 0.9
    assert scores[1] < 0.3


def test_a_teaser_for_another_story_is_off_topic():
    page = reading(*STORY, ["Harbour bridge closed again"], ["Gardeners celebrate purple tulips"])
    related, other = column(page, "on_topic")[3:]
    assert related > other == 0


def test_distance_from_the_body_grows_on_both_sides():
    page = reading(*MENU, *STORY, *MENU)
    before, after = column(page, "body_distance_before"), column(page, "body_distance_after")
    assert before[0] > before[1] > before[2] > before[3] == 0
    assert after[8] > after[7] > after[6] > after[5] == 0
