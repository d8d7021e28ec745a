"""Every screen: no barrier for anybody, on desktop and phone, by day and night, in three languages."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from browsers import fresh_link
from stores import asking, judge

from annotate.session.passwords import hashed
from annotate.session.statics import shelf
from annotate.session.words import Words, languages
from annotate.store import Remark, RoundSettings

pytestmark = pytest.mark.e2e

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DESKTOP = {"viewport": {"width": 1280, "height": 800}}
ZOOMED = {"viewport": {"width": 640, "height": 400}, "device_scale_factor": 2}
DOCS = Path(__file__).parents[2] / "docs"
LABELS = ("quoted_official", "editorial_framing", "factual_claim")


@pytest.fixture
def team(serve, stored):
    """A project in which three coders have begun and differ here and there."""
    server = serve(settings=RoundSettings(hide=("outlet",), spans=True))

    def fill(store):
        store.change_coder("ana", password=hashed("seven small boats"))
        for unit in range(1, 61):
            for place, coder in enumerate(("ana", "ben", "lea")):
                own = LABELS[unit % 3] if (unit + place) % 7 else LABELS[(unit + 1) % 3]
                if coder != "lea" or unit <= 40:
                    judge(store, f"{coder}-{unit}", unit, own, coder=coder, active_ms=2000 + 300 * place)
        store.take(
            Remark(client="c", coder="ana", unit=6, round=1, kind="comment", note="Is the report itself the source?")
        )

    stored(server, fill)
    return server


def fits(page):
    """Return whether nothing has to be scrolled sideways."""
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


class Inspection:
    """Looks at screens and remembers their barriers."""

    def __init__(self, one):
        self.one = one
        self.found = {}

    def look(self, name):
        self.found[name] = self.one.violations()
        assert fits(self.one.page), name

    def look_at_dialogs(self, keys, what):
        for key in keys:
            self.one.press(key)
            self.one.page.wait_for_selector("dialog[open]")
            self.look(f"dialog {key} {what}")
            self.one.press("Escape")
            self.one.page.wait_for_selector("dialog", state="detached")

    @property
    def barriers(self):
        return {name: barriers for name, barriers in self.found.items() if barriers}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_no_screen_has_a_barrier(team, visit, size, scheme):
    one = visit(team, color_scheme=scheme, reduced_motion="reduce", **size)
    page, seen = one.page, Inspection(one)
    seen.look("label")
    page.locator('[data-label="quoted_official"]').focus()
    seen.look("label with a definition")
    page.locator("#reading").focus()
    one.press("1", "n")
    seen.look("label, decided and unsure")
    seen.look_at_dialogs("?sctg,", "of labels")
    one.press("m")
    seen.look("marking")
    for path in ("/", "/adjudicate/1", "/rounds/1", "/people", "/account", "/nowhere", "/label/9"):
        one.go(path) if "/9" not in path else page.goto(f"{team.base}{path}")
        if path == "/adjudicate/1":
            page.wait_for_selector("#votes li")
        if path == "/rounds/1":
            page.wait_for_selector(".big")
        seen.look(path)
    one.go("/people")
    page.get_by_role("button", name="Make an invitation").click()
    seen.look("invitation")
    link = page.input_value("#invitation")
    page.goto(f"{team.base}/account")
    page.get_by_role("button", name="Sign out").click()
    seen.look("sign-in")
    page.fill("#key", "ana")
    page.fill("#password", "wrong")
    page.locator("button.main").click()
    seen.look("sign-in refused")
    page.goto(link)
    seen.look("join")
    assert seen.barriers == {}


@pytest.mark.parametrize(
    ("size", "scheme"),
    [(DESKTOP, "light"), (PHONE, "dark"), (ZOOMED, "dark")],
    ids=["desktop", "phone", "zoomed"],
)
def test_no_question_has_a_barrier(team, visit, stored, size, scheme):
    stored(team, lambda store: store.adopt(asking(), again=()))
    one = visit(team, color_scheme=scheme, reduced_motion="reduce", **size)
    page, seen = one.page, Inspection(one)
    one.press("4")
    page.locator('[data-value="mild"]').focus()
    seen.look("a question with a definition")
    one.press("m", "1")
    seen.look("a question of several answers")
    seen.look_at_dialogs("?,", "with variables")
    one.press("Enter", "ArrowLeft")
    page.wait_for_selector("#answers:not([hidden])")
    seen.look("answers shown again")
    one.saved()
    stored(team, lambda store: judge(store, "x", 41, coder="ben", variables={"tone": "sharp", "issues": ["money"]}))
    one.go("/adjudicate/1")
    page.wait_for_selector("#votes li")
    seen.look("adjudication")
    one.go("/rounds/1")
    page.wait_for_selector(".big")
    seen.look("figures")
    assert seen.barriers == {}


@pytest.mark.parametrize("size", [DESKTOP, PHONE, ZOOMED], ids=["desktop", "phone", "zoomed"])
def test_the_lit_sentence_stays_in_sight_above_the_labels(team, visit, size):
    one = visit(team, reduced_motion="reduce", **size)
    for _ in range(25):
        lit = one.page.locator(".u.lit").bounding_box()
        box = one.page.locator("#reading").bounding_box()
        assert lit["y"] >= box["y"] - 1
        assert lit["y"] + min(lit["height"], 30) <= box["y"] + box["height"]
        one.decide("1")
    assert fits(one.page)


def test_fingers_find_large_buttons(team, visit):
    one = visit(team, **PHONE)
    buttons = one.page.locator("button:visible")
    for place in range(buttons.count()):
        assert buttons.nth(place).bounding_box()["height"] >= 40
    one.page.locator('[data-label="factual_claim"]').tap()
    one.saved()
    assert one.page.text_content("#count") == "41 of 70"


def test_a_screen_reader_hears_what_was_decided_and_what_comes(team, visit):
    one = visit(team)
    one.decide("2")
    said = one.page.text_content("#live")
    assert said.startswith("quoted official. 41 of 70. Next: ")
    assert said.endswith(one.lit())
    assert one.page.get_attribute(".u.lit", "aria-current") == "true"
    assert one.page.get_attribute('[data-label="quoted_official"]', "aria-keyshortcuts") == "2"


@pytest.mark.parametrize(
    ("locale", "undo", "saved"),
    [("de-DE", "Rückgängig", "Alles gespeichert"), ("es-ES", "Deshacer", "Todo guardado")],
)
def test_the_page_speaks_the_coder_s_language(team, visit, locale, undo, saved):
    one = visit(team, locale=locale)
    assert undo in one.page.text_content("#commands")
    assert one.page.text_content("#saved") == saved
    one.press("?")
    one.page.wait_for_selector("dialog[open]")
    assert not re.search(r"\b(Undo|Help|Examples|Keys|Close)\b", one.page.text_content("dialog"))


@pytest.mark.parametrize("language", languages())
def test_the_page_writes_numbers_as_the_language_and_the_server_do(team, visit, language):
    one = visit(team, locale=language)
    numbers = [0, 7.25, 999, 1234, 9999.96, 12345.6, 1234567]
    written = one.page.evaluate(
        """async (numbers) => {
          const { number } = await import(`${document.body.dataset.static}/numbers.js`);
          const percentage = { style: "percent", least: 1 };
          return numbers.flatMap((one) => [number(one, { least: 3, most: 3 }), number(one / 1e4, percentage)]);
        }""",
        numbers,
    )
    say = Words(language)
    assert written[::2] == [say.figure(one, ".3f") for one in numbers]
    assert written[1::2] == [say.figure(one / 1e4, ".1%") for one in numbers]


def test_the_figures_are_those_of_the_lead_s_language(team, visit):
    one = visit(team, "/rounds/1", locale="de-DE")
    one.page.wait_for_selector(".big")
    told = one.page.text_content("main")
    assert re.search(r"α 0,\d{3} 95\s%: 0,\d{3} – 0,\d{3}", told)
    assert re.search(r"stimmen \d\d,\d\s% überein", told)
    assert not re.search(r"\d\.\d", told)


def test_the_first_visit_costs_less_than_150_kb_and_a_decision_less_than_2(team, visit):
    one = visit(team, path=None)
    sizes = []
    one.page.on("requestfinished", lambda request: sizes.append(request.sizes()))
    one.go("/label/1")
    total = sum(size["responseHeadersSize"] + size["responseBodySize"] for size in sizes)
    assert total < 150_000
    assert total > sum(map(len, shelf().compressed.values())) / 2, "it was counted"
    sizes.clear()
    decisions = 30  # what is fetched ahead is paid once
    for _ in range(decisions):
        one.decide("2")
    one.saved()
    sent = sum(sum(size.values()) for size in sizes)
    assert 0 < sent / decisions < 2048


def test_nothing_is_shown_without_script_but_why(team, chromium):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(team.link)
    page.goto(f"{team.base}/label/1")
    assert "JavaScript" in page.text_content("noscript")
    context.close()


def test_a_newcomer_s_path_looks_as_the_guide_shows_it(team, visit, stored, tmp_path):
    """Run with NUTGRAF_IMAGES=1 to make the guide's pictures anew."""
    folder = DOCS / "images" if os.environ.get("NUTGRAF_IMAGES") else tmp_path
    folder.mkdir(exist_ok=True)
    made = []

    def shoot(page, name, **options):
        path = folder / f"session-{name}.png"
        page.screenshot(path=path, **options)
        made.append(path.name)

    one = visit(team, path="/", color_scheme="light", reduced_motion="reduce", viewport={"width": 1000, "height": 600})
    shoot(one.page, "overview")
    one.go("/label/1")
    one.press("ArrowLeft")
    one.page.locator('[data-label="quoted_official"]').hover()
    shoot(one.page, "label")
    one.press("s")
    one.page.wait_for_selector("dialog[open]")
    shoot(one.page, "skip")
    one.press("Escape")
    one.page.wait_for_selector("dialog", state="detached")
    one.context.set_offline(True)
    one.press("3")
    one.page.wait_for_selector("#banner:not([hidden])")
    shoot(one.page, "offline")
    one.context.set_offline(False)
    one.saved()
    one.go("/adjudicate/1")
    one.press("1")
    shoot(one.page, "adjudicate")
    one.go("/rounds/1")
    one.page.wait_for_selector(".big")
    one.page.set_viewport_size({"width": 1000, "height": 1400})
    shoot(one.page, "round")
    one.page.set_viewport_size({"width": 1000, "height": 600})
    stored(team, lambda store: store.adopt(asking(), again=()))
    one.go("/label/1")
    one.press("4")
    one.page.locator('[data-value="mild"]').hover()
    shoot(one.page, "question")
    one.press("Escape")
    phone = visit(team, link=fresh_link(team), color_scheme="dark", **PHONE)
    shoot(phone.page, "phone")
    named = re.findall(r"images/(session-[\w-]+\.png)", (DOCS / "session.md").read_text("utf-8"))
    assert sorted(set(named)) == sorted(made)
    for name in named:
        assert (DOCS / "images" / name).is_file()
