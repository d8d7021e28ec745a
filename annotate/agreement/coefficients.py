"""Coefficients of agreement as functions of sums over units; NaN where a coefficient is not defined.

Except alpha, each is ``(p_a - p_e) / (1 - p_e)`` with its own idea of the agreement ``p_e`` that chance gives; a matrix
of weights gives partial credit on ordered scales. Where coders left units out, they follow Gwet, Handbook of
Inter-Rater Reliability, 4th edition 2014, chapters 2 (nominal) and 3 (ordered scales): ``p_a`` is over units with at
least two judgments, the labels' shares ``pi_k`` over all units, each unit counting 1.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec
import numpy as np

from annotate.agreement.statistics import Floats, Sums

Kind = Literal["nominal", "ordinal", "interval"]
KINDS: Final[tuple[Kind, ...]] = ("nominal", "ordinal", "interval")


class Scale(msgspec.Struct, frozen=True):
    """How far two labels are apart.

    Parameters
    ----------
    kind
        ``nominal``: any two labels differ alike; ``ordinal``: the labels' order counts; ``interval``: their values.
    values
        One number a label, rising; of an ordinal scale only their order counts.
    """

    kind: Kind
    values: tuple[float, ...]

    def weights(self) -> Floats:
        """Return the credit for each two labels, shape (K, K), 1 for the same and 0 for the farthest.

        Identity, Gwet's ordinal weights (2014, chapter 3) or Cohen's quadratic ones (1968).
        """
        values = np.array(self.values)
        apart = np.abs(np.subtract.outer(values, values))
        if self.kind == "nominal" or len(values) < 2:
            return np.eye(len(values))
        if self.kind == "ordinal":
            steps = np.abs(np.subtract.outer(np.arange(len(values)), np.arange(len(values))))
            apart = steps * (steps + 1) / 2  # the number of pairs among the labels from one to the other
            return np.asarray(1 - apart / apart.max())
        return np.asarray(1 - (apart / apart.max()) ** 2)

    def differences(self, margins: Floats) -> Floats:
        """Return the squared differences of each two labels, shape (…, K, K).

        Krippendorff, Computing Krippendorff's Alpha-Reliability, 2011, section D.

        Parameters
        ----------
        margins
            Shape (…, K): how many pairable judgments gave each label. Ordinal differences depend on it.
        """
        if self.kind == "nominal":
            return 1 - np.eye(len(self.values))
        if self.kind == "interval":
            values = np.array(self.values)
            return np.asarray(np.subtract.outer(values, values) ** 2)
        middle = np.cumsum(margins, axis=-1) - margins / 2
        return np.asarray((middle[..., :, None] - middle[..., None, :]) ** 2)


def alpha(sums: Sums, scale: Scale) -> Floats:
    """Return Krippendorff's alpha, ``1 - D_o / D_e``.

    Krippendorff, Content Analysis, 4th edition 2019, chapter 12; with missing judgments, from coincidences weighted by
    ``1 / (m_u - 1)``. Units with one judgment do not count.
    """
    margins = sums.coincidences.sum(axis=-1)
    n = margins.sum(axis=-1)
    differences = scale.differences(margins)
    observed = (sums.coincidences * differences).sum(axis=(-1, -2))
    expected = (margins[..., :, None] * margins[..., None, :] * differences).sum(axis=(-1, -2))
    return 1 - _ratio((n - 1) * observed, expected)


def percent(sums: Sums, weights: Floats) -> Floats:
    """Return the agreement observed: the mean over units of the share of pairs of coders who agree."""
    return _ratio((sums.pairs * weights).sum(axis=(-1, -2)), sums.paired)


def fleiss(sums: Sums, weights: Floats) -> Floats:
    """Return Fleiss' kappa; for two coders who labelled every unit it is Scott's pi.

    Fleiss, Psychological Bulletin 76, 1971, 378–382: ``p_e`` is the sum of ``pi_k ** 2``.
    """
    shares = _ratio(sums.shares, sums.rated[..., None])
    return _beyond(percent(sums, weights), (shares[..., :, None] * shares[..., None, :] * weights).sum(axis=(-1, -2)))


def gwet(sums: Sums, weights: Floats) -> Floats:
    """Return Gwet's AC1; with weights other than identity, AC2.

    Gwet, British Journal of Mathematical and Statistical Psychology 61, 2008, 29–48: ``p_e`` is the sum of
    ``pi_k (1 - pi_k)`` by ``K - 1``; AC2 (Gwet 2014, chapter 3) multiplies it by the mean weight times K. All K labels
    that could be chosen count.
    """
    shares = _ratio(sums.shares, sums.rated[..., None])
    n_labels = len(weights)
    spread = weights.sum() / (n_labels * (n_labels - 1)) if n_labels > 1 else np.nan
    return _beyond(percent(sums, weights), spread * (shares * (1 - shares)).sum(axis=-1))


def cohen(counts: Floats, weights: Floats) -> Floats:
    """Return Cohen's kappa of two coders.

    Cohen, Educational and Psychological Measurement 20, 1960, 37–46, eq. 1; with weights, Psychological Bulletin 70,
    1968, 213–220: ``p_e`` is the sum of the products of the two coders' own shares.

    Parameters
    ----------
    counts
        Shape (…, K, K): rows are one coder's labels, columns the other's.
    """
    units = counts.sum(axis=(-1, -2))
    rows = _ratio(counts.sum(axis=-1), units[..., None])
    columns = _ratio(counts.sum(axis=-2), units[..., None])
    observed = _ratio((counts * weights).sum(axis=(-1, -2)), units)
    return _beyond(observed, (rows[..., :, None] * columns[..., None, :] * weights).sum(axis=(-1, -2)))


def scott(counts: Floats, weights: Floats) -> Floats:
    """Return Scott's pi of two coders.

    Scott, Public Opinion Quarterly 19, 1955, 321–325: ``p_e`` is the sum of the squared mean shares.

    Parameters
    ----------
    counts
        Shape (…, K, K).
    """
    units = counts.sum(axis=(-1, -2))
    shares = _ratio((counts.sum(axis=-1) + counts.sum(axis=-2)) / 2, units[..., None])
    observed = _ratio((counts * weights).sum(axis=(-1, -2)), units)
    return _beyond(observed, (shares[..., :, None] * shares[..., None, :] * weights).sum(axis=(-1, -2)))


def shared(sums: Sums) -> Floats:
    """Return, of the judgments that gave the first label, the share that another judgment of the unit matched.

    The proportion of specific agreement; Spitzer and Fleiss, British Journal of Psychiatry 125, 1974, 341–347.
    """
    return _ratio(sums.coincidences[..., 0, 0], sums.coincidences[..., 0, :].sum(axis=-1))


def _beyond(observed: Floats, chance: Floats) -> Floats:
    # Chance that gives (all but rounding) everything leaves nothing to reach beyond it.
    return _ratio(observed - chance, np.where(1 - chance > 1e-12, 1 - chance, 0.0))


def _ratio(above: Floats, below: Floats) -> Floats:
    above, below = np.broadcast_arrays(above, below)
    ratio: Floats = np.divide(above, below, out=np.full(above.shape, np.nan), where=below != 0)
    return ratio
