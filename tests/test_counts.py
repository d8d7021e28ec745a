"""Numbers with their nouns."""

from __future__ import annotations

import pytest

from annotate.counts import count


@pytest.mark.parametrize(
    ("number", "noun", "told"),
    [
        (0, "unit", "0 units"),
        (1, "unit", "1 unit"),
        (2, "copy", "2 copies"),
        (3, "batch", "3 batches"),
        (1, "open unit", "1 open unit"),
        (2071, "open unit", "2,071 open units"),
    ],
)
def test_a_number_and_its_noun_agree(number, noun, told):
    assert count(number, noun) == told
