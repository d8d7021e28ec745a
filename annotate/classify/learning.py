"""Active rounds: a project's own model picks what coders get next, and learns anew from what they decided.

What was judged in rounds for evaluation is never learnt from here: what such a model picks would depend on the labels
that are to test the models trained on its picks.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
from sklearn.feature_extraction.text import HashingVectorizer

from annotate.classify.model import Model, train
from annotate.classify.project_gold import project_gold
from annotate.errors import EmptyInput, NotHonest, ProjectError
from annotate.sampling import Design, Score, Scores, draw, share_out
from annotate.store import Batch, Round, Store
from annotate.types import Prediction

RECIPE: Final = "linear"
"""It learns in seconds, while coders wait for nothing."""

OWN: Final = "own"
"""Under which name the labels are stored that a project's own model suggests."""

_ALIKE: Final = HashingVectorizer(n_features=256, alternate_sign=True, norm="l2")


def learn(store: Store, *, name: str = OWN) -> Model | None:
    """Train on all that was judged, but for evaluation; return None while there is nothing to tell apart."""
    rounds = [one.id for one in store.rounds() if one.purpose != "evaluation"]
    if not rounds:
        return None
    try:
        return train(project_gold(store, rounds=rounds).data, recipe=RECIPE, name=name)
    except (EmptyInput, NotHonest):
        return None


def described(model: Model | None) -> dict[str, Any]:
    """Return what the ledger says of a model that picked units: its id, and what it had learnt from."""
    if model is None:
        return {}
    on = model.manifest.trained_on
    return {
        "id": model.id,
        "recipe": model.manifest.recipe,
        "units": on.units,
        "articles": on.articles,
        "coder": on.coder,
        "labels": {label: count for label, count in on.label_counts.items() if count},
        "rows_sha256": on.rows_sha256,
    }


def predictions(store: Store, model: Model, units: Sequence[int]) -> Iterator[tuple[int, Prediction]]:
    """Yield what a model says of units, each read in its article, in the order of the articles."""
    wanted = set(units)
    for page in store.pages_with(units):
        for unit, prediction in zip(page.units, model.predict([unit.sentence for unit in page.units]), strict=True):
            if unit.id in wanted:
                yield unit.id, prediction


def scored_by(store: Store, model: Model) -> Score:
    """Return what scores units for a draw: the model's probabilities, and the sentence's words to tell units apart."""

    def score(units: Sequence[int]) -> Scores:
        said = dict(predictions(store, model, units))
        labels = model.manifest.labels
        return Scores(
            np.array([[said[unit].probabilities[label] for label in labels] for unit in units]),
            _ALIKE.transform([said[unit].text for unit in units]).toarray(),
        )

    return score


def suggest(store: Store, model: Model, units: Sequence[int], *, name: str) -> None:
    """Store what a model says of units, to be shown to coders where their round says so."""
    store.set_suggestions(
        name, {unit: (said.label, said.probabilities) for unit, said in predictions(store, model, units)}
    )


def grow(store: Store, round_: Round, coders: Sequence[str]) -> Batch:
    """Learn anew, draw the next batch of an active round, and give it to these coders.

    Raises
    ------
    ProjectError
        If nothing is left that may be drawn, or the round has grown meanwhile.
    """
    growth = round_.settings.growth
    assert growth is not None
    before = len(store.draws(round_.id))
    each = min(growth.each, len(coders))
    frame, drawn = store.frame(), store.drawn()
    size = min(math.ceil(growth.batch * len(coders) / each), growth.size - before)
    design = Design(name=round_.name, purpose="active", size=size, seed=round_.seed, floor=growth.floor)
    model = learn(store)
    found = draw(frame, design, drawn=drawn, score=None if model is None else scored_by(store, model), at_most=True)
    if not found.draws:
        raise ProjectError(f"nothing is left to draw for the round {round_.name!r}", remedy="add articles: nutgraf add")
    by_unit = {one.unit: one for one in found.frame}
    key = f"{round_.seed}\n{round_.name}\n{before}"
    batch = Batch(
        before=before,
        design=found.words,
        frame=found.digest,
        frame_size=len(found.frame),
        draws=found.draws,
        queues=share_out([by_unit[one.unit] for one in found.draws], coders, each=each, key=key),
        model=described(model),
    )
    if model is not None and round_.settings.suggestions != "off" and round_.settings.suggester == OWN:
        suggest(store, model, [one.unit for one in batch.draws], name=OWN)
    store.extend_round(round_.id, batch)
    return batch
