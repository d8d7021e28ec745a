"""What the figures mean, and what they do not, in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from annotate.agreement.bootstrap import RELIABLE, TENTATIVE, Coefficient
from annotate.counts import count
from annotate.types import Said

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
        return f"{judge(alpha).text} That is of models with models: whether people would agree is not known."
    return judge(alpha).text


def judge(alpha: Coefficient) -> Said:
    """Return what alpha allows to conclude, whoever the coders are."""
    if alpha.estimate is None:
        return Said(f"Alpha is undefined: {alpha.note}.", "undefined")
    grade, name = _grade(alpha.estimate), _name(alpha.estimate)
    if alpha.low is None or alpha.high is None:
        text = f"{grade}. There is {alpha.note}; how far chance moved the estimate is not known."
        return Said(text, f"{name}_no_interval")
    if _grade(alpha.low) == grade:
        return Said(f"{grade}, and the interval stays {_place(alpha.estimate)}.", f"{name}_stays")
    below = RELIABLE if alpha.estimate >= RELIABLE else TENTATIVE
    chance = (alpha.below_reliable if alpha.estimate >= RELIABLE else alpha.below_tentative) or 0.0
    text = (
        f"{grade}, but the interval reaches below {_dotted(below)} (probability that alpha is below:"
        f" {in_words(chance)})."
    )
    return Said(text, f"{name}_reaches", {"below": below, "chance": chance})


def in_words(probability: float) -> str:
    """Return a share of replicates, never as a certainty."""
    if probability < 0.001:
        return "below 0.001"
    if probability > 0.999:
        return "above 0.999"
    return f"{probability:.3f}"


def cautions(certificate: Certificate) -> tuple[str, ...]:
    """Return what a reader must know before quoting a figure, the weightiest first."""
    return (*_on_models(certificate), *_on_kinds(certificate), *(one.text for one in warn(certificate)))


def warn(certificate: Certificate) -> tuple[Said, ...]:
    """Return what the figures themselves warn of, whoever the coders are."""
    rare = [f"{row.label} ({row.units})" for row in certificate.by_label if 0 < row.units < _FEW_UNITS]
    low = [
        row.label for row in certificate.by_label if row.alpha.estimate is not None and row.alpha.estimate < TENTATIVE
    ]
    found = []
    if certificate.articles < _FEW_ARTICLES:
        text = (
            f"The units are of {count(certificate.articles, 'document')}: a bootstrap over so few gives intervals"
            " that are too narrow."
        )
        found.append(Said(text, "few_articles", {"n": certificate.articles}))
    if certificate.differing == 0:
        share = min(1.0, 3 / certificate.units)
        text = (
            "The coders never differed, so the bootstrap can't show what is uncertain: of"
            f" {count(certificate.units, 'unit')} without a difference, up to {share:.1%}"
            " may differ in the material at large (the rule of three, if units were independent)."
        )
        found.append(Said(text, "never_differed", {"n": certificate.units, "share": share}))
    if certificate.misaligned:
        text = (
            f"{count(certificate.misaligned, 'unit')} of one coder overlap a unit of another with other bounds and"
            " could not be compared: let all coders label the same split."
        )
        found.append(Said(text, "misaligned", {"n": certificate.misaligned}))
    if rare:
        text = f"Few units carry {', '.join(rare)}: their figures say little."
        labels = tuple(row.label for row in certificate.by_label if 0 < row.units < _FEW_UNITS)
        found.append(Said(text, "rare", {"labels": labels}))
    if low:
        alone = "it" if len(low) == 1 else "them"
        text = f"Alpha of {', '.join(low)} is below .667: conclude nothing about {alone} alone."
        found.append(Said(text, "low_label" if len(low) == 1 else "low_labels", {"labels": tuple(low)}))
    return tuple(found)


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
            f"{names} are language models: models that share training share mistakes, so they may agree far more"
            " often than people would, and their agreement says nothing of human reliability"
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


def _name(alpha: float) -> str:
    return "reliable" if alpha >= RELIABLE else "tentative" if alpha >= TENTATIVE else "low"


def _place(alpha: float) -> str:
    if alpha >= RELIABLE:
        return "above .800"
    return "above .667" if alpha >= TENTATIVE else "there"


def _dotted(threshold: float) -> str:
    return f"{threshold:.3f}".removeprefix("0")
