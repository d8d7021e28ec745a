"""Where sentences end: the seeds, golden rules of our own wording, lines, lists, hostile input."""

import gc
import time
import tracemalloc

import pytest

from annotate.resources import carried
from annotate.sentences import Span, split, split_text
from annotate.types import Article

SEED_UNITS = {
    "000_a6df9cbe751a8b4a": [
        (0, 82),
        (84, 274),
        (275, 399),
        (400, 426),
        (428, 609),
        (611, 734),
        (735, 893),
        (895, 1104),
        (1106, 1229),
        (1230, 1326),
        (1327, 1544),
        (1546, 1679),
        (1680, 1858),
        (1860, 2057),
        (2058, 2320),
        (2323, 2382),
    ],
    "003_be376ed8baf6b3e5": [
        (0, 110),
        (112, 118),
        (119, 136),
        (137, 152),
        (154, 371),
        (373, 698),
        (700, 852),
        (854, 1103),
        (1105, 1283),
        (1284, 1399),
        (1400, 1545),
        (1547, 1697),
        (1698, 1778),
        (1780, 2028),
        (2029, 2175),
        (2177, 2188),
        (2190, 2228),
        (2230, 2321),
        (2323, 2349),
        (2351, 2381),
        (2382, 2407),
        (2408, 2473),
        (2474, 2625),
        (2626, 2828),
        (2830, 2849),
        (2851, 2980),
        (2982, 3034),
        (3036, 3183),
        (3185, 3253),
        (3255, 3394),
        (3396, 3462),
        (3464, 3617),
        (3619, 3649),
        (3651, 3799),
        (3801, 3887),
        (3889, 4016),
        (4018, 4049),
        (4051, 4163),
        (4165, 4219),
        (4221, 4379),
        (4381, 4465),
        (4467, 4616),
        (4618, 4678),
        (4680, 4816),
        (4818, 4884),
        (4886, 5022),
        (5024, 5090),
        (5092, 5222),
        (5224, 5301),
        (5303, 5433),
        (5434, 5442),
        (5444, 5460),
        (5462, 5480),
        (5482, 5503),
    ],
}


def sentences(text, **options):
    return [text[span.start : span.end] for span in split_text(text, **options)]


@pytest.mark.parametrize("name", sorted(SEED_UNITS))
def test_the_seeds_have_exactly_their_units(name):
    text = carried("seeds", f"{name}.txt").read_bytes().decode("utf-8")
    assert [(span.start, span.end) for span in split_text(text)] == SEED_UNITS[name]


def test_an_article_becomes_sentences_that_know_their_place():
    article = Article(id="a1", text="Head\n\nOne. “Two,” he said.\n")
    assert [(s.article, s.index, s.paragraph, s.text, s.quote) for s in split(article)] == [
        ("a1", 0, 0, "Head", None),
        ("a1", 1, 1, "One.", None),
        ("a1", 2, 1, "“Two,” he said.", 0),
    ]


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\t\r\n\u2028\xa0"])
def test_nothing_but_white_space_has_no_sentences(text):
    assert split_text(text) == []


@pytest.mark.parametrize("line_break", ["\n", "\r", "\r\n", "\v", "\f", "\u2028", "\u2029"])
def test_a_line_break_ends_sentence_and_paragraph(line_break):
    assert split_text(f"one{line_break}two") == [
        Span(0, 3, 0),
        Span(3 + len(line_break), 6 + len(line_break), 1),
    ]


@pytest.mark.parametrize("space", ["\x85", "\x1c", "\xa0", "\u3000", "\t"])
def test_other_white_space_parts_words_only(space):
    assert sentences(f"one{space}two") == [f"one{space}two"]
    assert sentences(f"One left.{space}Two came.") == ["One left.", "Two came."]


def test_empty_lines_are_no_paragraphs():
    assert [span.paragraph for span in split_text("\n\na\n \n\nGo. Come\n")] == [0, 1, 1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He met Dr. Fox. She left.", 2),
        ("Turn to p. 55. Read it.", 2),
        ("She saw Mt. Etna. It smoked.", 2),
        ("A lawyer for Kent & Co. called at noon.", 1),
        ("A lawyer for Kent & Co. He called.", 2),
        ("We live in the U.S. They do too.", 2),
        ("The U.S. Senate met.", 1),
        ("At 5 a.m. Mr. Fox rose. He slept by 9 p.m. Mrs. Fox read.", 3),
        ("It costs $9.50. Too much.", 2),
        ("It ran at v2.0.1 speed.", 1),
        ("Mail a.b@example.com. She reads it.", 2),
        ("See https://example.org/a.b?c=D! for more.", 1),
        ("See https://example.org/a Then come back.", 2),
        ("What?! No!! Yes.", 3),
        ("He works at Yahoo! in Rome.", 1),
        ("The vitamins are A. B is missing.", 1),
        ("He “left.” She stayed.", 2),
        ("“Why?” he asked. “Why?” Fox asked. “Why?” Nobody knew.", 4),
        ("She left (he had asked her to.) without a word.", 1),
        ("One . . . two . . . three.", 1),
        ("It ended. . . . The next began.", 2),
        ("So it goes . . . . The next began.", 2),
        ("Well... Tom knew.", 1),
        ("They went home... Tom stayed.", 2),
        ("He said it twice. ... She heard it once.", 2),
        ("He said it. [...] She heard it.", 2),
        ("“It is so [...] they say” (Fox 55). Fine.", 2),
        ("“It is so.” – Jane Roe", 1),
        ("ROME, Ga. — The vote is today. Go.", 2),
        ("We ran.Then we slept.", 2),
        ("is it good or bad?what do you think", 2),
        ("i went. it was ok.", 2),
        ("It is 6 in. long and 2 ft. wide.", 1),
        ("Great :) Thanks! ;-) See you.", 3),
        ("It was shown.[3] Others agree. [ 4 ] They say.", 3),
        ("The crew at work Photo: Jane Roe", 2),
        ("1. Wash 2. Rinse 3. Dry", 3),
        ("1) Wash 2) Rinse", 2),
        ("a. Wash b. Rinse c. Dry", 3),
        ("• Wash • Rinse", 2),
        ("We are done here. Best regards, Jane Roe", 3),
        ("Thanks, Obama", 1),
        ("Made in the U.S. For Export Only", 1),
        ("He left.\u200b She stayed.", 2),
        ("“It is so.“ He left.", 2),
        ('"Why is that?""Well," he said.', 2),
        ("I was in London. then i left.", 2),
        ("He lives in Fresno, Calif. with his dog.", 1),
        ("The senator (R). Last month he ran.", 2),
        ("הוא הלך. היא נשארה.", 2),
        ("Done. 😀 Next one.", 2),
    ],
)
def test_sentences_end_where_a_copy_editor_would_say(text, expected):
    assert len(sentences(text)) == expected, sentences(text)


def test_an_emoji_and_a_smiley_belong_to_what_they_comment():
    assert sentences("Done! 😀 Next. :) Last.") == ["Done! 😀", "Next. :)", "Last."]


HOSTILE = {
    "one line without a mark": "word, ",
    "full stops": ".",
    "full stops apart": ". ",
    "straight quotes": '"',
    "opening quotes": "“a ",
    "a curly quotation full of straight marks": '“ x" ',
    "single quotes": "'a ",
    "possessives": "a' ",
    "addresses": "http://a?b",
    "smileys": " :))",
    "brackets": ".[1",
    "closing marks": ")",
    "initials": "A. ",
    "ellipses": 'a … X " ',
    "items": "1. a 2. b ",
    "labels": "Image: ",
    "breaks": "a\r\n",
    "spaces": " ",
}


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE)
def test_time_grows_with_the_text_and_not_with_its_square(piece):
    def seconds(count):
        text = "." + piece * count + "x"
        best = float("inf")
        for _ in range(3):
            begin = time.process_time()
            split_text(text)
            best = min(best, time.process_time() - begin)
        return best

    # Eight times the text takes about 8 times as long; if time grew with the square it would be 64.
    assert seconds(16_000) < 30 * max(seconds(2_000), 0.001)


def test_memory_is_a_small_multiple_of_the_text():
    text = "A plain sentence of some words, with a comma. " * 20_000
    split_text("Warm. Up.")
    gc.collect()
    tracemalloc.start()
    split_text(text)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5 * len(text)
