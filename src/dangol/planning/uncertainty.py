"""How far the plan's profit may miss its expectation."""

import numpy as np
import pandas as pd

from dangol.planning.response_value import WINDOW_DAYS, ResponseValue


def rate_variation(
    contacts: pd.DataFrame, responses: pd.DataFrame, campaigns: pd.DataFrame, as_of: pd.Timestamp
) -> float:
    """How much response rates of campaigns of one type differ beyond chance (coefficient of variation).

    Args:
        contacts: as in ``tables.CONTACTS``; control rows are left out.
        responses: as in ``tables.RESPONSES``.
        campaigns: ``campaign_id`` and ``campaign_type``.
        as_of: contacts younger than 28 days are left out, their answers are still coming in.

    Returns:
        Square root of the between-campaign variance of the rate over its squared mean, pooled over
        types; 0 if campaigns differ no more than chance explains.

    Source:
        Method of moments for overdispersed proportions: Kleinman (1973), JASA 68(341).
    """
    is_old = contacts["contact_ts"] + pd.Timedelta(days=WINDOW_DAYS) <= as_of
    sent = contacts.loc[is_old & (contacts["arm"] != "control"), ["customer_id", "campaign_id"]]
    came = responses.loc[responses["response_ts"] < as_of, ["customer_id", "campaign_id"]].drop_duplicates()
    sent = sent.merge(came.assign(is_response=1.0), on=["customer_id", "campaign_id"], how="left")
    sent = sent.fillna({"is_response": 0.0}).merge(
        campaigns[["campaign_id", "campaign_type"]], on="campaign_id"
    )
    excess = weight = 0.0
    for _, part in sent.groupby("campaign_type"):
        counts = part.groupby("campaign_id")["is_response"].agg(["size", "mean"])
        n, rate = counts["size"], part["is_response"].mean()
        if len(counts) < 2 or rate == 0:
            continue
        excess += float((n * (counts["mean"] - rate) ** 2).sum() - (len(n) - 1) * rate * (1 - rate))
        weight += float((n.sum() - (n**2).sum() / n.sum()) * rate**2)
    return float(np.sqrt(max(excess / weight, 0.0))) if weight > 0 else 0.0


def profit_draws(sent: pd.DataFrame, value: ResponseValue, variation: float, seed: int) -> np.ndarray:
    """Possible profits of the plan, one per bootstrap draw of the response value.

    Three things vary: how much a response brings (bootstrap of past customers), whether the next
    campaign of a type goes better or worse than its forecast (gamma factor with mean 1, one per
    type), and who of those contacted responds. The assumed margin rate and incremental share do not
    vary: they are assumptions, not measurements.

    Args:
        sent: contacts with ``campaign_type``, ``response_prob``, ``response_value``, ``contact_cost``.
        value: of a response.
        variation: from ``rate_variation``.
        seed: of the draws.
    """
    rng = np.random.default_rng(seed)
    n_draws = len(value.draws)
    scale = value.draws / value.extra_orders if value.extra_orders > 0 else np.zeros(n_draws)
    profit = np.full(n_draws, -float(sent["contact_cost"].sum()))
    for _, part in sent.groupby("campaign_type", sort=True):
        prob, worth = part["response_prob"].to_numpy(), part["response_value"].to_numpy()
        shape = 1 / variation**2 if variation > 0 else np.inf
        factor = rng.gamma(shape, 1 / shape, n_draws) if np.isfinite(shape) else np.ones(n_draws)
        chance = rng.normal(size=n_draws) * np.sqrt(factor * (prob * (1 - prob) * worth**2).sum())
        profit += scale * (factor * (prob * worth).sum() + chance)
    return profit
