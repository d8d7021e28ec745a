"""Active rounds grow by batches; each stands in the ledger, and nothing of it can be changed unseen."""

from __future__ import annotations

import pytest
from stores import everything_round, filled, tamper

from annotate.errors import NotHonest, ProjectError
from annotate.store import Batch, Draw, Growth, Plan, RoundSettings

GROWTH = RoundSettings(growth=Growth(size=8, batch=2))
MODEL = {"id": "own@0123456789ab", "units": 4}


def plan(**more):
    given = {
        "name": "hard",
        "purpose": "active",
        "design": "the first two",
        "seed": 0,
        "frame": "0" * 64,
        "frame_size": 12,
        "draws": [Draw(1, 0.5), Draw(2, None, "active")],
        "queues": {"ana": [1, 2]},
        "settings": GROWTH,
    }
    return Plan(**(given | more))


def batch(*units, before=2, queues=None, **more):
    draws = [Draw(unit, None, "active") for unit in units]
    queues = {"ana": list(units)} if queues is None else queues
    return Batch(before=before, design="by a model", frame="1" * 64, frame_size=10, draws=draws, queues=queues, **more)


@pytest.fixture
def store(empty):
    filled(empty)
    empty.create_round(plan())
    return empty


def test_a_batch_follows_in_the_queue_and_stands_in_the_ledger(store):
    store.extend_round(2, batch(5, 3, model=MODEL))
    assert [(one.unit, one.position) for one in store.assignments(2, "ana")] == [(1, 0), (2, 1), (5, 2), (3, 3)]
    assert [one.unit for one in store.draws(2)] == [1, 2, 3, 5]
    first, second = store.growth(2)
    assert (first.kind, second.kind) == ("round", "draw")
    assert second.variables["model"] == MODEL
    assert second.variables["draws"] == [[3, None, "active", None], [5, None, "active", None]]
    assert store.verify().flaws == ()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE draw SET reason = 'random', probability = 0.1 WHERE unit = 5 AND round = 2", "batch"),
        ("DELETE FROM draw WHERE unit = 5 AND round = 2", "batch"),
        ("UPDATE draw SET probability = 0.1 WHERE unit = 1 AND round = 2", "draws, seed or design"),
        ("INSERT INTO draw (round, unit, reason) VALUES (2, 9, 'active')", "draws, seed or design"),
        ("UPDATE assignment SET position = 9 WHERE unit = 5 AND round = 2", "changed after they were made"),
    ],
)
def test_a_batch_that_was_changed_is_seen(store, change, said):
    store.extend_round(2, batch(5, 3))
    tamper(store, change)
    assert said in store.verify().flaws[0].problem


def test_a_round_that_grew_meanwhile_refuses_a_batch_drawn_before(store):
    store.extend_round(2, batch(3))
    for late in (batch(4), batch(3, before=3)):
        with pytest.raises(ProjectError, match="grown meanwhile"):
            store.extend_round(2, late)
    with pytest.raises(ProjectError, match="was not drawn"):
        store.extend_round(2, batch(4, before=3, queues={"ana": [9]}))
    assert len(store.draws(2)) == 3


def test_a_closed_round_and_one_that_carries_figures_never_grow(store):
    with pytest.raises(NotHonest, match="for reliability"):
        store.extend_round(1, batch(3, before=12))
    with pytest.raises(NotHonest, match="can't grow"):
        everything_round(store, "test", purpose="evaluation", settings=GROWTH)
    store.close_round(2)
    with pytest.raises(ProjectError, match="closed"):
        store.extend_round(2, batch(3))


def test_a_round_for_evaluation_suggests_nothing(store):
    with pytest.raises(NotHonest, match="suggest nothing"):
        everything_round(store, "test", purpose="evaluation", settings=RoundSettings(suggestions="after"))
