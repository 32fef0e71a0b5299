"""The assumed incremental share gives way to what past campaigns showed, as far as they showed it."""

import numpy as np
import pandas as pd
import pytest

from dangol.planning.measured_share import incremental_share


def lessons(estimate, error, rate=0.2, n=1):
    return pd.DataFrame(
        {
            "campaign_type": [f"t{k}" for k in range(n)],
            "customer_grade": "all",
            "n_campaigns": 3,
            "estimate": estimate,
            "standard_error": error,
            "response_rate": rate,
        }
    )


def test_without_a_measurement_the_assumption_stands():
    assert incremental_share(None, 10.0, 0.5).value == 0.5
    assert not incremental_share(None, 10.0, 0.5).is_measured
    assert incremental_share(lessons([np.nan], 1.0), 10.0, 0.4).value == 0.4
    assert incremental_share(lessons([1.0], 1.0), 0.0, 0.4).value == 0.4


def test_a_sharp_measurement_replaces_it_and_a_vague_one_hardly_moves_it():
    # effect 0.6 per contact, one in five responds, each with 10 more: 0.6 of 2
    sharp = incremental_share(lessons([0.6], 0.001), 10.0, 0.9)
    assert sharp.measured == pytest.approx(0.3)
    assert sharp.value == pytest.approx(0.3, abs=0.001)
    assert incremental_share(lessons([0.6], 100.0), 10.0, 0.9).value == pytest.approx(0.9, abs=0.001)


def test_the_weights_are_those_of_two_normal_observations():
    found = incremental_share(lessons([0.6], 0.5), 10.0, 0.5)  # measured 0.3 ± 0.25, assumed 0.5 ± 0.25
    assert found.value == pytest.approx(0.4)
    assert found.low == pytest.approx(0.3 - 1.959964 * 0.25)


def test_types_are_pooled_by_precision_and_grades_left_out():
    both = pd.concat([lessons([0.6, 1.8], 0.1, n=2), lessons([9.0], 0.1).assign(customer_grade="Gold")])
    found = incremental_share(both, 10.0, 0.5)
    assert found.measured == pytest.approx(0.6)
    assert found.n_campaigns == 6


def test_the_plan_never_counts_with_less_than_nothing_or_more_than_all():
    assert incremental_share(lessons([-5.0], 0.01), 10.0, 0.5).value == 0.0
    assert incremental_share(lessons([50.0], 0.01), 10.0, 0.5).value == 1.0
