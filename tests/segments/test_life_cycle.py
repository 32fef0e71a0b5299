"""The life cycle: everybody in exactly one state, boundaries included."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dangol.segments import STATES, life_cycle_state

DAYS = {"new_days": 56, "at_risk_days": 28, "dormant_days": 60, "lost_days": 112}


def state_of(recency: int, tenure: int, gap: float = np.nan) -> str:
    snapshot = pd.DataFrame({"recency_days": [recency], "tenure_days": [tenure], "gap_last_days": [gap]})
    return life_cycle_state(snapshot, **DAYS).iloc[0]


@pytest.mark.parametrize(
    ("recency", "tenure", "gap", "state"),
    [
        (112, 400, np.nan, "lost"),
        (111, 400, np.nan, "dormant"),
        (60, 400, 90, "dormant"),
        (59, 400, 90, "at risk"),
        (28, 40, np.nan, "at risk"),
        (27, 400, 60, "reactivated"),
        (27, 400, 59, "active"),
        (27, 55, np.nan, "new"),
        (27, 56, np.nan, "active"),
        (1, 1, np.nan, "new"),
        (1, 400, 3, "active"),
    ],
)
def test_boundaries_belong_to_the_staler_state(recency, tenure, gap, state):
    assert state_of(recency, tenure, gap) == state


@given(
    st.lists(
        st.tuples(st.integers(0, 200), st.integers(0, 300), st.integers(0, 200)), min_size=1, max_size=30
    )
)
def test_everybody_is_in_exactly_one_state(rows):
    snapshot = pd.DataFrame(
        rows, columns=["recency_days", "more_days", "gap_last_days"], index=range(7, 7 + len(rows))
    )
    snapshot["tenure_days"] = snapshot["recency_days"] + snapshot["more_days"]
    states = life_cycle_state(snapshot, **DAYS)
    assert states.index.equals(snapshot.index)
    for customer, state in states.items():
        recency, tenure = snapshot.loc[customer, "recency_days"], snapshot.loc[customer, "tenure_days"]
        gap = snapshot.loc[customer, "gap_last_days"]
        matches = {
            "lost": recency >= 112,
            "dormant": 60 <= recency < 112,
            "at risk": 28 <= recency < 60,
            "reactivated": recency < 28 and gap >= 60,
            "new": recency < 28 and gap < 60 and tenure < 56,
            "active": recency < 28 and gap < 60 and tenure >= 56,
        }
        assert [name for name, fits in matches.items() if fits] == [state]


def test_the_states_are_those_listed():
    snapshot = pd.DataFrame(
        {
            "recency_days": [1, 1, 1, 30, 70, 200],
            "tenure_days": [5, 300, 300, 300, 300, 300],
            "gap_last_days": [np.nan, 3, 90, 3, 3, 3],
        }
    )
    assert life_cycle_state(snapshot, **DAYS).tolist() == list(STATES)


@pytest.mark.parametrize(
    "days",
    [(28, 28, 112), (28, 60, 60), (60, 28, 112), (28, 112, 60)],
    ids=lambda days: "-".join(map(str, days)),
)
def test_thresholds_that_do_not_rise_are_refused(days):
    at_risk, dormant, lost = days
    snapshot = pd.DataFrame({"recency_days": [1], "tenure_days": [1], "gap_last_days": [np.nan]})
    with pytest.raises(ValueError, match=f"received {at_risk}, {dormant}, {lost}. Raise the later ones"):
        life_cycle_state(snapshot, new_days=1, at_risk_days=at_risk, dormant_days=dormant, lost_days=lost)
