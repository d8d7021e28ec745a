"""Variables besides the label: what the page is told of them, what it may send, and what others see of the answers."""

from __future__ import annotations

import msgspec
import pytest
from sessions import entry
from stores import ISSUES, TONE, asking, judge

from annotate.session import figures
from annotate.types import Value

HOSTILE = '</script><img src=x onerror="alert(1)">{{ 7 * 7 }}'


@pytest.fixture
def asked(served):
    served.store.adopt(asking())
    return served


def decided(answer):
    assert answer.status_code == 200, answer.text
    return answer.json()["answers"]


def test_the_page_is_told_all_that_coders_need(asked):
    tone, issues = asked.browser("ana").start().json()["codebook"]["variables"]
    assert (tone["key"], tone["question"], tone["when"]) == ("tone", TONE.question, list(TONE.when))
    assert tone["values"][0] == {
        "key": "mild",
        "name": "mild",
        "definition": TONE.values[0].definition,
        "examples": list(TONE.values[0].examples),
        "hotkey": "m",
    }
    assert (issues["multiple"], issues["required"]) == (True, False)


def test_a_codebook_without_variables_tells_of_none(served):
    assert served.browser("ana").start().json()["codebook"]["variables"] == []


def test_answers_are_stored_with_the_label_and_shown_again_to_their_coder_alone(asked):
    ana = asked.browser("ana")
    given = {"tone": "sharp", "issues": ["money", "roads"]}
    (answer,) = decided(ana.decide(entry(1, variables=given)))
    kept = {"tone": "sharp", "issues": ["roads", "money"]}
    assert answer["in_force"]["variables"] == kept
    assert asked.store.in_force(1, coder="ana")[0].variables == kept
    (item,) = [one for one in ana.start().json()["work"]["articles"][0]["items"] if one["unit"] == 1]
    assert item["decision"]["variables"] == kept
    assert "decision" not in asked.browser("ben").start().text


@pytest.mark.parametrize(
    ("sent", "problem"),
    [
        ({}, "needs an answer"),
        ({"tone": "loud"}, "no value 'loud'"),
        ({"tone": "mild", "size": "big"}, "no variable 'size'"),
        ({"tone": "mild", "issues": ["roads", "\x00"]}, "no value"),
        ({"tone": "mild", "__proto__": "roads"}, "no variable"),
    ],
)
def test_what_the_codebook_does_not_allow_is_refused_in_words(asked, sent, problem):
    (answer,) = decided(asked.browser("ana").decide(entry(1, variables=sent)))
    assert answer["outcome"] == "refused"
    assert problem in answer["problem"]
    assert asked.store.in_force(1) == []


@pytest.mark.parametrize(
    "sent",
    [
        {"tone": 1},
        {"tone": {"mild": True}},
        {"issues": [["roads"]]},
        {"issues": ["roads"] * 101},
        {"tone": "x" * 101},
        {f"v{n}": "a" for n in range(101)},
        "mild",
        None,
    ],
)
def test_what_is_no_answer_at_all_is_no_request(asked, sent):
    assert asked.browser("ana").decide(entry(1, variables=sent)).status_code == 400


def test_coders_who_differ_in_an_answer_alone_are_in_dispute(asked):
    judge(asked.store, "a", 1, variables={"tone": "mild"})
    judge(asked.store, "b", 1, variables={"tone": "sharp"}, coder="ben")
    judge(asked.store, "c", 2, variables={"tone": "mild"})
    judge(asked.store, "d", 2, variables={"tone": "mild"}, coder="ben")
    told = asked.browser("jo").start(lane="adjudication").json()
    assert told["work"]["units"] == [1]
    (item,) = [one for one in told["work"]["articles"][0]["items"] if one["unit"] == 1]
    assert [vote["decision"]["variables"] for vote in item["votes"]] == [{"tone": "mild"}, {"tone": "sharp"}]
    assert "tone: sharp" in asked.browser("lea").get("/rounds/1").text


def test_those_who_were_asked_by_different_codebooks_differ_only_in_what_both_ask(served):
    judge(served.store, "a", 1)
    served.store.adopt(asking(TONE), again=())
    judge(served.store, "b", 1, variables={"tone": "mild"}, coder="ben")
    assert served.browser("jo").start(lane="adjudication").json()["work"]["units"] == []


def test_the_lead_sees_how_far_coders_agree_on_each_variable(asked):
    tones = ("mild", "plain", "sharp")
    for unit in range(1, 13):
        for coder in ("ana", "ben"):
            other = coder == "ben" and unit % 4 == 0
            given = {"tone": tones[(unit + other) % 3], "issues": ["roads"] if unit % 2 else []}
            judge(asked.store, f"{coder}{unit}", unit, variables=given, coder=coder)
    found = asked.browser("lea").get("/api/rounds/1/agreement").json()
    told = {name: (units, alpha["estimate"]) for name, units, alpha in found["variables"]}
    assert list(told) == ["tone", "issues: roads", "issues: schools", "issues: money"]
    assert told["tone"][0] == 12
    assert 0 < told["tone"][1] < 1
    assert told["issues: roads"] == (12, 1.0)
    assert told["issues: money"][1] is None, "nobody chose it: there is nothing to agree on"


def test_answers_to_a_scale_that_are_near_agree_better_than_those_that_are_far():
    def alpha(other, scale):
        tone = msgspec.structs.replace(TONE, scale=scale)
        rows = [
            figures.Row("a", n, n + 1, coder, "x", answers={"tone": given})
            for n in range(30)
            for coder, given in (("ana", "mild" if n % 2 else "sharp"), ("ben", other(n)))
        ]
        ((_, _, found),) = figures._of_variables(figures.Question(("x",), tuple(rows), (tone,)))
        return found.estimate

    def near(n):
        return "plain" if n % 5 == 0 else "mild" if n % 2 else "sharp"

    def far(n):
        return ("sharp" if n % 2 else "mild") if n % 5 == 0 else "mild" if n % 2 else "sharp"

    assert alpha(near, "ordinal") > alpha(far, "ordinal")
    assert alpha(near, "ordinal") > alpha(near, "nominal")


def test_answers_that_are_none_of_today_s_count_for_no_figure():
    rows = [
        figures.Row("a", n, n + 1, coder, "x", answers={"tone": tone})
        for n, tone in enumerate(("mild", "gone", "sharp"))
        for coder in ("ana", "ben")
    ]
    ((_, units, _),) = figures._of_variables(figures.Question(("x",), tuple(rows), (TONE,)))
    assert units == 2


def test_hostile_names_of_variables_and_values_are_escaped_everywhere(served):
    tone = msgspec.structs.replace(
        TONE,
        name=HOSTILE,
        question=HOSTILE,
        definition=HOSTILE,
        values=(Value("mild", HOSTILE, HOSTILE, (HOSTILE,), "<"), *TONE.values[1:]),
    )
    served.store.adopt(asking(tone, ISSUES))
    for coder, given in (("ana", "mild"), ("ben", "sharp")):
        judge(served.store, coder, 1, variables={"tone": given}, coder=coder)
    page = served.browser("lea").get("/rounds/1").text
    assert "<img" not in page
    assert "&lt;img" in page
    told = served.browser("ana").start()
    assert told.headers["content-type"].startswith("application/json")
    assert told.headers["x-content-type-options"] == "nosniff"
    assert told.json()["codebook"]["variables"][0]["name"] == HOSTILE
