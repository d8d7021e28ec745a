import os
import random
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.duplicates import compared_text, duplicate_clusters
from annotate.types import Article, Block

WORDS = [f"{a}{b}" for a in ("harbour", "council", "pier", "storm", "fish", "crown") for b in "abcdefghijklmnopqrst"]


def story(seed, words=400):
    chooser = random.Random(seed)
    return " ".join(chooser.choice(WORDS) for _ in range(words)) + "."


def clusters(*texts, **options):
    return duplicate_clusters([Article(id=str(i), text=text) for i, text in enumerate(texts)], **options)


def test_different_stories_stand_alone():
    assert clusters(*(story(i) for i in range(60))) == list(range(60))


@pytest.mark.parametrize("seed", range(8))
def test_a_story_under_another_headline_with_its_tail_cut_is_a_copy(seed):
    wire = story(seed)
    words = wire.split()
    cut = "Another headline of the paper's own\n\n" + " ".join(words[: len(words) // 3])
    assert clusters(story(100), wire, story(101), cut, threshold=0.5) == [0, 1, 2, 1]


@pytest.mark.parametrize("seed", range(8))
def test_a_later_version_with_changed_words_and_a_new_paragraph_is_a_copy(seed):
    words = story(seed).split()
    later = [word if i % 40 else "updated" for i, word in enumerate(words)]
    assert clusters(" ".join(words), story(100), story(seed + 200, 80) + "\n" + " ".join(later)) == [0, 1, 0]


def test_stories_that_share_a_quotation_are_no_copies():
    quotation = story(5, 40)
    assert clusters(story(1) + quotation, quotation + story(2), story(3, 100) + quotation) == [0, 1, 2]


def test_a_chain_of_copies_is_one_cluster():
    words = story(1, 900).split()
    versions = [" ".join(words[start : start + 400]) for start in range(0, 500, 100)]
    assert clusters(*versions) == [0] * 5


def test_a_hundred_copies_are_one_cluster():
    assert clusters(*(story(1) + f" {i}" for i in range(100)), story(2)) == [0] * 100 + [1]


@given(st.lists(st.sampled_from(["", "one", "one two three", "a short note of six words", "Ünïcode — “text”"])))
def test_equal_texts_are_copies_however_short_and_numbered_as_they_appear(texts):
    found = clusters(*texts)
    first: dict[str, int] = {}
    expected = [first.setdefault(text or f"empty {i}", len(first)) for i, text in enumerate(texts)]
    assert found == expected


def test_the_threshold_is_the_share_of_the_shorter_story():
    words, others = story(1).split(), story(2).split()
    half = " ".join(words[:200] + others[:200])
    assert clusters(story(1), half, threshold=0.35) == [0, 0]
    assert clusters(story(1), half, threshold=0.65) == [0, 1]


def test_of_a_page_the_body_is_compared():
    menu, text = story(9, 200), story(1)
    page = Article(
        id="p",
        text=f"{menu}\n\n{text}\n",
        blocks=(Block(start=0, end=len(menu), body=False), Block(start=len(menu) + 2, end=-1, body=True)),
    )
    assert compared_text(page) == text
    assert compared_text(Article(id="t", text="all of it")) == "all of it"


def test_the_order_of_hashes_does_not_matter():
    program = (
        "from annotate.types import Article; from annotate.duplicates import duplicate_clusters, _sketch;"
        "a = [Article(id=str(i), text=' '.join(str(j * (i + 7) % 97) for j in range(300))) for i in range(20)];"
        "print(duplicate_clusters(a), _sketch(a)[0].sum())"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    }
    assert len(outputs) == 1
