"""Units to code again, blind: those whose label is in doubt, with others among them that are not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from annotate.errors import InputError
from annotate.sampling.chance import number
from annotate.sampling.designs import frame_digest
from annotate.sampling.sharing import share_out
from annotate.store import Draw, Frame, Plan, RoundSettings


def plan_again(
    frame: Sequence[Frame],
    listed: Sequence[int],
    coders: Sequence[str],
    *,
    name: str,
    seed: int,
    floor: float = 0.2,
    each: int = 1,
    overlap: float = 1.0,
    drawn: Mapping[int, Iterable[str]],
    settings: RoundSettings | None = None,
) -> Plan:
    """Plan an active round of listed units, which were picked and not drawn: they never carry figures.

    Coders who knew that every unit is in doubt would not code as they did. So units that were drawn before and are not
    listed are drawn at random to stand among the others.

    Parameters
    ----------
    listed
        Units to code again.
    floor
        How many others, as a share of the round.
    drawn
        Unit to the purposes it was drawn for before.

    Raises
    ------
    InputError
        If nothing is listed, or the share is not from 0 to below 1.
    """
    if not listed:
        raise InputError("no unit is listed", remedy="list some, as nutgraf inspect -o does")
    if not 0 <= floor < 1:
        raise InputError(f"a share of {floor} at random can't be", remedy="give 0 to below 1")
    picked = set(listed)
    others = [one for one in frame if one.unit in drawn and one.unit not in picked]
    key = f"{seed}\n{name}"
    others.sort(key=lambda one: number(key, "draw", one.article, one.position))
    wanted = min(round(len(picked) * floor / (1 - floor)), len(others))
    at_random = {one.unit for one in others[:wanted]}
    chosen = [one for one in frame if one.unit in picked or one.unit in at_random]
    draws = [
        Draw(one.unit, None, "active") if one.unit in picked else Draw(one.unit, wanted / len(others), "random")
        for one in chosen
    ]
    several = f"{each} of {len(coders)} coders each" if overlap == 1 else f"{each} coders for {overlap:.0%} of them"
    return Plan(
        name=name,
        purpose="active",
        design=(
            f"{len(picked)} units listed to be coded again, {wanted} of {len(others)} others coded before drawn at"
            f" random among them; for training only; {several}"
        ),
        seed=seed,
        frame=frame_digest(chosen),
        frame_size=len(chosen),
        draws=draws,
        queues=share_out(chosen, coders, each=each, overlap=overlap, key=key),
        settings=settings or RoundSettings(),
    )
