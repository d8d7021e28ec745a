"""A codebook that asks for more than the label: all by keyboard, one key an answer."""

from __future__ import annotations

import msgspec
import pytest
from playwright.sync_api import expect
from stores import ISSUES, TONE, asking, judge, story

pytestmark = pytest.mark.e2e

THREE = story("tale", "The bridge closed.", "A shameful failure.", "Subscribe now.")


def decisions(store, coder="lea"):
    return [(event.label, event.variables) for event in store.in_force(1, coder=coder)]


@pytest.fixture
def asked(serve, visit):
    """Open a round of three sentences with a codebook that asks for tone and issues."""
    server = serve(THREE, codebook=asking())
    return server, visit(server)


def question(one):
    return one.page.locator("#choices h2")


def test_each_answer_is_one_key_and_what_does_not_follow_is_not_asked(asked, stored):
    server, one = asked
    one.press("4")  # a factual claim: tone and issues follow
    expect(question(one)).to_have_text("How sharp is its tone? 1 / 2")
    one.press("m")  # the codebook's key for mild, else a command's
    expect(question(one)).to_have_text("What is it about? 2 / 2")
    one.press("3", "1", "1", "2", "Enter")  # money, roads, not roads, schools
    assert one.lit() == "A shameful failure."
    one.press("3", "h")  # editorial framing: only tone
    assert one.lit() == "Subscribe now."
    one.press("1")  # promo: nothing follows
    one.page.wait_for_selector(".finished")
    one.saved()
    assert stored(server, decisions) == [
        ("factual_claim", {"tone": "mild", "issues": ["schools", "money"]}),
        ("editorial_framing", {"tone": "sharp"}),
        ("unrelated_promo", {}),
    ]


def test_nothing_is_stored_before_the_last_answer_and_undo_goes_back_a_question(asked, stored):
    server, one = asked
    one.press("4", "m")
    expect(question(one)).to_have_text("What is it about? 2 / 2")
    one.press("u")
    expect(question(one)).to_have_text("How sharp is its tone? 1 / 2")
    expect(one.page.locator('[data-value="mild"]')).to_have_attribute("aria-pressed", "true")
    one.press("u")
    expect(question(one)).to_have_count(0)
    assert stored(server, decisions) == []
    one.press("3", "h")
    one.saved()
    assert stored(server, decisions) == [("editorial_framing", {"tone": "sharp"})]
    one.press("u")  # now the decision itself
    expect(one.page.locator(".u.lit > span").first).to_have_text("The bridge closed.")
    one.saved()
    assert stored(server, decisions) == []
    one.press("3")
    expect(one.page.locator('[data-value="sharp"]')).to_have_attribute("aria-pressed", "true")
    one.press("Enter")  # as it was
    one.saved()
    assert stored(server, decisions) == [("editorial_framing", {"tone": "sharp"})]


def test_what_is_required_can_t_be_passed_over_and_what_is_not_can(serve, visit, stored):
    optional = msgspec.structs.replace(TONE, key="pace", name="pace", required=False, when=())
    server = serve(THREE, codebook=asking(TONE, optional))
    one = visit(server)
    one.press("4", "Enter")
    expect(one.page.locator("#notice")).to_contain_text("Choose an answer")
    one.press("1")  # plain has no key of its own and takes the first free one
    one.page.get_by_role("button", name="Pass over").click()
    assert one.lit() == "A shameful failure."
    one.saved()
    assert stored(server, decisions) == [("factual_claim", {"tone": "plain"})]


def test_what_was_begun_and_left_is_still_there(asked, stored):
    server, one = asked
    one.press("4", "m", "ArrowRight")
    assert one.lit() == "A shameful failure."
    one.press("ArrowLeft")
    expect(question(one)).to_have_text("What is it about? 2 / 2")
    one.press("Escape")
    expect(question(one)).to_have_count(0)
    one.press("s", "2")
    one.saved()
    assert stored(server, decisions) == [(None, {})]


def test_answers_are_shown_again_and_can_be_changed(asked, stored):
    server, one = asked
    one.press("3", "h")
    one.press("ArrowLeft")
    expect(one.page.locator("#answers")).to_have_text("tonesharp")
    assert one.page.locator(".u.lit .cap").get_attribute("title") == "editorial framing, tone: sharp"
    one.press("3", "m")
    one.saved()
    assert stored(server, decisions) == [("editorial_framing", {"tone": "mild"})]
    assert [event.kind for event in stored(server, lambda store: store.history(1))] == ["judgment", "judgment"]


def test_answers_survive_a_killed_server(asked, stored):
    server, one = asked
    server.kill()
    one.page.wait_for_selector("#banner:not([hidden])")
    one.press("4", "m", "1", "Enter", "u", "4", "h", "Enter")
    server.start()
    one.saved()
    assert stored(server, decisions) == [("factual_claim", {"tone": "sharp", "issues": ["roads"]})]


def test_own_keys_are_chosen_for_answers_too(asked, stored):
    server, one = asked
    one.press(",")
    one.page.get_by_role("textbox", name="plain", exact=True).press("p")
    one.page.get_by_role("button", name="Save").click()
    one.page.get_by_text("Keys saved").wait_for()
    one.press("3", "p")
    one.saved()
    assert stored(server, decisions) == [("editorial_framing", {"tone": "plain"})]


def test_an_adjudicator_sees_the_answers_and_settles_them(serve, visit, stored):
    server = serve(THREE, codebook=asking())

    def code(store):
        judge(store, "a", 1, variables={"tone": "mild", "issues": ["roads"]})
        judge(store, "b", 1, variables={"tone": "sharp", "issues": ["roads"]}, coder="ben")
        judge(store, "c", 2, "editorial_framing", variables={"tone": "mild"})
        judge(store, "d", 2, "editorial_framing", variables={"tone": "mild"}, coder="ben")
        judge(store, "e", 1, None, kind="skip", coder="lea")

    stored(server, code)
    one = visit(server, "/adjudicate/1")
    assert one.lit() == "The bridge closed."
    assert one.page.locator("#votes li", has_text="Ben").text_content() == "Ben: factual claimtone: sharpissues: roads"
    assert one.page.locator("#votes mark").all_text_contents() == ["mild", "sharp"]
    one.press("4", "h", "1", "Enter")
    one.page.wait_for_selector(".finished")
    one.saved()
    settled = stored(server, lambda store: [(event.label, event.variables) for event in store.adjudicated(1)])
    assert settled == [("factual_claim", {"tone": "sharp", "issues": ["roads"]})]


def test_a_changed_codebook_asks_again_with_the_answers_there_were(serve, visit, stored):
    server = serve(THREE, codebook=asking(TONE))
    stored(server, lambda store: judge(store, "a", 2, "editorial_framing", coder="lea", variables={"tone": "sharp"}))
    everywhere = msgspec.structs.replace(TONE, question="How sharp does it sound?")
    assert stored(server, lambda store: store.adopt(asking(everywhere, ISSUES))) == 1
    one = visit(server)
    one.decide("1")
    assert one.lit() == "A shameful failure."
    one.press("3")
    expect(question(one)).to_have_text("How sharp does it sound?")
    one.press("Enter")
    one.saved()
    assert stored(server, decisions)[1] == ("editorial_framing", {"tone": "sharp"})
    assert (
        stored(server, lambda store: store.in_force(1, coder="lea")[1].codebook)
        == asking(everywhere, ISSUES).fingerprint
    )
