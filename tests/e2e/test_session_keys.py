"""Quick fingers: no key is lost, however slow the browser's disk, its processor, the network or the server."""

from __future__ import annotations

import random

import pytest

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
