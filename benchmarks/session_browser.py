"""Measure what a coder sees of a tool in Chromium: ours and, from the same run, its peers.

    NUTGRAF_POTATO=DIR NUTGRAF_DOCCANO=DIR python benchmarks/session_browser.py nutgraf potato doccano
    python benchmarks/session_browser.py nutgraf --decisions 300

A decision takes the key of its label and, with the peers, one more for the next sentence. Timed is only from the last
of them until the next sentence is painted, and that one is pressed only once the page shows the label as chosen: both
are in the peers' favour. Nothing here is an assertion; read the pictures that ``--pictures DIR`` keeps.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from axe_playwright_python.sync_playwright import Axe
from browsers import CHROMIUM, FLAGS
from playwright.sync_api import Error, sync_playwright
from session_table import table
from session_tools import LABELS, Doccano, Nutgraf, Potato, sentences, spread

TOOLS = {"nutgraf": Nutgraf, "potato": Potato, "doccano": Doccano}
HOSTILE = 'The mayor </script><script>document.title="ran"</script> spoke.'
WINDOWS = 5  # units that two windows decide differently
SPARE = WINDOWS + 3
PATIENCE = 120.0
# From a key's press to the frame with another sentence, as the browser's own clock tells: it goes on over page loads.
WATCH = """(() => {
  const shown = () => UNIT;
  let [pressed, before] = JSON.parse(sessionStorage.getItem("pressed") ?? "[0, null]");
  const remember = (...now) => {
    [pressed, before] = now;
    sessionStorage.setItem("pressed", JSON.stringify(now));
  };
  const painted = () => {
    const took = performance.timeOrigin + performance.now() - pressed;
    remember(0, null);
    sessionStorage.setItem("painted", JSON.stringify([...JSON.parse(sessionStorage.getItem("painted") ?? "[]"), took]));
  };
  const press = ({ timeStamp }) => remember(performance.timeOrigin + timeStamp, shown());
  addEventListener("keydown", press, { capture: true });
  const look = () => {
    const unit = pressed && shown();
    if (unit && unit !== before) {
      const channel = new MessageChannel();
      channel.port1.onmessage = painted;
      channel.port2.postMessage(0);
      before = unit;
    }
    requestAnimationFrame(look);
  };
  look();
})()"""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tools", nargs="+", choices=TOOLS)
    parser.add_argument("--decisions", type=int, default=60)
    parser.add_argument("--pictures", type=Path, help="a folder for what the windows looked like")
    options = parser.parse_args()
    found = {}
    for name in options.tools:
        with tempfile.TemporaryDirectory() as folder:
            rows = found[TOOLS[name].name] = {}
            for row, value in measure(TOOLS[name], Path(folder), options.decisions, options.pictures):
                print(f"{name}: {row}: {value}", file=sys.stderr)
                rows[row] = value
    print(table(found))


def measure(make, folder, decisions, pictures=None):
    """Yield a tool's rows; each server that is needed lives in a folder of its own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        texts = sentences(decisions + SPARE)
        with served(make, folder / "plain", texts) as tool:
            windows = Windows(browser, tool, pictures)
            yield from measure_reading(windows, texts, decisions)
            yield "two windows, different labels", measure_windows(windows, decisions)
            yield "server dies under the coder", measure_death(windows, decisions + WINDOWS)
        with served(make, folder / "hostile", [HOSTILE, *texts[:5]]) as tool:
            yield "`</script>` in a sentence", measure_hostile(Windows(browser, tool, pictures))
        browser.close()


def served(make, folder, texts):
    folder.mkdir(parents=True)
    return make(folder, texts)


class Windows:
    """Windows on one tool, each a browser of its own: no cache, no cookie and no tab in common."""

    def __init__(self, browser, tool, pictures):
        self.tool = tool
        self._browser, self._pictures = browser, pictures
        tool.enrol(["lea"])

    def open(self, place, *, answered=None):
        context = self._browser.new_context(viewport={"width": 1280, "height": 800})
        context.set_default_timeout(1000 * PATIENCE)
        context.add_init_script(WATCH.replace("UNIT", self.tool.unit))
        self.tool.sign_in(context)
        page = context.new_page()
        if answered is not None:
            page.on("requestfinished", answered)
        self.go(page, place)
        return page

    def go(self, page, place):
        page.goto(self.tool.address(place))
        until(page, lambda: page.evaluate(self.tool.unit))
        page.wait_for_load_state(self.tool.settled)

    def decide(self, page, label):
        """Press the keys of a decision, each when the page has taken the one before."""
        page.keyboard.press(str(1 + LABELS.index(label)))
        if self.tool.chosen:
            page.wait_for_selector(self.tool.chosen, state="attached")
        for key in self.tool.keys_after:
            page.keyboard.press(key)

    def turn(self, page):
        """Go on to the next sentence, if the decision alone did not."""
        before = page.evaluate(self.tool.unit)
        for key in self.tool.keys_after:
            page.keyboard.press(key)
        if self.tool.keys_after:
            until(page, lambda: page.evaluate(self.tool.unit) not in (before, None, False))

    def notice(self, page):
        """Return what the tool tells the coder just now, or nothing."""
        found = page.locator(self.tool.notices).all()
        return " ".join(" ".join(one.inner_text().split()) for one in found if one.is_visible())

    def picture(self, page, name):
        if self._pictures:
            self._pictures.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=self._pictures / f"{self.tool.name}-{name}.png")


def measure_reading(windows, texts, decisions):
    sizes, hosts = [], set()

    def answered(request):
        size = request.sizes()
        sent = size["requestHeadersSize"] + size["requestBodySize"]
        sizes.append((sent, size["responseHeadersSize"] + size["responseBodySize"]))
        hosts.add(request.url.split("/")[2])

    page = windows.open(0, answered=answered)
    windows.picture(page, "start")
    yield "cold load, KB", f"{sum(received for _, received in sizes) / 1000:.0f}"
    words = page.inner_text("body")
    yield "context shown", "the article" if all(text in words for text in texts[1:30]) else "none"
    violations = Axe().run(page).response["violations"]
    yield "axe: rules broken", f"{len(violations)} {', '.join(sorted(one['id'] for one in violations))}".strip()
    sizes.clear()
    painted = watch_decisions(windows, page, decisions)
    yield "keys a decision", str(1 + len(windows.tool.keys_after))
    yield "last key to the next sentence, ms: median / p95", spread(painted)
    page.wait_for_load_state(windows.tool.settled)
    yield "KB a decision, both ways", f"{sum(map(sum, sizes)) / decisions / 1000:.1f}"
    yield "requests to other hosts", str(len(hosts - {windows.tool.base.partition("//")[2]}))
    stored = [windows.tool.stored(place) for place in range(decisions)]
    right = sum(labels == [LABELS[place % 4]] for place, labels in enumerate(stored))
    yield "decisions pressed; stored as pressed", f"{decisions}; {right}"
    page.context.close()


def watch_decisions(windows, page, decisions):
    def painted():
        return json.loads(page.evaluate("sessionStorage.getItem('painted') ?? '[]'"))

    for number in range(decisions):
        windows.decide(page, LABELS[number % 4])
        page.wait_for_timeout(60)
        until(page, lambda number=number: len(painted()) > number)
    page.wait_for_timeout(2000)
    return painted()


def measure_windows(windows, place):
    """Let one coder decide the same units differently in two windows that were open before either decision."""
    outcomes, told, broken = Counter(), 0, 0

    def answered(response):
        nonlocal broken
        broken += response.status >= 500

    pages = [windows.open(place), windows.open(place)]
    for page in pages:
        page.on("response", answered)
    for number in range(WINDOWS):
        for page, key in zip(pages, "12", strict=True):
            page.keyboard.press(key)
        pages[1].wait_for_timeout(3000)
        outcomes[outcome(windows.tool.stored(place + number))] += 1
        told += any(windows.notice(page) for page in pages)
        if number == 0:
            windows.picture(pages[1], "two-windows")
        windows.turn(pages[0])
        for page in pages:
            windows.go(page, place + number + 1)
    for page in pages:
        page.context.close()
    happened = ", ".join(f"{count} × {what}" for what, count in outcomes.most_common())
    return f"{happened}; HTTP 5xx: {broken}; told: {told} of {WINDOWS}"


def outcome(stored):
    if len(stored) == 1:
        return {LABELS[0]: "the first stands", LABELS[1]: "the last stands"}[stored[0]]
    return f"{len(stored)} labels stored"


def measure_death(windows, place):
    """Kill the server before an open page, decide, and start it again without touching the page."""
    page = windows.open(place)
    page.wait_for_timeout(1000)
    windows.tool.kill()
    before = waited(page, lambda: windows.notice(page), 3.0)
    page.keyboard.press("1")
    page.wait_for_timeout(1500)
    for key in windows.tool.keys_after:
        page.keyboard.press(key)
    after = before or waited(page, lambda: windows.notice(page), 5.0)
    said = windows.notice(page)
    windows.picture(page, "dead")
    windows.tool.start()
    back = waited(page, lambda: windows.tool.stored(place) == [LABELS[0]], 20.0)
    windows.picture(page, "back")
    page.context.close()
    told = "nothing is said"
    if before or after:
        when = f"{1000 * before:.0f} ms after its death" if before else "after the decision"
        told = f"“{said}”, {when}"
    return f"{told}; {'stored' if back else 'not stored'} once it is back"


def measure_hostile(windows):
    page = windows.open(0)
    page.wait_for_timeout(1000)
    windows.picture(page, "hostile")
    runs = page.title() == "ran"
    text = page.locator(windows.tool.shown).first.text_content(timeout=5000)
    return (
        f"{'runs' if runs else 'does not run'}; {'shown, byte for byte' if HOSTILE in text else 'not shown as it is'}"
    )


def waited(page, look, patience):
    """Return the seconds until ``look`` found something, or None."""
    began = time.monotonic()
    while time.monotonic() - began < patience:
        if look():
            return time.monotonic() - began
        page.wait_for_timeout(10)
    return None


def until(page, look):
    """Wait for what ``look`` asks of a page that may just be going to another."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            if look():
                return
        except Error as error:
            if "context was destroyed" not in str(error):
                raise
        page.wait_for_timeout(20)
    raise SystemExit(f"waited in vain for {page.url}")


if __name__ == "__main__":
    main()
