"""Effect of contacts that were not drawn by lot: doubly robust, cross-fitted, refused without overlap."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from dangol.evaluation.effect import NAN, Effect, check_arms, student_interval
from dangol.evaluation.intervals import Array

Mask = npt.NDArray[np.bool_]

MAX_PROPENSITY = 0.9
MIN_OVERLAP_SHARE = 0.5
MIN_EFFECTIVE_CONTROLS = 30.0
_CALIPER_SD = 0.2
_MIN_NEIGHBOURS = 5
_N_FOLDS = 5


@dataclass(frozen=True)
class Overlap:
    """Whether contacted customers have their like among those not contacted.

    Attributes:
        is_compared: shape (customers,). Contacted customers whose probability of contact is at
            most 0.9 and who have five controls within 0.2 standard deviations of their score (its
            logit); controls whose probability is at most 0.9.
        share: contacted customers compared, as a share of all contacted.
        effective_controls: how many equally weighted controls the weighted ones are worth.

    Source:
        Crump, Hotz, Imbens & Mitnik (2009), Biometrika 96(1), for leaving out extreme propensities.
    """

    is_compared: Mask
    share: float
    effective_controls: float

    @property
    def is_enough(self) -> bool:
        """Whether an effect may be estimated at all."""
        return self.share >= MIN_OVERLAP_SHARE and self.effective_controls >= MIN_EFFECTIVE_CONTROLS


class AdjustedComparison:
    """Contacted customers against similar ones not contacted, in one campaign.

    The estimand is the effect *on the contacted* (ATT): what the campaign brought is the sum over
    those it was sent to, and it needs controls like the contacted but not the reverse, which a
    targeted campaign could not offer. EconML's learners give the effect over everybody, so the score
    is written out here: residuals of an outcome model fitted on controls, controls weighted by the
    odds of contact. It is right if either of the two models is. Every customer is predicted by models
    that have not seen this customer.

    Args:
        covariates: numbers without gaps, one row per customer, known before the campaign.
        is_treated: whether contacted, aligned with ``covariates``.
        seed: of the folds.

    Attributes:
        propensity: cross-fitted probability of contact, shape (customers,).
        overlap: diagnosis to read before any estimate.

    Source:
        Robins, Rotnitzky & Zhao (1994), J. American Statistical Association 89 (the score);
        Chernozhukov et al. (2018), Econometrics Journal 21(1) (cross-fitting).
    """

    def __init__(self, covariates: pd.DataFrame, is_treated: npt.ArrayLike, seed: int) -> None:
        from sklearn.model_selection import StratifiedKFold

        self.is_treated: Mask = np.asarray(is_treated, dtype=bool)
        check_arms(np.zeros(len(self.is_treated)), self.is_treated)
        n_folds = int(min(_N_FOLDS, self.is_treated.sum(), (~self.is_treated).sum()))
        self._inputs = _normal_scores(covariates)
        splitter = StratifiedKFold(n_folds, shuffle=True, random_state=seed)
        self._folds = list(splitter.split(self._inputs, self.is_treated))
        self.propensity = self._propensity()
        self.overlap = _overlap(self.propensity, self.is_treated)

    def effect(self, outcome: npt.ArrayLike) -> Effect:
        """Effect on the contacted, with its interval; read ``overlap`` first.

        Args:
            outcome: one number per customer, 0 if nothing was bought.

        Raises:
            ValueError: if an outcome is missing.
        """
        y = np.asarray(outcome, dtype=np.float64)
        return self.effects(pd.DataFrame({"outcome": y}))["outcome"]

    def effects(self, outcomes: pd.DataFrame) -> dict[str, Effect]:
        """Effects on several outcomes of the same customers, by one model for all.

        How strongly the model is held back is decided on the first outcome. So every estimate is
        linear in its outcome: effects on the parts of an amount sum to the effect on the whole.

        Args:
            outcomes: one column per outcome, rows as ``covariates``.

        Raises:
            ValueError: if an outcome is missing.
        """
        values = outcomes.to_numpy(dtype=np.float64)
        for column in values.T:
            check_arms(column, self.is_treated)
        residuals = values - self._expected(values)
        return {
            str(name): self._effect(y, r) for name, y, r in zip(outcomes, values.T, residuals.T, strict=True)
        }

    def expected(self, outcome: npt.ArrayLike) -> Array:
        """What each customer would have without a contact, by models that have not seen this customer.

        Args:
            outcome: one number per customer.
        """
        return self._expected(np.asarray(outcome, dtype=np.float64)[:, None])[:, 0]

    def _effect(self, y: Array, residual: Array) -> Effect:
        treated, compared = self.is_treated, self.overlap.is_compared
        odds = self.propensity / (1 - self.propensity)
        ours = np.where(treated & compared, 1.0, 0.0)
        theirs = np.where(~treated & compared, odds, 0.0)
        ours, theirs = ours / ours.sum(), theirs / theirs.sum()
        score = (ours - theirs) * residual
        estimate = float(score.sum())
        influence = score - ours * (ours @ residual) + theirs * (theirs @ residual)
        freedom = max(self.overlap.effective_controls - 1, 1.0)
        mean = float(ours @ y)
        return Effect(
            estimate,
            *student_interval(estimate, influence, freedom),
            int((treated & compared).sum()),
            int((~treated & compared).sum()),
            float(y[treated].mean() - y[~treated].mean()),
            influence,
            score,
            *_relative(estimate, mean, influence, ours * (y - mean), freedom),
        )

    def _expected(self, outcomes: Array) -> Array:
        from sklearn.linear_model import Ridge, RidgeCV
        from threadpoolctl import threadpool_limits

        expected = np.empty_like(outcomes)
        with threadpool_limits(limits=1):  # the models are small: threads would only wait for each other
            for rest, fold in self._folds:
                rows = rest[~self.is_treated[rest]]
                inputs = self._inputs[rows]
                alpha = RidgeCV(alphas=np.logspace(0, 5, 11)).fit(inputs, outcomes[rows, 0]).alpha_
                model = Ridge(alpha).fit(inputs, outcomes[rows])
                expected[fold] = model.predict(self._inputs[fold]).reshape(len(fold), -1)
        return expected

    def _propensity(self) -> Array:
        from sklearn.linear_model import LogisticRegression
        from threadpoolctl import threadpool_limits

        propensity = np.empty(len(self.is_treated))
        with threadpool_limits(limits=1):
            for rest, fold in self._folds:
                model = LogisticRegression(C=0.02, max_iter=2000).fit(
                    self._inputs[rest], self.is_treated[rest]
                )
                propensity[fold] = model.predict_proba(self._inputs[fold])[:, 1]
        return np.clip(propensity, 0.001, 0.999)


def _relative(
    estimate: float, mean: float, influence: Array, mean_influence: Array, freedom: float
) -> tuple[float, float, float]:
    """Effect over what the contacted would have had without it; interval of the logarithm of the ratio."""
    without = mean - estimate
    if min(mean, without) <= 0:
        return NAN, NAN, NAN
    log_influence = mean_influence / mean - (mean_influence - influence) / without
    low, high, _ = student_interval(float(np.log(mean / without)), log_influence, freedom)
    return estimate / without, float(np.expm1(low)), float(np.expm1(high))


def _overlap(propensity: Array, is_treated: Mask) -> Overlap:
    score = np.log(propensity / (1 - propensity))
    common = propensity <= MAX_PROPENSITY
    controls = np.sort(score[~is_treated & common])
    reach = _CALIPER_SD * score.std()
    n_near = np.searchsorted(controls, score + reach, "right") - np.searchsorted(
        controls, score - reach, "left"
    )
    compared = common & (~is_treated | (n_near >= _MIN_NEIGHBOURS))
    weight = np.exp(controls)
    effective = weight.sum() ** 2 / (weight**2).sum() if len(weight) else 0.0
    return Overlap(compared, float(compared[is_treated].mean()), float(effective))


def _normal_scores(covariates: pd.DataFrame) -> Array:
    """Covariates as they are and as normal scores, standardised: money is skewed, effects on it are not."""
    from sklearn.preprocessing import QuantileTransformer, StandardScaler

    values = covariates.to_numpy(dtype=np.float64)
    low, high = np.quantile(values, [0.005, 0.995], axis=0)
    n_quantiles = min(100, len(values))
    normal = QuantileTransformer(n_quantiles=n_quantiles, output_distribution="normal", random_state=0)
    many_valued = np.array([len(np.unique(column)) > 2 for column in values.T])
    both = np.hstack([np.clip(values, low, high), normal.fit_transform(values[:, many_valued])])
    return StandardScaler().fit_transform(both[:, both.std(axis=0) > 0])
