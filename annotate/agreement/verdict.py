"""What the figures mean, and what they do not, in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from annotate.agreement.bootstrap import RELIABLE, TENTATIVE, Coefficient

if TYPE_CHECKING:
    from annotate.agreement.certificate import Certificate

THRESHOLDS: Final = (
    "Krippendorff (2019, chapter 12) relies on data with alpha of at least .800, draws only tentative conclusions from"
    " .667 up, and none below."
)
_FEW_ARTICLES: Final = 20
_FEW_UNITS: Final = 30
_NOT_PEOPLE: Final = "language model"


def verdict(alpha: Coefficient, *, kinds: Sequence[str | None] = ()) -> str:
    """Return what alpha allows to conclude, by its interval rather than by its estimate.

    Parameters
    ----------
    kinds
        What the coders are.
    """
    if kinds and all(kind == _NOT_PEOPLE for kind in kinds):
        return f"{_judge(alpha)} That is of models with models: whether people would agree is not known."
    return _judge(alpha)


def _judge(alpha: Coefficient) -> str:
    if alpha.estimate is None:
        return f"Alpha is undefined: {alpha.note}."
    grade = _grade(alpha.estimate)
    if alpha.low is None or alpha.high is None:
        return f"{grade}. There is {alpha.note}; how far chance moved the estimate is not known."
    if _grade(alpha.low) == grade:
        return f"{grade}, and the interval stays {_place(alpha.estimate)}."
    below = RELIABLE if alpha.estimate >= RELIABLE else TENTATIVE
    chance = alpha.below_reliable if alpha.estimate >= RELIABLE else alpha.below_tentative
    return (
        f"{grade}, but the interval reaches below {_dotted(below)}"
        f" (probability that alpha is below: {in_words(chance or 0.0)})."
    )


def in_words(probability: float) -> str:
    """Return a share of replicates, never as a certainty."""
    if probability < 0.001:
        return "below 0.001"
    if probability > 0.999:
        return "above 0.999"
    return f"{probability:.3f}"


def cautions(certificate: Certificate) -> tuple[str, ...]:
    """Return what a reader must know before quoting a figure, the weightiest first."""
    lines = [*_on_models(certificate), *_on_kinds(certificate)]
    if certificate.articles < _FEW_ARTICLES:
        lines.append(
            f"The units are of {count(certificate.articles, 'document')}: a bootstrap over so few gives intervals"
            " that are too narrow."
        )
    if certificate.differing == 0:
        lines.append(
            "The coders never differed, so the bootstrap can't show what is uncertain: of"
            f" {count(certificate.units, 'unit')} without a difference, up to {min(1.0, 3 / certificate.units):.1%}"
            " may differ in the material at large (the rule of three, if units were independent)."
        )
    if certificate.misaligned:
        lines.append(
            f"{count(certificate.misaligned, 'unit')} of one coder overlap a unit of another with other bounds and"
            " could not be compared: let all coders label the same split."
        )
    rare = [f"{row.label} ({row.units})" for row in certificate.by_label if 0 < row.units < _FEW_UNITS]
    if rare:
        lines.append(f"Few units carry {', '.join(rare)}: their figures say little.")
    low = [
        row.label for row in certificate.by_label if row.alpha.estimate is not None and row.alpha.estimate < TENTATIVE
    ]
    if low:
        alone = "it" if len(low) == 1 else "them"
        lines.append(f"Alpha of {', '.join(low)} is below .667: conclude nothing about {alone} alone.")
    return tuple(lines)


def _on_models(certificate: Certificate) -> list[str]:
    models = [coder for coder in certificate.coders if coder.kind == _NOT_PEOPLE]
    if not models:
        return []
    names = " and ".join(coder.name for coder in models)
    notes = "; ".join(f"{coder.name}: {coder.note}" for coder in models if coder.note)
    if len(models) == 1:
        said = f"{names} is a language model: agreement with it does not show that people agree"
    else:
        said = (
            f"{names} are language models: models that share training share mistakes, so their agreement is an upper"
            " bound and says nothing of human reliability"
        )
    return [f"{said}{f' ({notes})' if notes else ''}."]


def _on_kinds(certificate: Certificate) -> list[str]:
    unknown = [coder.name for coder in certificate.coders if coder.kind is None]
    if not unknown or len(unknown) == len(certificate.coders):
        return []
    return [f"It is not known what {' and '.join(unknown)} is: say so in coders.toml beside the labels."]


def _grade(alpha: float) -> str:
    if alpha >= RELIABLE:
        return "Reliable by the usual standard"
    if alpha >= TENTATIVE:
        return "Good for tentative conclusions only"
    return "Too low to conclude anything; sharpen the codebook, train, and code again"


def _place(alpha: float) -> str:
    if alpha >= RELIABLE:
        return "above .800"
    return "above .667" if alpha >= TENTATIVE else "there"


def _dotted(threshold: float) -> str:
    return f"{threshold:.3f}".removeprefix("0")


def count(n: int, noun: str) -> str:
    """Return a number with its noun, in the plural where that is right."""
    return f"{n:,} {noun}" + ("" if n == 1 else "s")
