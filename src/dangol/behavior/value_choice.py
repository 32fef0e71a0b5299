"""Which value forecast is used: judged on a period that none of the models has seen."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from dangol.behavior.value_forecasts import BG_NBD, COMPARED_ONLY, NAIVE, ValueForecasts
from dangol.bootstrap import Interval
from dangol.value import leaderboard, normalized_gini, outcomes, paired_bootstrap, winner


@dataclass(frozen=True)
class Choice:
    """What the test period says.

    Attributes:
        actual: spend that came, refunds netted, at least 0, one entry per customer.
        board: every metric of every model with its interval, as in ``tables.VALUE_LEADERBOARD``.
        best: the model that ranks customers better than every other beyond chance; None if there is none.
        used: the model to use.
        claim: in words, which ranks best.
        reason: in words, why ``used`` is used.
        lead: normalized Gini of ``used`` less that of the rule, on the same resampled customers.
    """

    actual: np.ndarray
    board: pd.DataFrame
    best: str | None
    used: str
    claim: str
    reason: str
    lead: Interval

    def score(self, metric: str, model: str | None = None) -> Interval:
        """One metric of a model, of the one used if None."""
        is_asked = (self.board["model"] == (model or self.used)) & (self.board["metric"] == metric)
        return Interval(*self.board.loc[is_asked, list(Interval._fields)].to_numpy()[0])


def choose_forecast(
    forecasts: ValueForecasts, orders: pd.DataFrame, as_of: str, horizon_days: int, n_boot: int, seed: int
) -> Choice:
    """Hold forecasts against what came in ``[as_of, as_of + horizon_days)``.

    Args:
        forecasts: made on ``as_of``, of the rule and at least one other model.
        orders: ``customer_id``, ``order_ts``, ``amount``, reaching to the end of the horizon.
        as_of: test date.
        horizon_days: length of the period.
        n_boot: bootstrap draws.
        seed: of the draws.
    """
    ids = forecasts.by_model[NAIVE]["customer_id"]
    actual = outcomes(orders, ids, pd.Timestamp(as_of), horizon_days)["spend"].clip(lower=0).to_numpy()
    predictions = {name: forecast["expected_value"] for name, forecast in forecasts.by_model.items()}
    board = leaderboard(actual, predictions, intervals=forecasts.bounds(), n_boot=n_boot, seed=seed)
    best = winner(actual, predictions, n_boot=n_boot, seed=seed)
    usable = {name: guess for name, guess in predictions.items() if name not in COMPARED_ONLY}
    leader = winner(actual, usable, n_boot=n_boot, seed=seed)
    used = leader or (BG_NBD if BG_NBD in usable else next(iter(usable)))
    lead = paired_bootstrap(normalized_gini, actual, predictions[used], predictions[NAIVE], n_boot, seed)
    return Choice(actual, board, best, used, *_in_words(best, leader), lead)


def _in_words(best: str | None, leader: str | None) -> tuple[str, str]:
    """Claim and reason of a `Choice`; ``leader`` is the best of the models that can be used."""
    claim = f"{str(best)[:1].upper()}{str(best)[1:]} ranks customers best"
    if best is None:
        claim = "No model ranks customers better than every other beyond chance"
    reason = "of the models that also foresee orders, none leads beyond chance, so the simplest is taken"
    if leader is not None:
        reason = "its lead over every other that also foresees orders holds on the same resampled customers"
    return claim, reason
