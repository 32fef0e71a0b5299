"""Shifted beta-geometric and BG/BB against published parameters, plain sums and simulated customers."""

import numpy as np
import pandas as pd
import pytest

from dangol.value import BetaGeoBetaBinomial, FitWarning, ShiftedBetaGeo

# per cent still with a company after 0 to 7 years: Fader & Hardie (2007), table 1
SURVIVAL = {
    "regular": [100, 63.1, 46.8, 38.2, 32.6, 28.9, 26.2, 24.1],
    "high end": [100, 86.9, 74.3, 65.3, 59.3, 55.1, 51.7, 49.1],
}
PUBLISHED = {"regular": (0.704, 1.182, -1680.27), "high end": (0.668, 3.806, -1611.16)}
# donations by purchases, last one and how many did so, of 6 yearly appeals: Fader, Hardie & Shang (2010)
DONATIONS = """6 6 1203, 5 6 728, 4 6 512, 3 6 357, 2 6 234, 1 6 129, 5 5 335, 4 5 284, 3 5 225, 2 5 173,
    1 5 119, 4 4 240, 3 4 181, 2 4 155, 1 4 78, 3 3 322, 2 3 255, 1 3 129, 2 2 613, 1 2 277, 1 1 1091,
    0 0 3464"""


def contracts(still: list[float], n_customers: int = 1000) -> pd.DataFrame:
    n = np.array(still) / 100 * n_customers
    rows = [(t - 1, True) for t in range(1, len(n)) for _ in range(round(n[t - 1] - n[t]))]
    rows += [(len(n) - 1, False)] * round(n[-1])
    return pd.DataFrame(rows, columns=["n_renewals", "is_churned"])


@pytest.fixture(scope="module")
def donors() -> pd.DataFrame:
    rows = [tuple(map(int, cell.split())) for cell in DONATIONS.split(",")]
    frame = pd.DataFrame(rows, columns=["n_purchases", "last_opportunity", "n_donors"])
    return frame.loc[frame.index.repeat(frame["n_donors"])].assign(n_opportunities=6).reset_index(drop=True)


@pytest.mark.parametrize("product", list(SURVIVAL))
def test_contracts_give_the_published_parameters(product):
    fitted = ShiftedBetaGeo().fit(contracts(SURVIVAL[product]))
    alpha, beta, log_likelihood = PUBLISHED[product]
    assert fitted.converged_
    assert list(fitted.params_.values()) == pytest.approx([alpha, beta], abs=6e-4)
    assert fitted.log_likelihood_ == pytest.approx(log_likelihood, abs=0.01)


def test_donations_give_the_published_parameters_and_expectations(donors):
    fitted = BetaGeoBetaBinomial().fit(donors)
    assert fitted.converged_
    assert list(fitted.params_.values()) == pytest.approx([1.204, 0.750, 0.657, 2.783], abs=6e-4)
    assert fitted.log_likelihood_ == pytest.approx(-33225.6, abs=0.05)
    asked = pd.DataFrame({"n_purchases": [6, 0], "last_opportunity": [6, 0], "n_opportunities": 6})
    assert fitted.expected_purchases(asked, 5) == pytest.approx([3.75, 0.07], abs=5e-3)


def test_residual_lifetime_and_renewals_are_the_plain_sums():
    model = ShiftedBetaGeo().with_params(alpha=0.704, beta=1.182)
    asked = pd.DataFrame({"n_renewals": [0, 3, 3], "is_churned": [False, False, True]})
    k = np.arange(1, 5000)
    for rate in (0.02, 0.1):
        truth = [(model.survival(n + k) / model.survival(n) * (1 + rate) ** (1.0 - k)).sum() for n in (0, 3)]
        found = model.discounted_residual_lifetime(asked, rate)
        assert found == pytest.approx([*truth, 0.0], rel=1e-6)
    truth = [sum(model.survival(n + j) / model.survival(n) for j in (1, 2, 3, 4)) for n in (0, 3)]
    assert model.expected_renewals(asked, 4) == pytest.approx([*truth, 0.0])
    assert model.expected_renewals(asked, 0).tolist() == [0, 0, 0]
    steps = model.survival([1, 2, 3, 4]) / model.survival([0, 1, 2, 3])
    assert model.retention_rate([0, 1, 2, 3]) == pytest.approx(steps)


def test_simulated_contracts_are_recovered():
    rng = np.random.default_rng(4)
    leave, faced = rng.beta(1.2, 4.0, 6000), rng.integers(1, 15, 6000)
    left_at = rng.geometric(leave)
    frame = pd.DataFrame({"n_renewals": np.minimum(left_at - 1, faced), "is_churned": left_at <= faced})
    fitted = ShiftedBetaGeo().fit(frame)
    for name, truth in (("alpha", 1.2), ("beta", 4.0)):
        assert abs(fitted.params_[name] - truth) < 3 * fitted.standard_errors_[name]


def donate(n: int, seed: int, n_seen: int, n_later: int) -> pd.DataFrame:
    """Customers simulated appeal by appeal."""
    rng = np.random.default_rng(seed)
    buy, lapse = rng.beta(1.2, 0.75, n), rng.beta(0.9, 4.0, n)
    is_there, used = np.ones(n, dtype=bool), np.zeros((n, n_seen + n_later), dtype=bool)
    for k in range(n_seen + n_later):
        is_there &= rng.random(n) >= lapse
        used[:, k] = is_there & (rng.random(n) < buy)
    past = used[:, :n_seen]
    last = np.where(past.any(axis=1), n_seen - past[:, ::-1].argmax(axis=1), 0)
    return pd.DataFrame(
        {
            "n_purchases": past.sum(axis=1), "last_opportunity": last, "n_opportunities": n_seen,
            "future": used[:, n_seen:].sum(axis=1),
        }
    )  # fmt: skip


def test_simulated_opportunities_are_recovered_and_foreseen():
    world = donate(8000, seed=5, n_seen=8, n_later=4)
    fitted = BetaGeoBetaBinomial().fit(world)
    for name, truth in (("alpha", 1.2), ("beta", 0.75), ("gamma", 0.9), ("delta", 4.0)):
        assert abs(fitted.params_[name] - truth) < 3 * fitted.standard_errors_[name], name
    expected = fitted.expected_purchases(world, 4)
    assert expected.sum() == pytest.approx(world["future"].sum(), rel=0.03)
    by_count = pd.DataFrame({"found": expected, "came": world["future"]}).groupby(world["n_purchases"]).mean()
    assert by_count["found"].to_numpy() == pytest.approx(by_count["came"].to_numpy(), abs=0.12)


CHANCES = {
    "nobody bought": ([0] * 50, [0] * 50, [6] * 50),
    "everybody always bought": ([6] * 50, [6] * 50, [6] * 50),
    "one customer": ([2], [4], [6]),
}


@pytest.mark.parametrize("case", list(CHANCES))
def test_degenerate_opportunities_get_a_stated_fallback_and_finite_predictions(case):
    frame = pd.DataFrame(
        dict(zip(("n_purchases", "last_opportunity", "n_opportunities"), CHANCES[case], strict=True))
    )
    with pytest.warns(FitWarning, match="used a penalised fit"):
        fitted = BetaGeoBetaBinomial().fit(frame)
    assert not fitted.converged_
    assert np.isfinite(fitted.expected_purchases(frame, 10)).all()
    assert ((fitted.probability_alive(frame) >= 0) & (fitted.probability_alive(frame) <= 1)).all()


@pytest.mark.parametrize(
    ("renewals", "churned"), [([5] * 40, [False] * 40), ([0] * 40, [True] * 40), ([3], [True])]
)
def test_degenerate_contracts_get_a_stated_fallback(renewals, churned):
    frame = pd.DataFrame({"n_renewals": renewals, "is_churned": churned})
    with pytest.warns(FitWarning, match="used a penalised fit"):
        fitted = ShiftedBetaGeo().fit(frame)
    assert np.isfinite(fitted.discounted_residual_lifetime(frame, 0.1)).all()


def test_what_cannot_be_read_is_refused_with_every_fault():
    with pytest.raises(ValueError, match="none of 2 customers has come to a renewal"):
        ShiftedBetaGeo().fit(pd.DataFrame({"n_renewals": [0, 0], "is_churned": [False, False]}))
    with pytest.raises(ValueError, match=r"1 rows with n_renewals negative.*, 1 with is_churned neither"):
        ShiftedBetaGeo().fit(pd.DataFrame({"n_renewals": [0.5, 1], "is_churned": [0, 2]}))
    with pytest.raises(ValueError, match="columns missing: is_churned"):
        ShiftedBetaGeo().fit(pd.DataFrame({"n_renewals": [1]}))
    model = ShiftedBetaGeo().with_params(alpha=1.0, beta=2.0)
    with pytest.raises(ValueError, match="discount_rate must be positive; received 0"):
        model.discounted_residual_lifetime(pd.DataFrame({"n_renewals": [1], "is_churned": [False]}), 0)
    bad = pd.DataFrame({"n_purchases": [3, 0], "last_opportunity": [2, 7], "n_opportunities": [6, 6]})
    with pytest.raises(
        ValueError, match=r"1 rows with n_purchases above.*1 rows with last_opportunity above.*without"
    ):
        BetaGeoBetaBinomial().fit(bad)
    with pytest.raises(ValueError, match="1 customers without an opportunity"):
        BetaGeoBetaBinomial().fit(
            pd.DataFrame({"n_purchases": [0], "last_opportunity": [0], "n_opportunities": [0]})
        )
