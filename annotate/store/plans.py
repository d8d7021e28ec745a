"""Rounds as values: what is drawn, how, for what, and who codes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import msgspec

Purpose = Literal["training", "reliability", "evaluation", "active", "import"]
"""What a round is for. Only ``reliability`` and ``evaluation`` are probability samples that carry figures."""


FIGURES: Final = ("reliability", "evaluation")
"""The purposes whose units may carry a published figure."""


class Growth(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """How an active round grows while it is coded.

    Parameters
    ----------
    size
        How many units it comes to in the end.
    batch
        How many units a coder gets at a time.
    floor
        The share of each batch that is drawn at random.
    each
        Coders for each unit.
    """

    size: int
    batch: int
    floor: float = 0.2
    each: int = 1


class RoundSettings(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """How a round is shown to coders.

    Parameters
    ----------
    hide
        What a blind round keeps from coders: any of ``title``, ``outlet``, ``byline``, ``published``, ``url``.
    context
        The whole article around the unit, or the unit alone.
    suggestions
        ``after``: the model's label is shown after the coder's own choice. ``randomised``: before it, for a random
        half of the units.
    feedback
        Whether coders see the known answer after their own (training).
    spans
        Whether coders mark the words that carry the framing.
    suggester
        Under which name the labels are stored that are suggested.
    growth
        An active round that grows: how. None for a round that is what it was when it was drawn.
    """

    hide: tuple[Literal["title", "outlet", "byline", "published", "url"], ...] = ()
    context: Literal["article", "unit"] = "article"
    suggestions: Literal["off", "after", "randomised"] = "off"
    feedback: bool = False
    spans: bool = False
    suggester: str | None = None
    growth: Growth | None = None


class Round(msgspec.Struct, frozen=True):
    """A set of units drawn for a purpose.

    Parameters
    ----------
    codebook
        Fingerprint of the codebook in use when it was drawn.
    design
        How the units were drawn, in words.
    seed, frame, frame_size
        What repeats the draw: the seed, the SHA-256 of the list drawn from, and that list's length.
    closed
        The event that closed it, or None.
    """

    id: int
    name: str
    purpose: Purpose
    codebook: str
    design: str
    seed: int
    frame: str
    frame_size: int
    settings: RoundSettings
    created: int
    closed: int | None = None


class Draw(msgspec.Struct, frozen=True):
    """A unit drawn.

    Parameters
    ----------
    probability
        Its first-order inclusion probability, 0 to 1; None where none is known (picked by a model, imported).
    reason
        ``random`` or ``active`` (picked by a model) or ``import``.
    stratum
        The stratum it was drawn in.
    """

    unit: int
    probability: float | None
    reason: Literal["random", "active", "import"] = "random"
    stratum: str | None = None


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A round to be made: what was drawn, how, and who codes which units in which order.

    Parameters
    ----------
    queues
        Coder to the numbers of their units, in the order in which they get them.
    model
        Which model picked, and what it had learnt from; empty where none did.
    """

    name: str
    purpose: Purpose
    design: str
    seed: int
    frame: str
    frame_size: int
    draws: Sequence[Draw]
    queues: Mapping[str, Sequence[int]]
    settings: RoundSettings = RoundSettings()
    model: Mapping[str, Any] = {}


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """What an active round grows by.

    Parameters
    ----------
    before
        How many units the round had when this was drawn: if it has others by now, the batch is refused.
    design, frame, frame_size, draws, queues, model
        As in :class:`Plan`.
    """

    before: int
    design: str
    frame: str
    frame_size: int
    draws: Sequence[Draw]
    queues: Mapping[str, Sequence[int]]
    model: Mapping[str, Any] = {}


class Suggested(msgspec.Struct, frozen=True):
    """A coder's first judgment of a unit that a model has labelled too.

    Parameters
    ----------
    arm
        What its event says: ``first``, ``unseen`` or ``later``; see :mod:`annotate.session.hints`.
    label, now
        The label given first, and the one in force.
    said
        The model's.
    """

    coder: str
    unit: int
    article: str
    arm: str
    label: str
    now: str | None
    said: str
    active_ms: int | None


class Move(msgspec.Struct, frozen=True):
    """A unit of a round that goes from one coder to another, or to nobody."""

    unit: int
    giver: str
    taker: str | None
