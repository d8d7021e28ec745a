import pytest

from annotate.errors import FormatError
from annotate.readers.trim import gold_text

BODY = [f"Paragraph {word} of the story about the harbour." for word in ("one", "two")]
PAGE = (
    "".join(f"<p>before {i}</p>" for i in range(9))
    + f"<p>{BODY[0]}</p><p>Share</p><p>{BODY[1]}</p>"
    + "".join(f"<p>after {i}</p>" for i in range(19))
)


def test_five_blocks_before_the_body_and_ten_after_it_are_kept():
    blocks = gold_text(PAGE, "\n".join(BODY).upper()).removesuffix("\n").split("\n\n")
    assert blocks == [f"before {i}" for i in range(4, 9)] + [BODY[0], "Share", BODY[1]] + [
        f"after {i}" for i in range(10)
    ]


def test_short_blocks_do_not_place_the_body():
    assert gold_text(f"<p>Share</p><p>{BODY[0]}</p>", f"{BODY[0]} Share").count("\n\n") == 1


def test_a_body_that_is_not_on_the_page_is_refused():
    with pytest.raises(FormatError, match="no block"):
        gold_text(PAGE, "Something else entirely, of another page and another day.")
