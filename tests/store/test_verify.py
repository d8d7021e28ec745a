"""Whatever is changed behind the store's back is named; the database itself refuses the obvious ways."""

from __future__ import annotations

import pytest
from stores import judge, tamper

from annotate.errors import StoreRefused
from annotate.store import Remark


@pytest.fixture
def coded(store, client):
    for unit in (1, 2, 3):
        judge(store, client(), unit, active_ms=700)
    store.take(Remark(client=client(), coder="ben", unit=2, round=1, kind="comment", note="unclear"))
    return store


def run(store, sql):
    with store.begin_writing() as connection:
        connection.exec_driver_sql(sql)


def flaws(store):
    return [f"{flaw.where}: {flaw.problem}" for flaw in store.verify().flaws]


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE event SET label = 'editorial_framing' WHERE unit = 2",
        "DELETE FROM event WHERE unit = 2",
        "UPDATE draw SET probability = 0.5",
        "DELETE FROM draw",
        'UPDATE unit SET "end" = 5 WHERE id = 1',
        "DELETE FROM unit WHERE id = 12",
        "UPDATE article SET text = 'other'",
        "DELETE FROM article WHERE id = 3",
        "UPDATE codebook SET content = '{}'",
    ],
)
def test_the_database_refuses_to_change_what_was_written(coded, sql):
    with pytest.raises(StoreRefused, match="append-only"):
        run(coded, sql)
    assert flaws(coded) == []


def test_all_is_well_with_what_was_only_added_to(coded):
    verified = coded.verify()
    assert (verified.flaws, verified.events) == ((), len(list(coded.events())))


# The events are: 1 project, 2 codebook, 3 articles, 4 round, 5 to 7 judgments, 8 comment.
@pytest.mark.parametrize(
    ("sql", "first"),
    [
        ("UPDATE event SET label = 'editorial_framing' WHERE unit = 2 AND kind = 'judgment'", "event 6: was changed"),
        ("UPDATE event SET coder = 'ben' WHERE seq = 5", "event 5: was changed"),
        ("UPDATE event SET active_ms = 999 WHERE seq = 7", "event 7: was changed"),
        ("UPDATE event SET note = 'clear' WHERE seq = 8", "event 8: was changed"),
        ("UPDATE event SET server_time = server_time - 1 WHERE seq = 5", "event 5: was changed"),
        ("UPDATE event SET seq = 9 WHERE seq = 8", "event 8: is missing"),
        ("DELETE FROM event WHERE seq = 8; ", ""),
        ("UPDATE draw SET probability = 0.5 WHERE unit = 4", "round 'first': its draws"),
        ("DELETE FROM draw WHERE unit = 4", "round 'first': its draws"),
        ("UPDATE round SET seed = 7", "round 'first': its draws, seed"),
        ("UPDATE article SET text = text || ' more' WHERE id = 2", "article 'story-001': its text was changed"),
        ("UPDATE article SET outlet = 'elsewhere' WHERE id = 2", "articles 'story-000' to 'story-002'"),
        ("UPDATE unit SET start = start + 1 WHERE id = 5", "articles 'story-000' to 'story-002'"),
        ("UPDATE assignment SET coder = 'ana', unit = 99 WHERE id = 0 OR unit = 12", None),
        ("UPDATE assignment SET position = 50 WHERE unit = 12", "assignments of event 4"),
        ("UPDATE assignment SET label = 'quoted_official' WHERE decision = 5", "unit 1 of ana in round 1: what is in"),
        ("UPDATE assignment SET decision = NULL WHERE decision = 5", "unit 1 of ana in round 1: what is in force"),
        ("UPDATE codebook SET content = replace(content, 'unrelated promo', 'promo')", "codebook "),
    ],
)
def test_what_was_changed_is_named_first(coded, sql, first):
    if first is None:
        with pytest.raises(StoreRefused):
            tamper(coded, sql)
        return
    tamper(coded, sql)
    assert (flaws(coded) or [""])[0].startswith(first)


def test_events_cut_from_the_end_show_by_a_hash_noted_earlier(coded):
    noted = coded.verify().head
    assert coded.verify(head=noted).flaws == ()
    tamper(coded, "DELETE FROM event WHERE seq = 8")
    assert coded.verify().flaws == ()
    (flaw,) = coded.verify(head=noted).flaws
    assert "not in the chain" in flaw.problem


def test_what_is_in_force_is_rebuilt_from_the_events(coded):
    tamper(coded, "UPDATE assignment SET decision = NULL, label = NULL WHERE decision = 5")
    assert coded.rebuild() == 1
    assert flaws(coded) == []
    assert coded.rebuild() == 0
