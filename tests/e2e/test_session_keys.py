"""Quick fingers: no key is lost, however slow the browser's disk, its processor, the network or the server."""

from __future__ import annotations

import random

import pytest
from browsers import Held
from stores import judge, news

from annotate.store import Move

pytestmark = pytest.mark.e2e

LABELS = ("unrelated_promo", "quoted_official", "editorial_framing", "factual_claim")

# What the browser keeps is kept when its disk says so, which on a busy machine takes as long as a dozen key presses.
SLOW_DISK = """
const said = Object.getOwnPropertyDescriptor(IDBTransaction.prototype, "oncomplete");
Object.defineProperty(IDBTransaction.prototype, "oncomplete", {
  set(act) { said.set.call(this, (event) => setTimeout(() => act(event), 120)); },
});
"""


@pytest.fixture
def quick(serve, visit, stored):
    """Open the page in a browser that is slow in some way, press keys without waiting, and tell what was stored."""

    def press(keys, *, disk=False, processor=1, network=0):
        server = serve()
        one = visit(server, path=None)
        if disk:
            one.page.add_init_script(SLOW_DISK)
        one.go("/label/1")
        if processor > 1 or network:
            tools = one.context.new_cdp_session(one.page)
            tools.send("Emulation.setCPUThrottlingRate", {"rate": processor})
            slow = {"offline": False, "latency": network, "downloadThroughput": -1, "uploadThroughput": -1}
            tools.send("Network.emulateNetworkConditions", slow)
        one.press(*keys)
        one.saved()
        return (
            [event.kind for event in stored(server, lambda store: list(store.events())) if event.coder],
            [event.label for event in stored(server, lambda store: store.in_force(1, coder="lea"))],
        )

    return press


def test_three_quick_undos_take_back_three_decisions(quick):
    kinds, in_force = quick("123uuu", disk=True)
    assert kinds == ["judgment"] * 3 + ["undo"] * 3
    assert in_force == []


@pytest.mark.parametrize("slow", [{"disk": True}, {"processor": 4, "network": 60}], ids=["disk", "processor, network"])
def test_any_quick_sequence_ends_where_a_slow_one_would(quick, slow):
    # Few enough not to outrun the network: what has not been shown yet can't be decided.
    keys = random.Random(5).choices("1234uy", (3, 3, 3, 3, 6, 3), k=30)
    kinds, in_force = quick(keys, **slow)
    assert (kinds, in_force) == worked_slowly(keys)


@pytest.fixture
def lit(visit):
    """Return the number of the unit that is lit in a window."""
    return lambda one: int(one.page.locator(".u.lit").get_attribute("data-unit"))


def test_an_answer_that_a_later_one_overtakes_moves_nothing(serve, visit, lit):
    one = visit(serve())
    first = lit(one)
    entries = Held(one.page, "/api/entries$")
    one.press("1")
    entries.until(1)
    one.press("2", "3", "u")
    entries.release()
    entries.until(1)  # the second and third decision, and that the third is taken back
    one.press("u", "u")
    entries.release(ever=True)
    one.saved()
    seen = []
    for _ in range(3):
        seen.append(lit(one))
        one.decide("y")
    assert [*seen, lit(one)] == [first, first + 1, first + 2, first + 3]


def test_every_quick_arrow_counts_while_what_it_leads_to_is_on_its_way(serve, visit, lit):
    one = visit(serve(*news(12, per_article=4)))
    for key in "1234" * 4:
        one.decide(key)
    one.saved()
    one.go("/label/1")
    here = lit(one)
    places = Held(one.page, "/at/")
    one.press(*["ArrowLeft"] * 6, "1")
    places.until(6)
    places.release(ever=True)
    one.page.wait_for_selector(f'.u.lit[data-unit="{here - 6}"]')
    assert one.page.text_content("#count") == "16 of 48"  # the 1 meant what was not there yet


# Presses a key of the open dialog, then one of the page, before the browser gets to anything else.
AT_ONCE = """async ([first, second]) => {
    const press = (key) => document.activeElement.dispatchEvent(
        new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    press(first);
    for (let turn = 0; turn < 10; turn += 1) await null;
    press(second);
}"""


def test_a_key_right_behind_a_reason_to_skip_decides_the_next_unit(serve, visit, lit, stored):
    server = serve()
    one = visit(server)
    first = lit(one)
    one.press("s")
    one.page.wait_for_selector("dialog[open]")
    one.page.evaluate(AT_ONCE, ["2", "1"])
    one.page.wait_for_selector(f'.u.lit[data-unit="{first + 2}"]')
    one.saved()
    decided = stored(server, lambda store: store.in_force(1, coder="lea"))
    assert [(event.unit, event.kind) for event in decided] == [(first, "skip"), (first + 1, "judgment")]


def test_an_arrow_that_leads_nowhere_does_not_keep_the_next_unit_away(serve, visit, lit):
    one = visit(serve(*news(12, per_article=4)), path=None)
    work = Held(one.page, "/work[?]")
    one.page.route("**/at/*", lambda route: route.abort())
    one.go("/label/1")  # comes with sixteen units; the request for more is held
    first = lit(one)
    for key in "1234" * 3 + "123":
        one.decide(key)
    one.press("4")
    one.page.wait_for_selector('#side[aria-busy="true"]')
    with one.page.expect_event("requestfailed"):
        one.press("ArrowRight")
    work.release(ever=True)
    one.page.wait_for_selector(f'.u.lit[data-unit="{first + 16}"]')
    one.decide("1")


@pytest.fixture
def returned(serve, visit, lit):
    """Open a window that decided with some keys and was then loaded anew; return server, window and first unit."""

    def come_back(*keys):
        server = serve()
        one = visit(server)
        first = lit(one)
        one.press(*keys)
        one.saved()
        one.go("/label/1")
        return server, one, first

    return come_back


def test_a_key_after_an_undo_into_an_earlier_visit_decides_what_was_taken_back(returned, stored):
    server, one, first = returned("1", "2")
    entries = Held(one.page, "/api/entries$")
    one.press("u", "4")  # which unit that takes back only the server knows
    entries.until(1)
    entries.release(ever=True)
    one.page.wait_for_selector(f'.u.lit[data-unit="{first + 2}"]')
    one.saved()
    in_force = stored(server, lambda store: store.in_force(1, coder="lea"))
    assert [(event.unit, event.label) for event in in_force] == [(first, LABELS[0]), (first + 1, LABELS[3])]


def test_an_undo_into_an_earlier_visit_does_not_keep_a_coder_without_server_from_going_on(returned, stored):
    server, one, first = returned("1", "2")
    one.context.set_offline(True)
    one.press("u")
    one.page.wait_for_selector("#banner:not([hidden])")
    one.decide("4")
    one.context.set_offline(False)
    one.saved()
    in_force = stored(server, lambda store: store.in_force(1, coder="lea"))
    assert [(event.unit, event.label) for event in in_force] == [(first, LABELS[0]), (first + 2, LABELS[3])]


def test_several_undos_into_an_earlier_visit_end_at_the_first_decision_and_redo_goes_on(returned, stored):
    server, one, first = returned("1", "2", "3")
    one.press("u", "u", "u", "u")  # one more than there is
    one.page.wait_for_selector(f'.u.lit[data-unit="{first}"]')
    one.saved()
    one.press("y", "4")
    one.page.wait_for_selector(f'.u.lit[data-unit="{first + 2}"]')
    one.saved()
    in_force = stored(server, lambda store: store.in_force(1, coder="lea"))
    assert [(event.unit, event.label) for event in in_force] == [(first, LABELS[0]), (first + 1, LABELS[3])]


def test_who_goes_elsewhere_meanwhile_is_not_called_back_by_an_undo(returned, lit):
    _, one, first = returned("1", "2", "3")
    entries = Held(one.page, "/api/entries$")
    one.press("u")
    entries.until(1)
    one.press("ArrowLeft", "ArrowLeft", "ArrowLeft")
    one.page.wait_for_selector(f'.u.lit[data-unit="{first}"]')
    entries.release(ever=True)
    one.saved()
    assert lit(one) == first
    one.page.locator("#notice button").click()  # there it is said what was taken back, and shown if wished
    one.page.wait_for_selector(f'.u.lit[data-unit="{first + 2}"]')


def test_arrows_pass_over_units_that_were_given_to_others(serve, visit, stored, lit):
    server = serve()

    def share(store):
        judge(store, "a", 1, coder="lea")
        judge(store, "b", 5, coder="lea")
        store.add_coder("cleo")
        store.move(1, [Move(unit, "lea", "cleo") for unit in (2, 3, 4, *range(6, 71))])

    stored(server, share)
    one = visit(server)
    one.page.wait_for_selector(".finished")
    for key, unit in (("ArrowLeft", 5), ("ArrowLeft", 1), ("ArrowRight", 5)):
        one.press(key)
        one.page.wait_for_selector(f'.u.lit[data-unit="{unit}"]')
    one.press("ArrowRight")
    one.page.get_by_text("This is the last unit").wait_for()


def worked_slowly(keys):
    """Return the kinds of events and the labels in force that keys stand for, nothing being late."""
    kinds, done, undone = [], [], []
    for key in keys:
        if key.isdecimal():
            kinds.append("judgment")
            done.append(LABELS[int(key) - 1])
            undone.clear()
        elif key == "u" and done:
            kinds.append("undo")
            undone.append(done.pop())
        elif key == "y" and undone:
            kinds.append("redo")
            done.append(undone.pop())
    return kinds, done
