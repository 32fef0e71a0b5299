"""States of the life cycle over time, and the flows between them."""

from itertools import pairwise

import pandas as pd

from dangol.customer_rules import STATES, LifeCycleRules
from dangol.segments.life_cycle import life_cycle_state, possible_moves

NOT_KNOWN = "(not yet known)"


def state_history(history: pd.DataFrame, known: pd.DataFrame, rules: LifeCycleRules) -> pd.DataFrame:
    """The state of every customer known, at every date.

    Args:
        history: one row per date × customer who had bought, as from ``customer_history``.
        known: ``customer_id`` (unique) and ``first_seen_date``; a customer is a prospect from that
            day on until the first purchase. A missing date counts as known from the start.
        rules: bounds of the states.

    Returns:
        One row per date × customer known, sorted by both: ``as_of``, ``customer_id``,
        ``life_cycle_state``, ``amount`` (float64; 0 for prospects).
    """
    bought = history[["as_of", "customer_id", "amount"]].assign(
        life_cycle_state=life_cycle_state(history, rules)
    )
    first_buy = history.groupby("customer_id")["as_of"].min()
    waiting = known[["customer_id", "first_seen_date"]].assign(
        first_buy=known["customer_id"].map(first_buy), life_cycle_state="prospect", amount=0.0
    )
    parts = [bought]
    for as_of in sorted(history["as_of"].unique()):
        is_known = ~(waiting["first_seen_date"] >= pd.Timestamp(as_of))
        has_not_bought = waiting["first_buy"].isna() | (waiting["first_buy"] > as_of)
        parts.append(waiting[is_known & has_not_bought].assign(as_of=as_of)[bought.columns])
    states = pd.concat([part for part in parts if len(part)], ignore_index=True)
    return states.astype({"life_cycle_state": "str"}).sort_values(
        ["as_of", "customer_id"], ignore_index=True
    )[["as_of", "customer_id", "life_cycle_state", "amount"]]


def state_flows(states: pd.DataFrame) -> pd.DataFrame:
    """How many customers went from which state to which, between each date and the next.

    Args:
        states: as from ``state_history``.

    Returns:
        One row per date (but the first) × state before × state now with customers in it, as in
        ``tables.STATE_FLOW``: ``as_of``, ``as_of_before``, ``state_before``, ``state_now``,
        ``n_customers``, ``amount`` (at the later date). ``state_before`` of customers not known at
        the earlier date is ``NOT_KNOWN``. Customers of one date and ``state_before`` sum to the
        state's count at the earlier date.
    """
    dates = sorted(states["as_of"].unique())
    by_date = {as_of: rows.set_index("customer_id") for as_of, rows in states.groupby("as_of")}
    flows = []
    for before, now in pairwise(dates):
        state_before = by_date[before]["life_cycle_state"].reindex(by_date[now].index).fillna(NOT_KNOWN)
        moves = by_date[now].assign(state_before=state_before.to_numpy())
        sums = (
            moves.groupby(["state_before", "life_cycle_state"])["amount"].agg(["size", "sum"]).reset_index()
        )
        flows.append(sums.assign(as_of=now, as_of_before=before))
    names = {"life_cycle_state": "state_now", "size": "n_customers", "sum": "amount"}
    columns = ["as_of", "as_of_before", "state_before", "state_now", "n_customers", "amount"]
    if not flows:
        empty = pd.DataFrame({name: pd.Series(dtype="str") for name in columns})
        return empty.astype({"n_customers": "int64", "amount": "float64"})
    table = pd.concat(flows, ignore_index=True).rename(columns=names)[columns]
    order = {name: place for place, name in enumerate([*STATES, NOT_KNOWN])}
    table = table.sort_values(
        columns[:4], key=lambda c: c.map(order) if str(c.name).startswith("state") else c
    )
    return table.astype(dict.fromkeys(columns[:4], "str")).reset_index(drop=True)


def illegal_moves(flows: pd.DataFrame, rules: LifeCycleRules) -> pd.DataFrame:
    """The rows of ``state_flows`` that the life cycle does not allow in the time between the dates.

    Customers not known before are held to what a prospect can become. An empty frame is the
    expected result; anything else is a fault in the data or the code.
    """
    step = (pd.to_datetime(flows["as_of"]) - pd.to_datetime(flows["as_of_before"])).dt.days
    allowed = {int(days): possible_moves(rules, int(days)) for days in step.unique()}
    pairs = zip(step, flows["state_before"].replace(NOT_KNOWN, "prospect"), flows["state_now"], strict=True)
    return flows[[now not in allowed[int(days)][before] for days, before, now in pairs]]
