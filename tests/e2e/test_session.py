"""A coder labels: by keyboard alone, with the network cut, with the server killed, and nothing is lost."""

from __future__ import annotations

import socket
import subprocess

import msgspec
import pytest
from browsers import NUTGRAF, Held, fresh_link, wait_for
from playwright.sync_api import expect
from stores import asking, judge, story

from annotate.store import Draw, Plan, RoundSettings
from annotate.types import Value, Variable

pytestmark = pytest.mark.e2e

HOSTILE = (
    "Stop here </script><script>window.broken = 1</script> and read on.",
    '"><img src=x onerror="window.broken = 1"> was the caption.',
    "Two  spaces,\u00a0a no-break space, \u202egnirts a turned\u202c one, 👩\u200d👩\u200d👧 and a\u0301.",
    "{{ 7 * 7 }} ${window.broken = 1} <b>bold</b> &amp; &lt;",
)


def labels_of(store, coder="lea"):
    return [event.label or event.kind for event in store.in_force(1, coder=coder)]


def test_a_coder_labels_all_by_keyboard_alone_one_stroke_a_decision(serve, visit, stored):
    server = serve()
    one = visit(server, path=None)
    page = one.page
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.startsWith('Start')"):
            break
    page.keyboard.press("Enter")
    page.wait_for_selector("html[data-ready]")
    assert "Report: Beijing Refuses" in one.lit()
    units = stored(server, lambda store: store.counts()[1])
    strokes = [str(1 + n % 4) for n in range(units)]
    seen = []
    for stroke in strokes:
        seen.append(one.lit())
        one.decide(stroke)
    page.wait_for_selector(".finished")
    one.saved()
    order = ("unrelated_promo", "quoted_official", "editorial_framing", "factual_claim")
    assert stored(server, labels_of) == [order[int(stroke) - 1] for stroke in strokes]
    texts = stored(server, lambda store: [unit.sentence.text for page in store.pages() for unit in page.units])
    assert seen == texts
    assert one.hosts == {f"127.0.0.1:{server.port}"}
    events = stored(server, lambda store: store.in_force(1, coder="lea"))
    assert all(event.active_ms is not None and event.shown == {"context": "article"} for event in events)


def test_back_and_forth_undo_redo_skip_unsure_and_comment(serve, visit, stored):
    server = serve()
    one = visit(server)
    first = one.lit()
    one.press("1", "2", "3", "u", "u", "u")
    assert one.lit() == first
    for key in ("y", "y", "y", "ArrowLeft", "ArrowLeft"):
        one.decide(key)
    one.page.locator('.choice[aria-pressed="true"] .name', has_text="quoted official").wait_for()
    one.decide("4")  # a change of mind about the second
    one.press("n")  # the next open one, unsure
    one.decide("1")
    one.press("s", "2")  # unreadable
    one.press("c")
    one.page.keyboard.type("Who speaks?")
    one.press("Control+Enter")
    one.page.get_by_text("Comment added").wait_for()
    assert one.page.text_content("#comments") == "Your comment: Who speaks?"
    one.saved()
    assert stored(server, labels_of) == [
        "unrelated_promo",
        "factual_claim",
        "editorial_framing",
        "unrelated_promo",
        "skip",
    ]
    kinds = stored(server, lambda store: [event.kind for event in store.events() if event.coder])
    assert kinds == [*["judgment"] * 3, *["undo"] * 3, *["redo"] * 3, "judgment", "judgment", "skip", "comment"]
    decisions = stored(server, lambda store: store.in_force(1, coder="lea"))
    assert decisions[3].unsure
    assert decisions[4].note == "unreadable"


def test_an_undo_reaches_back_into_an_earlier_visit(serve, visit, stored):
    server = serve()
    one = visit(server)
    first = one.lit()
    one.press("1", "2")
    one.saved()
    one.go("/label/1")
    one.press("u", "u")
    wait_for(lambda: stored(server, labels_of) == [])
    wait_for(lambda: one.lit() == first)


def test_a_session_stopped_under_an_open_page_ends_without_a_word_of_trouble(serve, visit):
    server = serve()
    one = visit(server)
    one.decide("1")
    one.saved()
    server.stop()
    one.page.wait_for_selector("#banner:not([hidden])")
    said = (server.project / "server.log").read_text("utf-8")
    assert "nutgraf: stopped" in said
    assert "ERROR" not in said
    assert "Traceback" not in said


def test_a_reload_goes_on_where_it_was_left(serve, visit):
    one = visit(serve())
    one.press("1", "2", "3")
    here = one.lit()
    one.saved()
    one.page.reload()
    one.page.wait_for_selector(".u.lit")
    assert one.lit() == here
    assert one.page.text_content("#count") == "3 of 70"


def test_who_takes_over_sentences_of_an_article_that_is_open_is_given_them(serve, visit, stored):
    server = serve(story("tale", *(f"Sentence {number} of the tale stands here." for number in range(1, 7))))
    halves = {"lea": (1, 2, 3), "ben": (4, 5, 6)}
    draws = [Draw(unit, 1.0) for unit in range(1, 7)]
    plan = Plan(
        name="halves", purpose="training", design="", seed=0, frame="", frame_size=6, draws=draws, queues=halves
    )
    stored(server, lambda store: store.create_round(plan))
    one = visit(server, "/label/2")
    for _ in range(3):
        one.decide("1")
    lead = one.open()
    lead.goto(f"{server.base}/people")
    lead.locator("li", has=lead.get_by_role("heading", name="Ben")).get_by_role("button", name="Leaves").click()
    one.page.wait_for_selector('.u.lit[data-unit="4"]')
    assert one.page.text_content("#count") == "3 of 6"
    for _ in range(3):
        one.decide("2")
    one.page.wait_for_selector(".finished")
    one.press("ArrowLeft")
    one.page.locator('.u.own[data-unit="4"]').click()
    one.page.wait_for_selector('.u.lit[data-unit="4"]')


def test_words_are_marked_by_keyboard_and_by_mouse(serve, visit, stored):
    article = story("tale", "A 👧 calls the sham 🎪 vote off.", "A second sentence stands here.")
    server = serve(article, settings=RoundSettings(spans=True))
    one = visit(server)
    one.press("m", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight", "Shift+ArrowRight", " ", "Enter", "3")
    one.page.locator(".u.lit .w", has_text="second").dblclick()
    one.page.wait_for_selector(".w.marked")
    one.press("4")
    one.page.wait_for_selector(".finished")
    one.saved()
    text = article[0].text
    marked = stored(server, lambda store: [[text[a:b] for a, b in event.spans] for event in store.in_force(1)])
    assert marked == [["sham 🎪"], ["second"]]


def test_the_questions_decide_and_own_keys_are_kept(serve, visit, stored):
    server = serve()
    one = visit(server)
    one.press("t", "n", "n", "y")
    one.press(",")
    one.page.get_by_role("textbox", name="factual claim", exact=True).press("f")
    one.page.get_by_role("button", name="Save").click()
    one.page.get_by_text("Keys saved").wait_for()
    one.press("f")
    one.saved()
    assert stored(server, labels_of) == ["editorial_framing", "factual_claim"]
    one.page.reload()
    one.page.wait_for_selector(".u.lit")
    assert one.page.locator('[data-label="factual_claim"] kbd').text_content() == "F"


def test_a_definition_is_there_at_the_moment_of_decision(serve, visit):
    one = visit(serve())
    one.page.hover('[data-label="quoted_official"]')
    assert "speaks for a public office" in one.page.text_content("#definition")
    one.press("?")
    assert "speaks for a public office" in one.page.text_content("dialog")
    one.press("Escape")
    one.page.wait_for_selector("dialog", state="detached")


def test_a_double_click_is_one_decision(serve, visit, stored):
    server = serve()
    one = visit(server)
    one.page.locator('[data-label="quoted_official"]').dblclick()
    one.saved()
    assert stored(server, labels_of) == ["quoted_official"]


# While they are stopped, the page's timers are late.
TIMERS = """
const [real, late] = [setTimeout, []];
window.setTimeout = (act, after) => real(() => (window.stopped ? late.push(act) : act()), after);
window.goOn = () => { window.stopped = false; for (const act of late.splice(0)) act(); };
"""


def test_a_killed_server_is_noticed_at_once_and_loses_nothing(serve, visit, stored):
    server = serve()
    one = visit(server, path=None)
    one.page.add_init_script(TIMERS)
    one.go("/label/1")
    one.press("1", "2")
    one.saved()
    # It is the broken line that tells of the server's death, no timer: so it takes no second, but on a busy machine.
    one.page.evaluate("window.stopped = true")
    server.kill()
    one.page.wait_for_selector("#banner:not([hidden])")
    one.page.evaluate("window.goOn()")
    one.press("3", "4", "1", "u", "2")
    assert "Kept in this browser: 5" in one.page.text_content("#banner")
    assert one.page.text_content("#count") == "5 of 70"
    server.start()
    one.page.wait_for_selector("#banner[hidden]", state="attached")
    one.saved()
    expected = ["unrelated_promo", "quoted_official", "editorial_framing", "factual_claim", "quoted_official"]
    assert stored(server, labels_of) == expected
    assert stored(server, lambda store: store.verify().flaws) == ()


def test_killed_again_and_again_nothing_acknowledged_is_lost_and_nothing_doubled(serve, visit, stored):
    server = serve()
    one = visit(server)
    units = stored(server, lambda store: store.counts()[1])
    strokes = [str(1 + n % 4) for n in range(units)]
    for number, stroke in enumerate(strokes):
        one.decide(stroke)
        if number % 20 == 7:
            server.kill()
        if number % 20 == 12:
            server.start()
    if server.process.poll() is not None:
        server.start()
    one.page.wait_for_selector(".finished")
    one.saved()
    assert len(stored(server, labels_of)) == units
    kinds = stored(server, lambda store: [event.kind for event in store.events() if event.coder])
    assert kinds == ["judgment"] * units


def test_what_the_network_did_not_take_survives_a_closed_tab(serve, visit, stored):
    server = serve()
    one = visit(server)
    one.context.set_offline(True)
    one.press("1", "2", "3")
    one.page.wait_for_selector("#banner:not([hidden])")
    assert stored(server, labels_of) == []
    one.page.close()
    one.context.set_offline(False)
    one.page = one.open()
    one.go("/label/1")
    one.saved()
    assert one.page.text_content("#count") == "3 of 70"
    assert stored(server, labels_of) == ["unrelated_promo", "quoted_official", "editorial_framing"]


def test_two_windows_one_decision_wins_and_the_coder_is_told(serve, visit, stored):
    server = serve(arguments=("--coder", "ana"))
    one = visit(server)
    two = visit(server, link=fresh_link(server))
    one.press("2")
    one.saved()
    two.press("3")
    two.page.wait_for_selector("#notice:not([hidden])")
    told = two.page.text_content("#notice")
    assert "quoted official" in told
    assert "editorial framing" in told
    two.page.get_by_role("button", name="Look at it").click()
    assert two.page.locator('.choice[aria-pressed="true"] .name').text_content() == "quoted official"
    assert stored(server, lambda store: labels_of(store, "ana")) == ["quoted_official"]


def test_a_second_tab_learns_at_once_what_the_first_decided(serve, visit):
    one = visit(serve())
    second = one.open()
    first, one.page = one.page, second
    one.go("/label/1")
    first.keyboard.press("2")
    second.wait_for_selector(".u.done")
    assert second.text_content("#count") == "1 of 70"


BANNERS = """() => {
  const banner = document.getElementById("banner");
  window.banners = [banner.textContent];
  new MutationObserver(() => window.banners.push(banner.textContent)).observe(banner, { childList: true });
}"""


def test_who_is_signed_out_meanwhile_loses_nothing(serve, visit, stored):
    server = serve()
    one = visit(server, path=None)
    ahead = Held(one.page, "/work[?]")
    one.go("/label/1")
    cookies = one.context.cookies()
    one.context.clear_cookies()
    one.press("1", "2")
    one.page.wait_for_selector("#banner a")
    one.page.evaluate(BANNERS)
    with one.page.expect_response("**/work?*"):
        ahead.release(ever=True)  # without the cookie: 401
    one.context.add_cookies(cookies)
    one.saved()
    assert stored(server, labels_of) == ["unrelated_promo", "quoted_official"]
    # It is not the server that does not answer, whichever request is told so.
    said = [text for text in one.page.evaluate("window.banners") if text]
    assert said
    assert all("signed out" in text for text in said)


def test_hostile_text_is_shown_letter_for_letter_and_runs_nothing(serve, visit, stored):
    article, sentences = story("tale", *HOSTILE)
    article = msgspec.structs.replace(article, title=HOSTILE[0], outlet=HOSTILE[1], byline=HOSTILE[3])
    server = serve((article, sentences))
    stored(server, lambda store: judge(store, "a", 1, "factual_claim", note=HOSTILE[0]))
    stored(server, lambda store: judge(store, "b", 1, "quoted_official", coder="ben", note=HOSTILE[1]))
    one = visit(server)
    assert one.page.text_content("article h2") == HOSTILE[0]
    for text in HOSTILE:
        assert one.lit() == text
        one.press("3")
    one.page.wait_for_selector(".finished")
    one.saved()
    one.go("/adjudicate/1")
    assert HOSTILE[0] in one.page.text_content("#votes")
    one.go("/rounds/1")
    assert one.page.locator("blockquote").first.text_content() == HOSTILE[0]
    assert one.page.evaluate("window.broken") is None


def test_hostile_names_in_a_codebook_run_nothing_and_no_address_is_followed(serve, visit, stored):
    evil = [*HOSTILE[:2], 'http://evil.example/"><script src=http://evil.example/x.js></script>', HOSTILE[3]]
    book = asking(
        Variable(
            "tone",
            evil[0],
            (Value("a", evil[0], evil[1], (evil[2],), "<"), Value("b", evil[1], evil[3], hotkey='"')),
            question=evil[2],
            definition=evil[3],
        )
    )
    labels = tuple(
        msgspec.structs.replace(label, name=text, question=text, definition=text, examples=(text,), hotkey="<>&'"[n])
        for n, (label, text) in enumerate(zip(book.labels, evil, strict=True))
    )
    book = asking(*book.variables, book=msgspec.structs.replace(book, labels=labels, guidelines=evil[2]))
    article, sentences = story(evil[1].replace("/", "-"), evil[2], "Two.")
    article = msgspec.structs.replace(article, url=evil[2], source=evil[1], title=evil[2])
    server = serve((article, sentences), codebook=book)
    stored(server, lambda store: store.change_coder("ben", name=evil[1]))
    stored(server, lambda store: judge(store, "a", 1, "factual_claim", coder="ben", variables={"tone": "b"}))
    one = visit(server)
    assert [found.text_content() for found in one.page.locator(".choice .name").all()] == evil
    one.page.locator(".choice").first.hover()
    for key in ("?", ",", "g", "t"):
        one.press(key)
        one.page.wait_for_selector("dialog[open]")
        one.press("Escape")
        one.page.wait_for_selector("dialog", state="detached")
    one.press("<")
    expect(one.page.locator("#choices h2")).to_have_text(evil[2])
    one.page.locator(".choice.value").first.hover()
    one.press('"')
    one.saved()
    one.go("/adjudicate/1")
    assert one.page.locator("#votes strong").first.text_content() in {evil[1], "Lea Lindqvist"}
    one.go("/rounds/1")
    for path in ("/people", "/"):
        one.go(path)
    assert one.page.evaluate("window.broken") is None
    assert one.hosts == {f"127.0.0.1:{server.port}"}


GUIDELINES = """# What to code

One label a sentence,
**always**. Ask `who` *speaks*; see [the paper](http://evil.example/paper).

| question | label |
|---|---|
| Is it **an ad**? | `promo` |

- not <b>this</b>
- 2 * 3 * 4 is 24
  and goes on

> 1. quoted
"""


def test_a_comment_that_is_too_long_is_not_cut_in_silence(serve, visit, stored):
    server = serve()
    one = visit(server)
    one.press("c")
    one.page.wait_for_selector("dialog[open]")
    one.page.keyboard.insert_text("x" * 2001)
    one.press("Control+Enter")
    assert one.page.text_content("dialog [role=alert]") == "2,001 characters; at most 2,000."
    one.press("Backspace", "Control+Enter")
    one.page.wait_for_selector("dialog", state="detached")
    one.saved()
    assert stored(server, lambda store: [len(event.note) for event in store.comments(1)]) == [2000]


def test_guidelines_look_as_they_are_meant(serve, visit):
    book = msgspec.structs.replace(asking(), guidelines=GUIDELINES)
    one = visit(serve(story("tale", "One."), codebook=book))
    one.press("g")
    guide = one.page.locator(".guide")
    assert guide.locator("h3").all_text_contents() == ["What to code"]
    assert guide.locator("p").first.text_content() == (
        "One label a sentence,\nalways. Ask who speaks; see the paper (http://evil.example/paper)."
    )
    assert guide.locator("p").first.locator("strong, em, code").all_text_contents() == ["always", "who", "speaks"]
    assert guide.locator("tr").all_text_contents() == ["questionlabel", "Is it an ad?promo"]
    assert guide.locator("li").all_text_contents() == ["not <b>this</b>", "2 * 3 * 4 is 24\n  and goes on"]
    assert guide.locator("blockquote").text_content() == "1. quoted"
    assert guide.locator("a, b").count() == 0


def test_a_training_round_answers_before_it_goes_on(serve, visit, stored):
    server = serve(story("tale", "One.", "Two."), settings=RoundSettings(feedback=True))
    answers = {1: ("quoted_official", "An office speaks."), 2: ("factual_claim", None)}
    stored(server, lambda store: store.set_answers(1, answers))
    one = visit(server)
    one.press("4")
    one.page.wait_for_selector("#feedback button")
    told = one.page.text_content("#feedback")
    assert "the known answer is quoted official" in told
    assert "An office speaks." in told
    assert one.lit() == "One."
    one.press("Enter")
    assert one.lit() == "Two."
    one.press("4")
    one.page.wait_for_selector("#feedback button")
    assert "Right" in one.page.text_content("#feedback")
    one.press("Enter")
    one.page.wait_for_selector(".finished")


def test_pauses_are_not_counted_as_work(serve, visit, stored):
    server = serve()
    one = visit(server)
    one.page.clock.install()
    one.page.reload()
    one.page.wait_for_selector(".u.lit")
    one.page.clock.run_for(4000)
    one.press("1")
    one.page.clock.run_for(2 * 3_600_000)
    one.press("2")
    wait_for(lambda: len(stored(server, labels_of)) == 2)
    first, second = (event.active_ms for event in stored(server, lambda store: store.in_force(1, coder="lea")))
    assert 4000 <= first < 8000
    assert 30_000 <= second <= 31_000


def test_a_second_server_on_one_project_is_refused(serve):
    server = serve()
    command = [*NUTGRAF, "label", "--no-browser", "-C", str(server.project)]
    second = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    assert second.returncode == 1
    assert "another session is running" in second.stderr


def test_serving_everybody_without_tls_is_warned_of_loudly(serve):
    server = serve(arguments=("--host", "0.0.0.0"))
    assert "WARNING" in (server.project / "server.log").read_text("utf-8")


def test_a_request_with_an_endless_head_is_refused(serve):
    server = serve()
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"x" * 100_000)
        assert b" 400 " in line.recv(4096)
