"""However long the ledger, a coder waits no longer: nothing they do walks through a whole table."""

from __future__ import annotations

import pytest
from sqlalchemy import event
from stores import judge

from annotate.codebook import read_codebook
from annotate.store import Remark, Step, create_store

GROWING = ("event", "assignment", "unit", "article", "draw", "login", "suggestion")


@pytest.fixture
def plans(tmp_path):
    """A store in SQLite, and a function that runs work and returns the tables its statements walked through."""
    from stores import filled

    with filled(create_store(tmp_path / "store.db", read_codebook())) as store:
        store.add_coder("lead", role="lead")
        store.sign_in("digest", "ana", expires=2**60)

        def walked(work):
            statements = []

            def note(_connection, cursor, statement, parameters, *_):
                statements.append((statement, parameters))

            event.listen(store.engine, "after_cursor_execute", note)
            work()
            event.remove(store.engine, "after_cursor_execute", note)
            assert statements
            with store.reading() as connection:
                steps = [
                    row[3]
                    for statement, parameters in statements
                    if not statement.startswith(("BEGIN", "PRAGMA"))
                    for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
                ]
            return [step for step in steps for table in GROWING if step.startswith(f"SCAN {table}")]

        yield store, walked


def test_what_a_coder_does_walks_through_no_table(plans, client):
    store, walked = plans
    first = judge(store, client(), 1)
    work = {
        "decide": lambda: judge(store, client(), 2),
        "decide again": lambda: judge(store, client(), 1, "editorial_framing", base=first.event.seq),
        "send twice": lambda: judge(store, "twice", 3) and judge(store, "twice", 3),
        "undo": lambda: store.take(Step(client=client(), coder="ana", round=1, kind="undo")),
        "redo": lambda: store.take(Step(client=client(), coder="ana", round=1, kind="redo")),
        "comment": lambda: store.take(Remark(client=client(), coder="ana", unit=1, round=1, kind="comment", note="!")),
        "adjudicate": lambda: judge(store, client(), 1, coder="lead", kind="adjudication"),
        "next unit": lambda: store.following(1, "ana", after=3),
        "place in the queue": lambda: store.at(1, "ana", 3),
        "some units": lambda: store.assigned(1, "ana", [1, 2, 3]),
        "page": lambda: store.page_of(5),
        "earlier decisions": lambda: store.in_force(1, coder="ana", article=1),
        "history": lambda: store.history(1),
        "comments": lambda: store.comments(1, "ana"),
        "progress": lambda: store.progress(1, "ana"),
        "signed in": lambda: store.signed_in("digest"),
        "suggestion": lambda: store.suggestion("m", 1),
        "codebook": store.codebook,
    }
    assert {name: steps for name, do in work.items() if (steps := walked(do))} == {}
