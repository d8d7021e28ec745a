from hypothesis import given
from hypothesis import strategies as st

from annotate.readers.alignment import in_body

STORY = [
    "The harbour council voted on Monday to close the eastern pier until spring.",
    "Fishermen said that nobody had asked them.",
    "Why now",
    "Engineers found cracks in nine of the forty pillars that carry it.",
]


def chosen(blocks, body):
    return [block for block, inside in zip(blocks, in_body(blocks, body), strict=True) if inside]


def test_the_bodys_blocks_are_found_among_others():
    page = [
        "Home",
        "Weather",
        *STORY[:2],
        "Subscribe to our newsletter today, it is free",
        *STORY[2:],
        "Home",
        "Contact",
    ]
    assert chosen(page, "\n".join(STORY)) == STORY


def test_a_teaser_that_repeats_the_story_loses_against_the_story():
    teaser = "The harbour council voted on Monday to close the eastern pier…"
    page = [teaser, "Sport", *STORY, "Most read", teaser, " ".join(STORY[:2])[:90]]
    assert in_body(page, "\n".join(STORY)) == [False, False, True, True, True, True, False, False, False]


def test_short_blocks_are_taken_only_where_the_body_has_them():
    page = ["Why now", *STORY, "Why now"]
    assert in_body(page, "\n".join(STORY)) == [False, True, True, True, True, False]


def test_a_short_block_before_the_first_long_one_is_found():
    assert in_body(["Sport", "A vote", *STORY[:2]], "A vote\n" + "\n".join(STORY[:2])) == [False, True, True, True]


def test_a_line_that_the_body_repeats_is_taken_every_time():
    page = [STORY[0], "Asked again, they said so again.", STORY[1], "Asked again, they said so again.", STORY[3]]
    assert all(in_body(page, "\n".join(page)))


def test_a_block_of_which_the_extractor_dropped_a_part_is_taken():
    assert in_body([STORY[0], STORY[1], STORY[3]], STORY[0].replace("on Monday ", "") + STORY[3]) == [True, False, True]


def test_without_body_nothing_is_inside():
    assert in_body(STORY, "") == [False] * 4
    assert in_body([], "text") == []


@given(st.lists(st.text("ab c", max_size=30), max_size=12), st.data())
def test_every_block_of_a_body_made_of_long_blocks_is_found(fillers, data):
    positions = sorted(data.draw(st.lists(st.integers(0, len(fillers)), min_size=4, max_size=4)))
    page = list(fillers)
    for position, line in zip(reversed(positions), reversed(STORY), strict=True):
        page.insert(position, line)
    assert chosen(page, "\n".join(STORY)) == STORY
