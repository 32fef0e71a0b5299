"""What a fitted behaviour network says about customers, in the terms of the tables."""

from typing import Any

import numpy as np
import pandas as pd

from dangol.behavior.reasons import lapse_reasons

_TOP_CATEGORIES = 3
INTERVAL = (0.05, 0.95)
# tasks learnt as multiples of what a pace lets expect, and of which
YARDSTICKS = {"orders": "orders", "spend": "spend", "typical_spend": "spend"}


def network_forecasts(
    network: Any, inputs: pd.DataFrame, expected: pd.DataFrame, horizon_days: int
) -> dict[str, np.ndarray]:
    """Forecast of every label the network has a head for, in the shapes the rivals use.

    Args:
        network: fitted ``BehaviorNetwork``; any subset of the behaviour tasks.
        inputs: rows to score.
        expected: what the paces let expect of these rows, see `Outcomes`.
        horizon_days: length of the label window.
    """
    outputs = network.outputs(inputs)
    found = {name: output.predict() for name, output in outputs.items() if name != "next_order"}
    for name, yardstick in YARDSTICKS.items():
        if name in found:
            found[name] = found[name] * expected[yardstick].to_numpy()
    if "next_order" in outputs:
        found["next_order"] = outputs["next_order"].survival(np.arange(1, horizon_days + 1))
    return found


def customer_behavior(
    network: Any, customer_id: pd.Series, inputs: pd.DataFrame, expected: pd.DataFrame, as_of: str
) -> pd.DataFrame:
    """One row per customer, as in ``tables.CUSTOMER_BEHAVIOR``.

    Args:
        network: fitted on all behaviour tasks.
        customer_id: one per row.
        inputs: rows to score, aligned.
        expected: what the paces let expect of these rows, see `Outcomes`, aligned.
        as_of: snapshot date, ``YYYY-MM-DD``.

    Returns:
        ``repurchase_prob`` is what ``lapse_prob`` leaves. ``median_days_to_order`` counts from the
        snapshot (the first day is 1), ``expected_order_date`` is that day; both are missing where
        an order is less likely than not within the time customers were watched. ``next_categories``
        names the three likeliest, separated by semicolons. Without products ``next_categories`` is
        empty and ``upsell_prob`` missing. ``lapse_reasons`` says what moves ``lapse_prob`` most.
    """
    outputs = network.outputs(inputs)
    lapse_prob = outputs["lapse"].predict()
    scale = {name: expected[yardstick].to_numpy() for name, yardstick in YARDSTICKS.items()}
    amounts = {name: outputs[name].predict() * scale[name] for name in YARDSTICKS}
    low, high = (outputs["spend"].quantile(q) * scale["spend"] for q in INTERVAL)
    days = outputs["next_order"].quantile(0.5)
    days = np.where(np.isfinite(days), days, np.nan)
    none = np.full(len(inputs), np.nan)
    return pd.DataFrame(
        {
            "customer_id": customer_id.to_numpy(),
            "lapse_prob": lapse_prob,
            "repurchase_prob": 1 - lapse_prob,
            "expected_orders": amounts["orders"],
            "expected_spend": amounts["spend"],
            "typical_spend": amounts["typical_spend"],
            "spend_low": low,
            "spend_high": high,
            "median_days_to_order": days,
            "expected_order_date": pd.Timestamp(as_of) + pd.to_timedelta(np.ceil(days) - 1, unit="D"),
            "next_categories": _likeliest(network, outputs, len(inputs)),
            "upsell_prob": outputs["upsell"].predict() if "upsell" in outputs else none,
            "lapse_reasons": lapse_reasons(network, inputs).to_numpy(),
            "model": "network",
        }
    )


def _likeliest(network: Any, outputs: Any, n_rows: int) -> list[str]:
    if "categories" not in outputs:
        return [""] * n_rows
    names = np.array(network.labels_["categories"], dtype=object)
    order = np.argsort(-outputs["categories"].predict(), axis=1, kind="stable")[:, :_TOP_CATEGORIES]
    return ["; ".join(row) for row in names[order]]
