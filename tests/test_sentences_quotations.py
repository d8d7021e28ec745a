"""Quotations are followed across sentences and paragraphs, and lost marks do no harm."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.sentences import split_text


def quoted(text, language="en"):
    """Return the sentences with the number of their quotation."""
    return [(text[span.start : span.end], span.quote) for span in split_text(text, language=language)]


def numbers(text, language="en"):
    return [number for _, number in quoted(text, language)]


def whole(text):
    return [text[span.start : span.end] for span in split_text(text, quotes="whole")]


def test_each_quotation_has_a_number_and_plain_sentences_have_none():
    assert quoted("He left. “I am done,” he said. Nobody moved. “Are you?” she asked.") == [
        ("He left.", None),
        ("“I am done,” he said.", 0),
        ("Nobody moved.", None),
        ("“Are you?” she asked.", 1),
    ]


def test_every_sentence_inside_a_quotation_carries_its_number():
    assert numbers("“We lost. We lost badly. It hurts,” he said. He wept.") == [0, 0, 0, None]


def test_a_sentence_that_touches_two_quotations_carries_the_first():
    assert numbers("“No,” he said, “we stay. We wait.”") == [0, 1]


@pytest.mark.parametrize(
    "text",
    [
        '"We lost. It hurts," he said. He wept.',
        "“We lost. It hurts,” he said. He wept.",
        "''We lost. It hurts,'' he said. He wept.",
        "``We lost. It hurts,'' he said. He wept.",
        "‘We lost. It hurts,’ he said. He wept.",
        "'We lost. It hurts,' he said. He wept.",
        "«We lost. It hurts,» he said. He wept.",
        '“We lost. It hurts," he said. He wept.',
        '" We lost. It hurts, " he said. He wept.',
        "“We lost. It hurts,“ he said. He wept.",
    ],
)
def test_all_styles_of_marks_are_known(text):
    assert numbers(text) == [0, 0, None]


def test_a_quotation_goes_on_in_the_next_paragraph_that_begins_with_a_mark():
    assert quoted("“We lost. It hurts.\n\n“But we will be back.”\n\nHe wept. “Oh!”") == [
        ("“We lost.", 0),
        ("It hurts.", 0),
        ("“But we will be back.”", 0),
        ("He wept.", None),
        ("“Oh!”", 1),
    ]


def test_a_quotation_may_be_closed_in_the_next_paragraph():
    assert numbers("“We lost. It hurts.\nBut we will be back.” He wept.") == [0, 0, 0, None]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“We lost, he said. He wept. He left.", [0, None, None]),
        ('"We lost, he said. He wept. He left.', [0, None, None]),
        ("“We lost, he said. He wept. “Go,” she said. He left.", [0, None, 1, None]),
        ('"We lost, he said. He wept. "Go," she said. He left.', [0, None, 1, None]),
        ("“We lost, he said.\n\nHe wept.\n\n“Go,” she said.", [0, None, 1]),
        ("We lost,” he said. He wept. “Go,” she said.", [None, None, 0]),
        ('We lost," he said. He wept. "Go," she said.', [None, None, 0]),
    ],
)
def test_a_lost_mark_costs_one_sentence(text, expected):
    assert numbers(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "The players' union met. The bosses' men didn't.",
        "It's the '90s. Rock 'n' roll, get 'em!",
        "James' dog. Charles’ cat. ’Tis so.",
        "A 12\" pipe is 6' long. He is 6'2\" tall.",
        "O’Neill’s plan. The Joneses’ car.",
    ],
)
def test_apostrophes_and_inches_open_nothing(text):
    assert set(numbers(text)) == {None}


def test_inches_do_not_close_a_quotation():
    assert numbers('"He is 6\'2". He runs," she said. He did.') == [0, 0, None]
    assert numbers('"The 12" pipe burst. Water everywhere," she said. He left.') == [0, 0, None]


def test_possessives_do_not_close_a_quotation_in_single_marks():
    assert numbers("'The players' union won't go. It never does,' he said. She left.") == [0, 0, None]


def test_scare_quotes_are_quotations_of_their_own_and_swallow_nothing():
    assert numbers("The “plan” failed. The so-called ‘fix’ too. We left.") == [0, 1, None]


def test_inner_quotations_belong_to_the_outer_one():
    assert numbers("“She said ‘go’ and I went. I ran,” he said. “Me too.”") == [0, 0, 1]


def test_german_marks_close_where_english_ones_open():
    assert numbers("„Wir gehen. Jetzt“, sagte er. Er blieb. »Gut. Ja.« Ende.", "de") == [0, 0, None, 1, 1, None]
    assert numbers("‚Wir gehen. Jetzt‘, sagte er. Er blieb.", "de") == [0, 0, None]


def test_whole_quotations_stay_in_one_unit():
    assert whole('He said: "Stop it. I mean it." She went. "Go. Now," he said. Done.') == [
        'He said: "Stop it. I mean it."',
        "She went.",
        '"Go. Now," he said.',
        "Done.",
    ]


def test_whole_quotations_end_with_their_line():
    assert whole("“Stop. Go.\n\n“Run. Hide.” Done.") == ["“Stop. Go.", "“Run. Hide.”", "Done."]


def test_an_unclosed_quotation_joins_nothing():
    assert whole("“Stop it, he said. She went. He left.") == ["“Stop it, he said.", "She went.", "He left."]


@given(
    st.lists(
        st.sampled_from(["Go. ", "a ", '"', "“", "”", "'", "’", "‘", "\n", "5", ". ", "«", "»", "''"]), max_size=50
    )
)
def test_numbers_never_fall_and_joining_never_moves_an_outer_end(pieces):
    text = "".join(pieces)
    spans = split_text(text)
    found = [span.quote for span in spans if span.quote is not None]
    assert found == sorted(found)
    joined = split_text(text, quotes="whole")
    assert {span.end for span in joined} <= {span.end for span in spans}
    assert {span.start for span in joined} <= {span.start for span in spans}
