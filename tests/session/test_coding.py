"""What coders are given, what becomes of what they send, and what they never see."""

from __future__ import annotations

import json
import re
import uuid

import pytest
from sessions import CODERS, Served, entry
from stores import everything_round, judge

from annotate.agreement import verdict
from annotate.agreement.bootstrap import Coefficient
from annotate.errors import OutputFailed, StoreRefused
from annotate.session import account, coding, statics, team, words
from annotate.session.app import ROUTES
from annotate.store import Decision, Remark, RoundSettings

HOSTILE = (
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }}{% raw %}",
    "\u202egnirts \u2028 \u2066 \ufeff 👩\u200d👩\u200d👧 a\u0301",
    "x" * 3000,
    "${alert(1)}`",
    "&lt;b&gt; &amp;",
)


TELL_NOTHING_OF_CODERS = {
    account.sign_in_page,
    account.join_page,
    coding.alive,
    coding.ping,
    coding.colours,
    coding.said,
    statics.serve,
}
"""What is answered without looking at what anybody decided. A route that is added must stand here or be asked below."""


def decided(answer):
    assert answer.status_code == 200, answer.text
    return answer.json()["answers"]


def items_of(told):
    return {item["unit"]: item for article in told["work"]["articles"] for item in article.get("items", ())}


def test_a_coder_is_given_the_next_units_with_their_whole_articles(served):
    told = served.browser("ana").start().json()
    assert told["work"]["units"] == list(range(1, 13))
    assert [article["id"] for article in told["work"]["articles"]] == [1, 2, 3]
    (article,) = [article for article in told["work"]["articles"] if article["id"] == 1]
    page = served.store.page(1)
    shown = "".join(before + text for paragraph in article["paragraphs"] for before, _, text in paragraph)
    assert "".join(shown.split()) == "".join(page.article.text.split())
    assert told["progress"] == {"assigned": 12, "done": 0, "skipped": 0, "again": 0, "active_ms": 0}


def test_the_work_goes_on_where_it_was_left(served):
    ana = served.browser("ana")
    decided(ana.decide(entry(1), entry(2)))
    again = served.browser("ana").start().json()
    assert again["work"]["units"][0] == 3
    assert items_of(again)[1]["decision"]["label"] == "factual_claim"


def test_articles_that_the_page_has_are_not_sent_twice(served):
    more = served.browser("ana").get("/api/coding/1/work?after=3&count=4&have=1,2").json()
    assert more == {"units": [5, 6, 7, 8], "articles": []}


def test_a_place_of_the_queue_and_a_named_unit_are_found(served):
    ana = served.browser("ana")
    assert ana.get("/api/coding/1/at/4").json()["units"] == [5]
    assert ana.get("/api/coding/1/at/400").json()["units"] == []
    assert ana.get("/api/coding/1/at/400?back=1").json()["units"] == [12]
    assert ana.get("/api/coding/1/work?unit=7").json()["units"] == [7]
    assert ana.get("/api/coding/1/work?unit=700").json()["units"] == []


def test_a_page_that_knows_of_other_units_than_there_are_is_told_at_once(served):
    ana = served.browser("ana")
    told = ana.get("/api/alive?round=1&assigned=5").json()
    assert told == {"project": served.project, "coder": "ana", "assigned": 12, "grows": False}
    assert ana.get("/api/alive?round=7&assigned=5").status_code == 404


def test_what_is_acknowledged_is_in_the_store_with_all_that_was_told(served):
    ana = served.browser("ana")
    sent = entry(2, "quoted_official", unsure=True, spans=[[0, 3]], time=1_700_000_000_000, active=2500)
    (answer,) = decided(ana.decide(sent))
    assert answer["outcome"] == "stored"
    (event,) = served.store.in_force(1, coder="ana")
    start = served.store.units([2])[0].sentence.start
    assert (event.label, event.unsure, event.spans) == ("quoted_official", True, ((start, start + 3),))
    assert (event.client, event.client_time, event.active_ms) == (sent["client"], 1_700_000_000_000, 2500)
    assert event.shown == {"context": "article"}
    assert answer["in_force"]["spans"] == [[0, 3]]


def test_sent_twice_it_is_one_event(served):
    ana = served.browser("ana")
    sent = entry(1)
    first, again = decided(ana.decide(sent, sent))
    (third,) = decided(ana.decide(sent))
    assert [first["outcome"], again["outcome"], third["outcome"]] == ["stored", "repeated", "repeated"]
    assert first["seq"] == again["seq"] == third["seq"]
    assert len(served.store.history(1)) == 1


def test_of_two_tabs_one_event_wins_and_the_other_is_told(served):
    one, two = served.browser("ana"), served.browser("ana")
    decided(one.decide(entry(1, "factual_claim")))
    (answer,) = decided(two.decide(entry(1, "editorial_framing")))
    assert answer["outcome"] == "stale"
    assert answer["in_force"]["label"] == "factual_claim"
    assert [event.label for event in served.store.in_force(1)] == ["factual_claim"]


def test_a_chain_made_while_offline_is_stored_in_its_order(served):
    """What replaces something not yet stored names it by the browser's own name for it."""
    ana = served.browser("ana")
    first = entry(1, "factual_claim")
    second = entry(1, "quoted_official", after=first["client"])
    back = entry(None, kind="undo", after=second["client"])
    third = entry(1, "editorial_framing", after=first["client"])
    answers = decided(ana.decide(first, second, back, third))
    assert [answer["outcome"] for answer in answers] == ["stored"] * 4
    assert [event.kind for event in served.store.history(1)] == ["judgment", "judgment", "undo", "judgment"]
    assert served.store.in_force(1)[0].label == "editorial_framing"


def test_what_was_sent_before_can_be_named_by_the_browser_s_own_name_at_any_later_time(served):
    """The key was pressed before the browser had read the answer, or another tab sends what a closed one kept."""
    ana = served.browser("ana")
    first = entry(1, "factual_claim")
    decided(ana.decide(first))
    (answer,) = decided(served.browser("ana").decide(entry(None, kind="undo", after=first["client"])))
    assert answer["outcome"] == "stored"
    assert served.store.in_force(1) == []


def test_nobody_can_name_what_somebody_else_sent(served):
    first = entry(1, "factual_claim")
    decided(served.browser("ana").decide(first))
    (answer,) = decided(served.browser("ben").decide(entry(1, "quoted_official", after=first["client"])))
    assert answer["outcome"] == "stale"
    assert "in_force" not in answer


def test_what_hangs_on_a_lost_decision_is_lost_with_it(served):
    ana = served.browser("ana")
    decided(ana.decide(entry(1, "factual_claim")))
    lost = entry(1, "quoted_official")
    answers = decided(ana.decide(lost, entry(1, "editorial_framing", after=lost["client"])))
    assert [answer["outcome"] for answer in answers] == ["stale", "stale"]
    gone = str(uuid.uuid4())
    assert decided(ana.decide(entry(1, "unrelated_promo", after=gone)))[0]["outcome"] == "stale"
    assert served.store.in_force(1)[0].label == "factual_claim"


def test_an_undo_that_came_to_nothing_does_so_again_when_its_answer_was_lost(served):
    ana = served.browser("ana")
    sent = (
        entry(None, None, kind="undo"),
        entry(1),
        entry(None, None, kind="redo"),
        entry(2),
        entry(None, None, kind="undo"),
    )
    outcomes = ["nothing", "stored", "nothing", "stored", "stored"]
    assert [one["outcome"] for one in decided(ana.decide(*sent))] == outcomes
    again = decided(ana.decide(*sent, entry(3)))
    assert [one["outcome"] for one in again] == ["nothing", "repeated", "nothing", "repeated", "repeated", "stored"]
    assert [event.unit for event in served.store.in_force(1, coder="ana")] == [1, 3]


def test_undo_and_redo_go_back_and_forth_without_limit(served):
    ana = served.browser("ana")
    for unit in (1, 2, 3):
        decided(ana.decide(entry(unit)))
    units = [decided(ana.decide(entry(None, kind="undo")))[0]["unit"] for _ in range(3)]
    assert units == [3, 2, 1]
    assert decided(ana.decide(entry(None, kind="undo")))[0]["outcome"] == "nothing"
    assert [decided(ana.decide(entry(None, kind="redo")))[0]["unit"] for _ in range(3)] == [1, 2, 3]
    assert len(served.store.in_force(1)) == 3


def test_a_skip_needs_no_label_and_keeps_its_reason(served):
    decided(served.browser("ana").decide(entry(1, kind="skip", note="unreadable")))
    (event,) = served.store.in_force(1)
    assert (event.kind, event.label, event.note) == ("skip", None, "unreadable")


def test_one_bad_entry_harms_no_other(served):
    ana = served.browser("ana")
    answers = decided(
        ana.decide(
            entry(1),
            entry(2, "no_such_label"),
            entry(3, spans=[[0, 9000]]),
            entry(4, codebook="0" * 64),
            entry(5, note="\x00"),
            entry(500),
            entry(6, round_=77),
            entry(None),
            entry(7),
        )
    )
    assert [answer["outcome"] for answer in answers] == ["stored", *["refused"] * 7, "stored"]
    assert all(answer["problem"] for answer in answers[1:8])


@pytest.mark.parametrize(("error", "status"), [(OutputFailed("the disk is full"), 507), (StoreRefused("locked"), 503)])
def test_what_the_store_can_not_take_now_is_refused_loudly_and_may_be_sent_again(served, monkeypatch, error, status):
    ana = served.browser("ana")
    sent = entry(1)
    with monkeypatch.context() as broken:

        def refuse(_entry):
            raise error

        broken.setattr(served.store, "submit", refuse)
        answer = ana.decide(sent)
        assert answer.status_code == status
        assert error.problem in answer.json()["problem"]
    assert decided(ana.decide(sent))[0]["outcome"] == "stored"


@pytest.mark.parametrize("change", [{"project": "another"}, {"coder": "ben"}])
def test_what_a_browser_kept_for_somebody_else_is_not_taken_as_one_s_own(served, change):
    answer = served.browser("ana").decide(entry(1), **change)
    assert answer.status_code == 409
    assert served.store.in_force(1) == []


def test_a_closed_round_takes_nothing(served):
    ana = served.browser("ana")
    served.store.close_round(1)
    assert decided(ana.decide(entry(1)))[0]["outcome"] == "refused"


# -- blindness -------------------------------------------------------------------------------------------------------


def test_a_coder_sees_nothing_of_another_by_any_route(served):
    """Ben's labels, comments, reasons and name are in no answer to Ana, whatever she asks for."""
    for unit in range(1, 9):
        judge(served.store, f"ben-{unit}", unit, "quoted_official", coder="ben", note="BENS-NOTE")
    served.store.take(Remark(client="r", coder="ben", unit=1, round=1, kind="comment", note="BENS-COMMENT"))
    served.store.take(Decision(client="s", coder="ben", round=1, unit=9, kind="skip", note="BENS-REASON"))
    ana = served.browser("ana")
    paths = [
        "/",
        "/account",
        "/label/1",
        "/api/coding/1/start",
        "/api/coding/1/work?count=12",
        *(f"/api/coding/1/at/{position}" for position in range(12)),
        *(f"/api/coding/1/work?unit={unit}" for unit in range(1, 13)),
        "/rounds/1",
        "/adjudicate/1",
        "/people",
        "/api/adjudication/1/start",
        "/api/adjudication/1/work",
        "/api/adjudication/1/at/0",
        "/api/rounds/1/agreement",
    ]
    for route in ROUTES:
        if "GET" in route.methods and route.endpoint not in TELL_NOTHING_OF_CODERS:
            shape = route.path_regex
            assert any(shape.fullmatch(path.partition("?")[0]) for path in paths), f"{route.path} is not asked"
    told = "".join(ana.get(path).text for path in paths)
    told += ana.decide(entry(1, "quoted_official"), entry(None, kind="undo"), entry(None, kind="redo")).text
    for hidden in ("BENS-", "ben-", '"ben"', "Ben"):
        assert hidden not in told
    assert served.store.in_force(1, coder="ana")[0].label == "quoted_official"
    for path in paths[-7:]:
        assert ana.get(path).status_code == 403, path


def test_a_coder_can_do_nothing_in_another_s_name(served):
    judge(served.store, "ben-1", 1, coder="ben")
    ana = served.browser("ana")
    (event,) = served.store.in_force(1, coder="ben")
    answers = decided(
        ana.decide(
            entry(None, kind="undo", base=event.seq),
            entry(None, kind="undo", lane="adjudication"),
            entry(1, kind="adjudication"),
        )
    )
    assert [answer["outcome"] for answer in answers] == ["nothing", "refused", "refused"]
    assert served.store.in_force(1, coder="ben") == [event]


def test_a_coder_learns_nothing_from_a_name_another_has_used(served):
    """A client id that is another's is answered without the other's decision."""
    judge(served.store, "00000000-0000-0000-0000-000000000001", 1, "quoted_official", coder="ben")
    ana = served.browser("ana")
    (answer,) = decided(ana.decide(entry(1, "factual_claim", client="00000000-0000-0000-0000-000000000001")))
    assert "quoted_official" not in json.dumps(answer)
    assert answer["outcome"] == "refused"


def test_a_round_without_units_for_one_is_not_there(served):
    everything_round(served.store, "bens own", ("ben",))
    ana = served.browser("ana")
    assert ana.get("/label/2").status_code == 404
    assert ana.get("/api/coding/2/start").status_code == 404
    assert "bens own" not in ana.get("/").text


def test_a_lead_who_codes_sees_others_labels_only_after_their_own(empty):
    from stores import news

    empty.add_articles(news(1))
    everything_round(empty, "all", ("lea", *CODERS))
    for coder, label in zip(CODERS, ("factual_claim", "quoted_official"), strict=True):
        judge(empty, coder, 1, label, coder=coder)
    served = Served(empty)
    lea = served.browser("lea")
    assert "Ana:" not in lea.get("/rounds/1").text
    assert lea.start(lane="adjudication").json()["work"]["units"] == []
    decided(lea.decide(entry(1)))
    assert "Ana:" in lea.get("/rounds/1").text
    assert lea.start(lane="adjudication").json()["work"]["units"] == [1]


@pytest.mark.parametrize("field", ["title", "outlet", "byline", "published"])
def test_what_a_blind_round_hides_is_not_in_the_page(serve_story, field):
    told = {"title": "HEADLINE", "outlet": "OUTLET", "byline": "BYLINE", "published": "2024-05-06", "url": "http://u/"}
    served = serve_story("One.", "Two.", settings=RoundSettings(hide=(field,)), **told)
    ana = served.browser("ana")
    page = ana.start().text + ana.get("/label/1").text
    assert told[field] not in page
    assert told["url"] not in page
    shown = [name for name in ("title", "outlet", "byline", "published") if told[name] in page]
    assert field not in shown
    assert len(shown) == 3
    decided(ana.decide(entry(1)))
    assert served.store.in_force(1)[0].shown == {"context": "article", "hidden": [field]}


def test_a_hidden_headline_is_hidden_in_the_text_too(empty):
    """Where a reader took the headline into the text, and it is not to be coded itself."""
    import msgspec
    from stores import story

    from annotate.store import Draw, Plan

    made, sentences = story("tale", "HEADLINE", "One.", "Two.")
    empty.add_articles([(msgspec.structs.replace(made, title="HEADLINE"), sentences)])
    plan = Plan(
        name="pilot",
        purpose="reliability",
        design="two",
        seed=0,
        frame="0" * 64,
        frame_size=3,
        draws=[Draw(2, 1.0), Draw(3, 1.0)],
        queues={"ana": [2, 3]},
        settings=RoundSettings(hide=("title",)),
    )
    empty.create_round(plan)
    assert "HEADLINE" not in Served(empty).browser("ana").start().text


def test_a_round_without_context_sends_the_unit_alone(serve_story):
    served = serve_story("One.", "SECRET two.", "Three.", settings=RoundSettings(context="unit"))
    ana = served.browser("ana")
    told = ana.get("/api/coding/1/work?unit=1").json()
    assert told["articles"][0]["paragraphs"] == [[["", 1, "One."]]]
    assert "SECRET" not in json.dumps(told)


# -- known answers and suggestions -----------------------------------------------------------------------------------


def test_a_training_round_tells_the_known_answer_only_after_the_own(serve_story):
    served = serve_story("One.", "Two.", settings=RoundSettings(feedback=True))
    served.store.set_answers(1, {1: ("quoted_official", "KNOWN-BECAUSE"), 2: ("factual_claim", None)})
    ana = served.browser("ana")
    assert "KNOWN" not in ana.start().text
    (answer,) = decided(ana.decide(entry(1, "factual_claim")))
    assert answer["known"] == ["quoted_official", "KNOWN-BECAUSE"]


def test_a_round_without_feedback_tells_no_answer(serve_story):
    served = serve_story("One.")
    served.store.set_answers(1, {1: ("quoted_official", "KNOWN-BECAUSE")})
    assert "KNOWN" not in served.browser("ana").decide(entry(1)).text


@pytest.fixture
def suggesting(serve_story):
    """Serve forty sentences with a model's suggestions, as a round shows them."""

    def serve(kind):
        import msgspec

        served = serve_story(*(f"Sentence {n}." for n in range(40)), settings=RoundSettings(suggestions=kind))
        served.store.set_suggestions("m", {n: ("editorial_framing", {"editorial_framing": 1.0}) for n in range(1, 41)})
        served.session.settings = msgspec.structs.replace(served.session.settings, model="m")
        return served

    return serve


def test_suggestions_are_off_by_default_and_not_in_the_page(suggesting):
    told = suggesting("off").browser("ana").start().json()
    assert not any("suggestion" in item for item in items_of(told).values())


def test_a_suggestion_after_the_own_choice_is_not_there_before(suggesting):
    ana = suggesting("after").browser("ana")
    told = ana.start().json()
    assert not any("suggestion" in item for item in items_of(told).values())
    (answer,) = decided(ana.decide(entry(1)))
    assert answer["suggestion"] == "editorial_framing"


def test_a_choice_made_having_seen_the_suggestion_is_told_from_the_first(suggesting):
    served = suggesting("after")
    ana = served.browser("ana")
    (first,) = decided(ana.decide(entry(1)))
    decided(ana.decide(entry(1, "editorial_framing", base=first["seq"])))
    arms = [event.shown for event in served.store.events() if event.kind == "judgment"]
    assert arms == [
        {"context": "article", "arm": "later"},
        {"context": "article", "arm": "later", "suggestion": "editorial_framing"},
    ]
    page = served.browser("lea").get("/rounds/1").text
    assert "First choices changed later: 1; to the model’s label: 1." in page


def test_a_randomised_arm_shows_suggestions_for_some_units_and_records_it(suggesting):
    served = suggesting("randomised")
    ana, ben = served.browser("ana"), served.browser("ben")
    items = items_of(ana.start().json())
    shown = {unit for unit, item in items.items() if "suggestion" in item}
    assert 8 <= len(shown) <= 32
    assert shown == {unit for unit, item in items_of(ana.start().json()).items() if "suggestion" in item}
    assert shown != {unit for unit, item in items_of(ben.start().json()).items() if "suggestion" in item}
    decided(ana.decide(*(entry(unit) for unit in sorted(items))))
    recorded = {event.unit for event in served.store.in_force(1, coder="ana") if "suggestion" in event.shown}
    assert recorded == shown
    arms = {event.unit: event.shown["arm"] for event in served.store.in_force(1, coder="ana")}
    assert {unit for unit, arm in arms.items() if arm == "first"} == shown
    assert set(arms.values()) == {"first", "unseen"}
    page = served.browser("lea").get("/rounds/1").text
    assert f'<th scope="row">Saw it before choosing</th><td>{len(shown)}</td><td>0' in page


# -- hostile text ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", HOSTILE)
def test_text_of_any_kind_arrives_as_it_is_and_never_as_markup(serve_story, text):
    served = serve_story(text, "Two.", title=text, outlet=text, byline=text, language=text)
    served.store.change_coder("ana", name=text)
    ana = served.browser("ana")
    told = ana.start().json()
    (article,) = told["work"]["articles"]
    assert article["paragraphs"][0][0][2] == text
    assert (article["title"], article["outlet"], article["byline"]) == (text, text, text)
    decided(ana.decide(entry(1, note=text[:4000]), entry(2, kind="comment", note=text)))
    judge(served.store, "ben", 1, "quoted_official", coder="ben")
    lea = served.browser("lea")
    for page in (ana.get("/label/1"), ana.get("/"), lea.get("/rounds/1"), lea.get("/people")):
        assert page.status_code == 200
        for tag in ("<script>alert", "<img src=x", "7 * 7 = 49", "<b>"):
            assert tag not in page.text
    votes = items_of(lea.start(lane="adjudication").json())[1]["votes"]
    assert votes[0]["decision"]["note"] == text[:4000]


def test_a_round_and_a_label_may_be_called_anything(empty):
    """Names come from whoever draws a sample and writes a codebook: escaped like everything else."""
    import msgspec
    from stores import news

    from annotate.codebook import fingerprint, read_codebook

    book = read_codebook()
    labels = tuple(
        msgspec.structs.replace(label, name=f"{HOSTILE[0]}{n}", hotkey="<>&'"[n]) for n, label in enumerate(book.labels)
    )
    hostile = msgspec.structs.replace(book, labels=labels, name=HOSTILE[1])
    empty.adopt(msgspec.structs.replace(hostile, fingerprint=fingerprint(hostile)))
    empty.add_articles(news(1))
    everything_round(empty, HOSTILE[0], CODERS)
    served = Served(empty)
    for unit, label in ((1, "factual_claim"), (2, "quoted_official")):
        judge(empty, f"a{unit}", unit, label)
        judge(empty, f"b{unit}", unit, "editorial_framing", coder="ben")
    lea = served.browser("lea")
    for page in (served.browser("ana").get("/label/1"), lea.get("/rounds/1"), lea.get("/")):
        assert "<script>alert" not in page.text
        assert "&lt;script&gt;alert" in page.text


# -- adjudication ----------------------------------------------------------------------------------------------------


def test_an_adjudicator_sees_where_coders_differ_and_settles_it(served):
    judge(served.store, "a1", 1, "factual_claim")
    judge(served.store, "b1", 1, "quoted_official", coder="ben", unsure=True)
    judge(served.store, "a2", 2, "factual_claim")
    judge(served.store, "b2", 2, "factual_claim", coder="ben")
    judge(served.store, "a3", 3, "factual_claim")
    served.store.take(Decision(client="b3", coder="ben", round=1, unit=3, kind="skip", note="split"))
    served.store.take(Remark(client="c", coder="ana", unit=1, round=1, kind="comment", note="Who speaks?"))
    jo = served.browser("jo")
    told = jo.start(lane="adjudication").json()
    assert told["work"]["units"] == [1, 3]
    votes = items_of(told)[1]["votes"]
    assert [(vote["name"], vote["decision"]["label"]) for vote in votes] == [
        ("Ana", "factual_claim"),
        ("Ben", "quoted_official"),
    ]
    assert votes[0]["comments"] == ["Who speaks?"]
    (answer,) = decided(jo.decide(entry(1, "quoted_official", kind="adjudication")))
    assert answer["outcome"] == "stored"
    assert jo.start(lane="adjudication").json()["work"]["units"] == [3]
    (settled,) = served.store.adjudicated(1)
    assert (settled.kind, settled.coder, settled.label) == ("adjudication", "jo", "quoted_official")
    (undone,) = decided(jo.decide(entry(None, kind="undo", lane="adjudication")))
    assert undone["unit"] == 1
    assert served.store.adjudicated(1) == []


def test_of_two_adjudicators_one_wins_and_the_other_is_told(served):
    judge(served.store, "a1", 1, "factual_claim")
    judge(served.store, "b1", 1, "quoted_official", coder="ben")
    jo, lea = served.browser("jo"), served.browser("lea")
    decided(jo.decide(entry(1, "quoted_official", kind="adjudication")))
    (answer,) = decided(lea.decide(entry(1, "factual_claim", kind="adjudication")))
    assert answer["outcome"] == "stale"
    assert answer["in_force"]["label"] == "quoted_official"


# -- the lead --------------------------------------------------------------------------------------------------------


def test_the_lead_sees_progress_disputes_and_agreement(served):
    labels = ("factual_claim", "quoted_official", "editorial_framing")
    for unit in range(1, 13):
        judge(served.store, f"a{unit}", unit, labels[unit % 3], active_ms=3000)
        judge(served.store, f"b{unit}", unit, labels[(unit + (unit < 3)) % 3], coder="ben", active_ms=5000)
    lea = served.browser("lea")
    page = lea.get("/rounds/1").text
    assert "12 / 12" in page
    assert "Coders differ on 2 units" in page
    found = lea.get("/api/rounds/1/agreement").json()
    assert found["units"] == 12
    assert 0.5 < found["alpha"]["estimate"] < 1
    assert found["alpha"]["low"] < found["alpha"]["estimate"] < found["alpha"]["high"]
    assert {row[0] for row in found["labels"]} >= set(labels)


def test_the_lead_reads_every_comment_and_reason_but_none_on_what_they_have_yet_to_code(empty):
    from stores import news

    empty.add_articles(news(1))
    everything_round(empty, "pilot", (*CODERS, "lea"))
    served = Served(empty)
    ana = served.browser("ana")
    decided(
        ana.decide(
            entry(1, None, kind="skip", note="unreadable"),
            entry(2, None, kind="skip", note=HOSTILE[0]),
            entry(3, kind="comment", note="Who speaks?"),
            entry(4, kind="comment", note="On what Lea has not coded"),
        )
    )
    for unit in (1, 2, 3):
        judge(empty, f"lea-{unit}", unit, coder="lea")
    page = served.browser("lea").get("/rounds/1").text
    for said in ("Unreadable", "&lt;/script&gt;", "Who speaks?"):
        assert said in page
    assert "On what Lea" not in page


def test_a_coder_sees_their_own_comments_again(served):
    ana = served.browser("ana")
    decided(ana.decide(entry(2, kind="comment", note="Who speaks?"), entry(2, kind="comment", note="Ah.")))
    assert items_of(ana.start().json())[2]["comments"] == ["Who speaks?", "Ah."]
    assert "comments" not in items_of(served.browser("ben").start().json())[2]


def test_the_page_offers_the_reasons_that_the_lead_reads_in_words():
    offered = re.search(r"const REASONS = \[(.*?)\]", statics.shelf().plain["dialogs.js"].decode())[1]
    assert tuple(re.findall(r"\w+", offered)) == team.REASONS


def test_agreement_without_two_coders_says_what_is_missing(served):
    judge(served.store, "a1", 1)
    lea = served.browser("lea")
    for language, phrase in (
        ("en", "second coder"),
        ("de", "eine zweite"),
        ("es", "una segunda"),
        ("xx", "second coder"),
    ):
        told = lea.get("/api/rounds/1/agreement", headers={"Accept-Language": language}).json()
        assert phrase in told["problem"][0]


def test_agreement_is_judged_in_the_lead_s_language(served):
    for coder in CODERS:
        answers = [entry(unit, "factual_claim" if unit < 9 else "quoted_official") for unit in range(1, 13)]
        decided(served.browser(coder).decide(*answers))
    lea = served.browser("lea")
    told = lea.get("/api/rounds/1/agreement", headers={"Accept-Language": "de"}).json()
    said = [told["verdict"], *told["cautions"]]
    assert told["verdict"][0].startswith("Nach üblichem Maßstab zuverlässig")
    assert "Einheiten: 12, aus Artikeln: 3. Von den Paaren stimmen 100,0\N{NO-BREAK SPACE}% überein." in told["basis"]
    assert "Artikel bisher: 3" in said[1][0]
    assert said[-1] == ["Zu wenige Einheiten für aussagekräftige Zahlen: quoted official, factual claim.", False]
    assert not any(is_english for _, is_english in said)


def test_every_sentence_about_agreement_has_its_phrase():
    estimates = [(0.9, 0.85), (0.9, 0.7), (0.7, 0.68), (0.7, 0.2), (0.5, 0.2), (0.9, None), (0.7, None), (0.5, None)]
    judged = [verdict.judge(Coefficient(one, low, low and 1.0, note="no interval")) for one, low in estimates]
    names = {f"agreement.{one.name}" for one in (*judged, verdict.judge(Coefficient(None, note="none")))}
    assert len(names) == 9
    assert names <= set(words.phrases("en"))


# -- at home ---------------------------------------------------------------------------------------------------------


def test_a_lead_without_rounds_is_shown_how_to_draw_one(empty):
    assert "nutgraf sample pilot -n 50 --coder lea" in Served(empty).browser("lea").get("/").text


def test_the_interface_speaks_the_browser_s_language_or_the_one_chosen(served):
    ana = served.browser("ana")
    assert '<html lang="de"' in ana.get("/", headers={"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}).text
    assert '<html lang="en"' in ana.get("/", headers={"Accept-Language": "xx, ;;q=,"}).text
    ana.fill_in("/account", what="settings", language="es", theme="dark")
    page = ana.get("/", headers={"Accept-Language": "de"}).text
    assert '<html lang="es" data-theme="dark"' in page


def test_every_language_has_every_phrase_with_the_same_fields():
    import re

    english = words._table("en")
    for code in words.languages():
        table = words._table(code)
        assert set(table) == set(english), code
        for section in english:
            if section in ("name", "number"):
                continue
            assert set(table[section]) == set(english[section]), (code, section)
            for name, phrase in english[section].items():
                fields = re.compile(r"\{[^}]*\}")
                assert sorted(fields.findall(table[section][name])) == sorted(fields.findall(phrase)), (code, name)


def test_own_keys_and_size_are_kept(served):
    ana = served.browser("ana")
    assert ana.post("/api/preferences", {"keys": {"do:undo": "z"}, "size": 3}).status_code == 200
    assert ana.start().json()["preferences"] == {"keys": {"do:undo": "z"}, "size": 3}
    assert ana.post("/api/preferences", {"keys": {"x" * 101: "z"}}).status_code == 400
    assert ana.post("/api/preferences", {"role": "lead"}).status_code == 400


def test_all_that_the_page_loads_is_small():
    from annotate.session import statics

    files = statics.shelf()
    assert sum(map(len, files.plain.values())) < 150_000
    assert sum(map(len, files.compressed.values())) < 40_000


def test_no_file_of_the_page_names_another_host():
    import re

    from annotate.session import statics

    for name, content in statics.shelf().plain.items():
        text = content.decode().replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://|//[a-z]+\.[a-z]+/", text), name
        assert "innerHTML" not in text
        assert "insertAdjacentHTML" not in text
