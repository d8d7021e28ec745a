"""What the session says, and how it writes numbers, in each of its languages."""

from __future__ import annotations

import subprocess
import sys

import pytest

from annotate.session.words import Words, languages


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", ["0", "999", "1,234", "12,345.7", "+3", "-2", "12.3%", "0.810", "< 0.001", "> 0.999"]),
        ("de", ["0", "999", "1.234", "12.345,7", "+3", "-2", "12,3\N{NO-BREAK SPACE}%", "0,810", "< 0,001", "> 0,999"]),
        ("es", ["0", "999", "1234", "12.345,7", "+3", "-2", "12,3\N{NO-BREAK SPACE}%", "0,810", "< 0,001", "> 0,999"]),
    ],
)
def test_numbers_are_written_as_the_language_does(language, told):
    figures = [(0, ""), (999, ""), (1234, ""), (12345.67, ".1f"), (3.2, "+.0f"), (-2.4, "+.0f")]
    shares = [(0.1234, ".1%"), (0.81, "p"), (0.0, "p"), (1.0, "p")]
    say = Words(language)
    assert [say.figure(value, spec) for value, spec in (*figures, *shares)] == told


def test_blanks_of_phrases_are_filled_with_such_numbers():
    assert Words("de")("home.done", done=1200, all=34567) == "1.200 von 34.567 erledigt"
    assert "(probability that alpha is below: < 0.001)" in Words("en")(
        "agreement.tentative_reaches", below=2 / 3, chance=0.0
    )


def test_names_in_blanks_stay_as_they_are():
    assert Words("de")("home.hello", name="1.5 {x} %") == "Guten Tag, 1.5 {x} %"


@pytest.mark.parametrize("language", languages())
def test_of_one_unit_it_is_said_in_the_singular(language):
    say = Words(language)
    one, more = say("round.disputes", n=1), say("round.disputes", n=2)
    assert "1" not in one
    assert "2" in more


def test_the_session_starts_without_what_computes_agreement():
    code = (
        "import sys, annotate.session.app; print([one for one in sys.modules if one.startswith('annotate.agreement')])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
