"""The life cycle: everybody in exactly one state, boundaries included; no illegal move at any pace."""

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dangol import tables
from dangol.customer_rules import STATES, LifeCycleRules
from dangol.segments import (
    crm_action,
    customer_history,
    evaluation_dates,
    grade_scores,
    illegal_moves,
    life_cycle_state,
    possible_moves,
    state_flows,
    state_history,
)
from dangol.segments.flows import NOT_KNOWN
from dangol.segments.life_cycle import MOVES

RULES = LifeCycleRules(56, 28, 60, 112, growth_days=84, growth_share=0.25)
NAN = float("nan")
COLUMNS = ["recency_days", "tenure_days", "gap_last_days", "gap_max_days", "amount_recent", "amount_earlier"]
WINDOWS = (("amount", 0, 364), ("amount_recent", 0, 84), ("amount_earlier", 84, 168))
BASES = ("amount", "margin", "points")


def state_of(recency: float, tenure: float, gap_last=NAN, gap_max=NAN, recent=1.0, earlier=1.0) -> str:
    customer = pd.DataFrame([[recency, tenure, gap_last, gap_max, recent, earlier]], columns=COLUMNS)
    return life_cycle_state(customer, RULES).iloc[0]


@pytest.mark.parametrize(
    ("customer", "state"),
    [
        ((NAN, NAN), "prospect"),
        ((112, 400), "lost"),
        ((111, 400), "dormant"),
        ((60, 400, 90, 90), "dormant"),
        ((59, 400, 90, 90), "at risk"),
        ((28, 40), "at risk"),
        ((27, 400, 60, 60), "reactivated"),
        ((27, 400, 59, 99), "active"),
        ((27, 55), "new"),
        ((27, 56), "active"),
        ((5, 40, 30, 30), "active"),  # has been at risk, so is new no more
        ((1, 1), "new"),
        ((1, 400, 3, 9, 125.0, 100.0), "growing"),
        ((1, 400, 3, 9, 124.0, 100.0), "active"),
        ((1, 167, 3, 9, 125.0, 100.0), "active"),  # no whole earlier window yet
        ((1, 400, 3, 9, 125.0, 0.0), "active"),
    ],
)
def test_boundaries(customer, state):
    assert state_of(*customer) == state


NUMBER = st.one_of(st.none(), st.floats(-50, 500))


@settings(max_examples=40)
@given(st.lists(st.tuples(*[NUMBER] * 6), min_size=1, max_size=12))
def test_everybody_is_in_exactly_one_state_whatever_the_figures(rows):
    customers = pd.DataFrame(rows, columns=COLUMNS, index=range(7, 7 + len(rows)), dtype="float64")
    states = life_cycle_state(customers, RULES)
    assert states.index.equals(customers.index)
    assert set(states) <= set(STATES)
    shuffled = customers.sample(frac=1, random_state=1)
    pd.testing.assert_series_equal(life_cycle_state(shuffled, RULES).sort_index(), states)


@pytest.mark.parametrize(
    ("days", "fault"),
    [
        ((1, 28, 28, 112), "received 28, 28, 112. Raise the later ones"),
        ((1, 28, 60, 60), "received 28, 60, 60"),
        ((1, 1, 60, 112), "at_risk_days of 2 or more"),
        ((0, 28, 60, 112), "above 0"),
    ],
)
def test_bounds_that_make_no_sense_are_refused(days, fault):
    with pytest.raises(ValueError, match=fault):
        LifeCycleRules(*days)


def random_orders(seed: int, n_customers: int = 60, n_days: int = 400) -> pd.DataFrame:
    """Customers of very different rhythm, some of whom pause or stop; refunds among the orders."""
    rng = np.random.default_rng(seed)
    rows = []
    for customer in range(n_customers):
        day, gap = float(rng.integers(0, n_days)), rng.choice([2, 9, 30, 70])
        while day < n_days:
            amount = rng.lognormal(3, 1) * (-1 if rng.random() < 0.1 else 1)
            rows.append((customer, day, round(amount, 2)))
            day += rng.exponential(gap) * (8 if rng.random() < 0.08 else 1)
    frame = pd.DataFrame(rows, columns=["customer_id", "day", "amount"])
    order_ts = pd.Timestamp("2017-01-01") + pd.to_timedelta(frame["day"], unit="D").dt.floor("s")
    return frame.assign(order_ts=order_ts, margin=frame["amount"] / 4).drop(columns="day")


def replayed(seed: int, step_days: int, n_evaluations: int, rules: LifeCycleRules = RULES) -> pd.DataFrame:
    orders = random_orders(seed)
    dates = evaluation_dates("2018-02-01", pd.Timestamp("2017-01-01"), n_evaluations, step_days)
    history = customer_history(ibis.memtable(orders), dates, growth_days=rules.growth_days)
    known = pd.DataFrame({"customer_id": range(65), "first_seen_date": pd.Timestamp("2017-03-01")})
    return state_history(history, known, rules)


@pytest.mark.parametrize(("seed", "step_days", "n"), [(1, 1, 60), (2, 7, 50), (3, 28, 13), (4, 61, 6)])
def test_a_replay_makes_no_illegal_move_at_any_pace(seed, step_days, n):
    rules = LifeCycleRules(20, 10, 25, 40, growth_days=30) if step_days < 7 else RULES
    flows = state_flows(replayed(seed, step_days, n, rules))
    assert len(illegal_moves(flows, rules)) == 0
    seen = set(zip(flows["state_before"], flows["state_now"], strict=True))
    assert len(seen) > 12, "the log is too tame to show anything"


@pytest.mark.parametrize(("seed", "step_days", "n"), [(1, 1, 60), (2, 7, 50), (3, 28, 13)])
def test_a_replay_by_own_rhythm_makes_no_illegal_move_either(seed, step_days, n):
    rules = LifeCycleRules(20, 10, 25, 40, growth_days=30, rhythm_gaps=2.5)
    flows = state_flows(replayed(seed, step_days, n, rules))
    assert len(illegal_moves(flows, rules)) == 0
    assert flows["state_now"].nunique() == len(STATES)


@pytest.mark.parametrize(
    ("n_days", "usual_gap", "recency", "state"),
    [
        (11, 7, 13, "active"),  # at risk after 2 weeks, dormant after 30 days, lost after 56
        (11, 7, 14, "at risk"),
        (11, 7, 30, "dormant"),
        (11, 7, 56, "lost"),
        (11, 45, 89, "active"),  # at risk after 90 days
        (11, 45, 90, "at risk"),
        (11, 2, 6, "active"),  # nobody is at risk before a quarter of the common 28 days
        (11, 2, 7, "at risk"),
        (3, 7, 27, "active"),  # two gaps are no rhythm: the common bounds hold
        (3, 7, 28, "at risk"),
    ],
)
def test_silence_is_measured_in_the_customers_own_rhythm(n_days, usual_gap, recency, state):
    rules = LifeCycleRules(56, 28, 60, 112, rhythm_gaps=2)
    tenure = recency + usual_gap * (n_days - 1)
    row = [recency, tenure, usual_gap, 30, 1.0, 1.0, n_days]
    customer = pd.DataFrame([row], columns=[*COLUMNS, "n_days"])
    assert life_cycle_state(customer, rules).iloc[0] == state


def test_a_return_after_a_gap_long_for_oneself_is_a_reactivation():
    rules = LifeCycleRules(56, 28, 60, 112, rhythm_gaps=2)
    weekly = pd.DataFrame([[1, 1 + 63 + 40, 40, 40, 1.0, 1.0, 11]], columns=[*COLUMNS, "n_days"])
    assert life_cycle_state(weekly, rules).iloc[0] == "reactivated"
    assert life_cycle_state(weekly, RULES).iloc[0] == "active"


def test_a_rhythm_of_one_gap_or_less_is_refused():
    with pytest.raises(ValueError, match="rhythm_gaps of 0, or above 1 and at most 20, received 1"):
        LifeCycleRules(56, 28, 60, 112, rhythm_gaps=1)


def test_from_day_to_day_only_the_moves_listed_are_possible():
    for state, after in possible_moves(RULES, 1).items():
        assert after == {state, *MOVES[state]}


def test_an_illegal_move_is_found():
    flow = {"as_of": "2017-02-01", "as_of_before": "2017-01-31", "n_customers": 1, "amount": 0.0}
    flows = pd.DataFrame(
        [flow | {"state_before": a, "state_now": b} for a, b in [("lost", "new"), ("lost", "lost")]]
    )
    assert illegal_moves(flows, RULES)["state_now"].tolist() == ["new"]
    later = possible_moves(RULES, 28)
    assert "at risk" in later["dormant"], "bought at once and silent again"
    assert "at risk" not in possible_moves(RULES, 27)["dormant"]
    assert all("prospect" not in after for state, after in later.items() if state != "prospect")


def test_flows_keep_every_customer_and_prospects_wait():
    states = replayed(3, 28, 13)
    tables.CUSTOMER_STATE.check(states)
    flows = state_flows(states)
    tables.STATE_FLOW.check(flows)
    assert not states.duplicated(["as_of", "customer_id"]).any()
    counts = states.groupby(["as_of", "life_cycle_state"]).size()
    for (date, state), rows in flows[flows["state_before"] != NOT_KNOWN].groupby(
        ["as_of_before", "state_before"]
    ):
        assert rows["n_customers"].sum() == counts[date, state]
    last = states[states["as_of"] == "2018-02-01"].set_index("customer_id")["life_cycle_state"]
    assert set(last.loc[60:]) == {"prospect"}
    assert len(last) == 65


@pytest.mark.parametrize("seed", [5, 6])
def test_the_history_equals_a_plain_loop(seed):
    orders = random_orders(seed, 15)
    for as_of in ("2017-06-01", "2018-01-01"):
        history = customer_history(ibis.memtable(orders), [as_of]).set_index("customer_id")
        past = orders[orders["order_ts"] < as_of]
        days = past.assign(age=(pd.Timestamp(as_of) - past["order_ts"].dt.normalize()).dt.days)
        bought = days[days["amount"] >= 0]
        assert set(history.index) == set(bought["customer_id"])
        for customer, row in history.iterrows():
            own, ages = (
                days[days["customer_id"] == customer],
                bought.loc[bought["customer_id"] == customer, "age"],
            )
            gaps = np.diff(sorted(set(-ages)))
            assert (row["recency_days"], row["tenure_days"]) == (ages.min(), ages.max())
            assert row["n_orders"] == (ages <= 364).sum()
            assert row["n_days"] == ages.nunique()
            assert row["gap_max_days"] == gaps.max() if len(gaps) else np.isnan(row["gap_max_days"])
            assert row["gap_last_days"] == gaps[-1] if len(gaps) else np.isnan(row["gap_last_days"])
            for name, low, high in (
                ("amount", 0, 364),
                ("amount_recent", 0, 84),
                ("amount_earlier", 84, 168),
            ):
                window = own[(own["age"] > low) & (own["age"] <= high)]
                assert row[name] == pytest.approx(window["amount"].sum(), abs=0.011)


def test_scores_follow_the_basis():
    history = pd.DataFrame(
        {"as_of": "2017-01-01", "customer_id": [1], "amount": [50.0], "margin": [8.0], "n_orders": [3]}
    )
    score = {
        basis: grade_scores(history, basis, 10.0)["score"].iloc[0] for basis in ("amount", "margin", "points")
    }
    assert score == {"amount": 50, "margin": 8, "points": 80}


def test_the_lost_who_were_worth_it_are_won_back_and_the_others_let_go():
    states = pd.Series(["active", "active", "at risk", "lost", "lost", "prospect"])
    amount = pd.Series([10.0, 20.0, 30.0, 20.0, 19.0, 0.0])
    assert crm_action(states, amount).tolist() == ["grow", "grow", "keep", "win back", "let go", "acquire"]
