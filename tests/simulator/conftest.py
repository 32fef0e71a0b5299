import pytest

from dangol.simulator import simulate


@pytest.fixture(scope="session")
def world():
    """Small, with everything in it."""
    return simulate(n_customers=400, seed=11)


@pytest.fixture(scope="session")
def large_world():
    """Large enough for planted effects to stand out of the noise; its events are cheap to recount."""
    return simulate(n_customers=6_000, seed=5, end="2017-07-01", dirt_dose=0.0, refund_share=0.0)
