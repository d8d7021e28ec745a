"""The units of a round as they go to a server: in the coders' order, with their context, under keys that stay."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from annotate.errors import ProjectError
from annotate.exchange.doccano import unit_key
from annotate.exchange.servers.server import Task
from annotate.store import Page, Round, Store
from annotate.types import Sentence

_AROUND: Final = 2  # sentences before and behind, so that a pronoun finds its noun
_FIELDS: Final = ("title", "outlet", "byline", "published", "url")


class Share(NamedTuple):
    """Units, by number, that some coders have in one project on a server, in the order in which they get them."""

    coders: tuple[str, ...]
    units: tuple[int, ...]


def shares(store: Store, round_: Round) -> list[Share]:
    """Return what is to stand in one project on a server: all units if all coders have the same, else each coder's.

    Raises
    ------
    ProjectError
        If nobody has anything to code in the round.
    """
    queues: dict[str, list[int]] = {}
    for assignment in store.assignments(round_.id):
        queues.setdefault(assignment.coder, []).append(assignment.unit)
    if not queues:
        raise ProjectError(f"nobody codes the round {round_.name!r}", remedy="draw one with nutgraf sample … --coder")
    if len({frozenset(queue) for queue in queues.values()}) == 1:
        first = min(queues)
        return [Share(tuple(sorted(queues)), tuple(queues[first]))]
    return [Share((coder,), tuple(queues[coder])) for coder in sorted(queues)]


def tasks(store: Store, round_: Round, units: Sequence[int]) -> dict[int, Task]:
    """Return the tasks of a round's units, by the unit's number, in the order given.

    A round that hides something of the article hides its name too: the key is a digest then.
    """
    wanted = set(units)
    made = {unit: task for page in store.pages_with(units) for unit, task in _of_page(page, round_) if unit in wanted}
    return {unit: made[unit] for unit in units}


def key_of(sentence: Sentence, round_: Round) -> str:
    """Return what identifies a unit wherever the round goes."""
    key = unit_key(sentence)
    return hashlib.sha256(key.encode()).hexdigest()[:24] if round_.settings.hide else key


def _of_page(page: Page, round_: Round) -> Iterator[tuple[int, Task]]:
    sentences = [unit.sentence for unit in page.units]
    known = _known_of(page, round_)
    for i, unit in enumerate(page.units):
        sentence = unit.sentence
        around = {}
        if round_.settings.context == "article":
            around["before"] = " ".join(one.text for one in sentences[max(i - _AROUND, 0) : i])
            around["after"] = " ".join(one.text for one in sentences[i + 1 : i + 1 + _AROUND])
        yield (
            unit.id,
            Task(key_of(sentence, round_), sentence.text, sentence.start, sentence.end, around | known),
        )


def _known_of(page: Page, round_: Round) -> dict[str, str]:
    """Return what coders may know of an article: the same keys for every article of the round."""
    if round_.settings.context == "unit":
        return {}
    article, hidden = page.article, round_.settings.hide
    known = {field: getattr(article, field) or "" for field in _FIELDS if field not in hidden}
    return known if hidden else known | {"article": article.id}
