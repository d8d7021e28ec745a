"""What a coder's page is sent: the article as it may be shown, the coder's own decisions, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from annotate.session import hints
from annotate.session.session import Session
from annotate.store import Assignment, Event, Page, Progress, Round, Unit

AT_ONCE: Final = 30
"""Most units whose articles are sent in one answer."""


class ShownDecision(msgspec.Struct, frozen=True, omit_defaults=True):
    """A decision in force; ``spans`` count code points from the unit's first."""

    seq: int
    kind: str
    label: str | None = None
    unsure: bool = False
    note: str | None = None
    spans: tuple[tuple[int, int], ...] = ()
    variables: Mapping[str, Any] = {}


class Vote(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one coder decided and said about a unit, for whoever adjudicates."""

    coder: str
    name: str
    decision: ShownDecision
    comments: tuple[str, ...] = ()


class Item(msgspec.Struct, frozen=True, omit_defaults=True):
    """A unit of a queue.

    Parameters
    ----------
    position
        Its place in the queue, from 0.
    again
        Whether it must be coded again because the codebook changed.
    suggestion
        The label a model gives it, where the round shows it before the coder's choice.
    votes
        For an adjudicator: what each coder decided.
    comments
        The coder's own.
    """

    unit: int
    position: int
    decision: ShownDecision | None = None
    again: bool = False
    suggestion: str | None = None
    votes: tuple[Vote, ...] = ()
    comments: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Return whether it is to be decided."""
        return self.decision is None or self.again


class ShownUnit(msgspec.Struct, frozen=True, array_like=True):
    """A sentence: the text between it and the one before in its paragraph, its number, its text (None: hidden)."""

    before: str
    unit: int
    text: str | None


class ShownArticle(msgspec.Struct, frozen=True, omit_defaults=True):
    """An article, or the unit alone where the round shows no context; then ``id`` is its number below 0."""

    id: int
    paragraphs: tuple[tuple[ShownUnit, ...], ...]
    items: tuple[Item, ...] = ()
    title: str | None = None
    outlet: str | None = None
    byline: str | None = None
    published: str | None = None
    language: str | None = None


class Work(msgspec.Struct, frozen=True, omit_defaults=True):
    """What comes next: the units in order, and the articles that the page does not have yet."""

    units: tuple[int, ...]
    articles: tuple[ShownArticle, ...]


class Count(msgspec.Struct, frozen=True):
    """How far a coder is in a round."""

    assigned: int
    done: int
    skipped: int
    again: int
    active_ms: int


def show_decision(event: Event, start: int) -> ShownDecision:
    """Return a decision as it is shown, ``start`` being where its unit begins in the article."""
    spans = tuple((first - start, last - start) for first, last in event.spans)
    return ShownDecision(event.seq, event.kind, event.label, event.unsure, event.note, spans, event.variables)


def show_article(page: Page, round_: Round, items: Iterable[Item], unit: int) -> ShownArticle:
    """Return an article as a round shows it.

    Parameters
    ----------
    items
        The coder's own units in it.
    unit
        The unit that is shown alone where the round gives no context.
    """
    own = {item.unit: item for item in items}
    if round_.settings.context == "unit":
        alone = tuple(one for one in page.units if one.id == unit)
        return ShownArticle(-unit, _paragraphs(page, alone, frozenset()), (own[unit],) if unit in own else ())
    return show_whole(page, round_, own.values())


def show_whole(page: Page, round_: Round, items: Iterable[Item]) -> ShownArticle:
    """Return an article with all its text, without what the round hides."""
    items = tuple(items)
    hidden = _hidden_units(page, round_, {item.unit for item in items})
    article = page.article
    told: dict[str, Any] = {
        field: getattr(article, field)
        for field in ("title", "outlet", "byline", "published")
        if field not in round_.settings.hide
    }
    return ShownArticle(page.id, _paragraphs(page, page.units, hidden), items, language=article.language, **told)


def coder_items(session: Session, page: Page, round_: Round, coder: str) -> list[Item]:
    """Return a coder's units in an article, in page order, with the coder's own decisions."""
    assigned = session.store.assigned(round_.id, coder, [unit.id for unit in page.units])
    mine = {event.unit: event for event in session.store.in_force(round_.id, coder=coder, article=page.id)}
    said: dict[int | None, tuple[str, ...]] = {}
    for comment in session.store.comments(round_.id, coder):
        said[comment.unit] = (*said.get(comment.unit, ()), comment.note or "")
    return [
        _item(
            unit,
            assigned[unit.id],
            mine.get(unit.id),
            hints.before(session, round_, coder, unit.id),
            said.get(unit.id, ()),
        )
        for unit in page.units
        if unit.id in assigned
    ]


def coder_work(
    session: Session, round_: Round, coder: str, *, after: int | None, count: int, have: frozenset[int]
) -> Work:
    """Return the next open units of a coder's queue, with the articles that the page does not have."""
    found: list[int] = []
    most, position = min(count, AT_ONCE), after
    while len(found) < most:
        one = session.store.following(round_.id, coder, after=position)
        if one is None or one.unit in found:
            break
        # What follows in the same article needs no further question.
        near = {item.position: item for item in coder_items(session, session.store.page_of(one.unit), round_, coder)}
        position = one.position
        while position in near and near[position].is_open and near[position].unit not in found and len(found) < most:
            found.append(near[position].unit)
            position += 1
        position -= 1
    return coder_pages(session, round_, coder, found, have)


def coder_pages(session: Session, round_: Round, coder: str, units: list[int], have: frozenset[int]) -> Work:
    """Return units with the articles they stand in, as far as the page does not have them."""
    sent: dict[int, ShownArticle] = {}
    for unit in units:
        page = session.store.page_of(unit)
        number = -unit if round_.settings.context == "unit" else page.id
        if number not in sent and number not in have:
            sent[number] = show_article(page, round_, coder_items(session, page, round_, coder), unit)
    return Work(tuple(units), tuple(sent.values()))


def count(progress: Iterable[Progress]) -> Count:
    """Return how far a coder is, from what the store says of one round and coder."""
    for one in progress:
        return Count(one.assigned, one.done, one.skipped, one.again, one.active_ms)
    return Count(0, 0, 0, 0, 0)


def _item(
    unit: Unit, assignment: Assignment, event: Event | None, suggestion: str | None, comments: tuple[str, ...]
) -> Item:
    decision = None if event is None else show_decision(event, unit.sentence.start)
    return Item(unit.id, assignment.position, decision, assignment.again, suggestion, comments=comments)


def _hidden_units(page: Page, round_: Round, own: set[int]) -> frozenset[int]:
    """Return the units that would give away what a blind round hides, unless they are to be coded themselves."""
    telling = {
        text.strip().casefold()
        for field in round_.settings.hide
        if (text := getattr(page.article, field)) is not None and text.strip()
    }
    return frozenset(
        unit.id for unit in page.units if unit.id not in own and unit.sentence.text.strip().casefold() in telling
    )


def _paragraphs(page: Page, units: tuple[Unit, ...], hidden: frozenset[int]) -> tuple[tuple[ShownUnit, ...], ...]:
    paragraphs: dict[int, list[ShownUnit]] = {}
    end = 0
    for unit in units:
        sentence = unit.sentence
        paragraph = paragraphs.setdefault(sentence.paragraph, [])
        before = page.article.text[end : sentence.start] if paragraph else ""
        paragraph.append(ShownUnit(before, unit.id, None if unit.id in hidden else sentence.text))
        end = sentence.end
    return tuple(tuple(paragraph) for paragraph in paragraphs.values())
