"""Answers to a codebook's variables, as decisions carry them."""

from __future__ import annotations

import pytest
from stores import asking, everything_round, judge

from annotate.codebook import read_codebook
from annotate.errors import CodebookError
from annotate.store import Step


@pytest.fixture(autouse=True)
def codebook(store):
    store.adopt(asking(), again=())


def test_they_are_kept_and_come_back_with_the_judgment(store, client):
    receipt = judge(store, client(), 1, variables={"issues": ["money", "roads", "roads"], "tone": "sharp"})
    kept = {"tone": "sharp", "issues": ["roads", "money"]}
    assert receipt.event.variables == kept
    assert [judgment.variables for judgment in store.judgments()] == [kept]


def test_those_that_differ_only_in_form_are_the_same_decision(store, client):
    judge(store, client(), 1, variables={"tone": "mild", "issues": ("schools", "roads")})
    again = judge(store, client(), 1, variables={"issues": ["roads", "schools"], "tone": "mild"})
    assert again.outcome == "repeated"


def test_they_can_be_changed_alone_and_taken_back(store, client):
    first = judge(store, client(), 1, variables={"tone": "mild"})
    judge(store, client(), 1, variables={"tone": "sharp"}, base=first.event.seq)
    assert store.in_force(1)[0].variables == {"tone": "sharp"}
    store.take(Step(client=client(), coder="ana", round=1, kind="undo"))
    assert store.in_force(1)[0].variables == {"tone": "mild"}


@pytest.mark.parametrize(
    ("label", "given", "problem"),
    [
        ("factual_claim", {}, "'tone' needs an answer"),
        ("factual_claim", {"tone": ""}, "'tone' has no value ''"),
        ("factual_claim", {"tone": "loud"}, "'tone' has no value 'loud'"),
        ("factual_claim", {"tone": ["mild"]}, "'tone' has no value"),
        ("factual_claim", {"tone": None}, "'tone' has no value None"),
        ("factual_claim", {"tone": "mild", "issues": "roads"}, "'issues' takes a list"),
        ("factual_claim", {"tone": "mild", "issues": ["roads", "dogs"]}, "'issues' has no value 'dogs'"),
        ("factual_claim", {"tone": "mild", "size": "big"}, "no variable 'size'"),
        ("editorial_framing", {"tone": "mild", "issues": ["roads"]}, "'issues' is not asked after editorial"),
        ("unrelated_promo", {"tone": "mild"}, "'tone' is not asked after unrelated_promo"),
    ],
)
def test_those_that_the_codebook_does_not_allow_are_refused(store, client, label, given, problem):
    with pytest.raises(CodebookError, match=problem):
        judge(store, client(), 1, label, variables=given)
    assert store.in_force(1) == []


def test_a_skip_has_none(store, client):
    with pytest.raises(CodebookError, match="not asked after a skip"):
        judge(store, client(), 1, None, kind="skip", variables={"tone": "mild"})
    assert judge(store, client(), 1, None, kind="skip").outcome == "stored"


def test_they_are_held_against_the_codebook_that_the_coder_saw(store, client):
    old = store.codebook().fingerprint
    store.adopt(read_codebook(), again=())
    judge(store, client(), 1, codebook=old, variables={"tone": "mild"})
    with pytest.raises(CodebookError, match="no variable 'tone'"):
        judge(store, client(), 2, variables={"tone": "mild"})


def test_what_comes_from_elsewhere_may_lack_some(store, client):
    everything_round(store, "imported", purpose="import")
    assert judge(store, client(), 1, round=2).outcome == "stored"


def test_those_of_an_adjudication_are_checked_alike(store, client):
    with pytest.raises(CodebookError, match="needs an answer"):
        judge(store, client(), 1, kind="adjudication")
    judge(store, client(), 1, kind="adjudication", variables={"tone": "plain"})
    assert store.adjudicated(1)[0].variables == {"tone": "plain"}
