"""Rounds as values: what is drawn, how, for what, and who codes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal

import msgspec

Purpose = Literal["training", "reliability", "evaluation", "active", "import"]
"""What a round is for. Only ``reliability`` and ``evaluation`` are probability samples that carry figures."""


FIGURES: Final = ("reliability", "evaluation")
"""The purposes whose units may carry a published figure."""


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
    """

    hide: tuple[Literal["title", "outlet", "byline", "published", "url"], ...] = ()
    context: Literal["article", "unit"] = "article"
    suggestions: Literal["off", "after", "randomised"] = "off"
    feedback: bool = False
    spans: bool = False


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


class Move(msgspec.Struct, frozen=True):
    """A unit of a round that goes from one coder to another, or to nobody."""

    unit: int
    giver: str
    taker: str | None
