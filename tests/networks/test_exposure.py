"""Heads of counts and amounts beside an exposure: against SciPy and hand values."""

import numpy as np
import pytest
from scipy import stats

from dangol.networks.exposure import RateHead, ScaledMedianHead
from dangol.networks.inputs import check_exposure

RNG = np.random.default_rng(4)
ONES = np.ones(6)
COUNT, EXPOSURE = np.array([0.0, 1, 2, 0, 7, 3]), np.array([0.5, 2, 2, 1, 10, 4.5])
TARGET = np.column_stack([COUNT, EXPOSURE])


def test_rate_loss_is_the_poisson_likelihood_of_exposure_times_rate():
    head, raw = RateHead(TARGET, ONES), RNG.normal(size=(2, 6, 1)) / 2
    loss = np.asarray(head.loss(head.encode(TARGET), raw.astype("float32")))
    moved = np.asarray(head.loss(head.encode(TARGET), (raw + 0.1).astype("float32")))
    rates = [np.exp(raw[..., 0] + step) / EXPOSURE.mean() for step in (0, 0.1)]
    # what the rate cannot change drops out of differences
    expected = [-stats.poisson.logpmf(COUNT, EXPOSURE * rate) for rate in rates]
    np.testing.assert_allclose(moved - loss, expected[1] - expected[0], rtol=1e-3, atol=1e-5)
    mean_rate = rates[0].mean(axis=0)
    np.testing.assert_allclose(head.predict(raw), mean_rate)
    constant = stats.poisson.logpmf(COUNT, EXPOSURE / EXPOSURE.mean()) + EXPOSURE / EXPOSURE.mean()
    np.testing.assert_allclose(
        head.ensemble_loss(head.encode(TARGET), raw),
        constant - stats.poisson.logpmf(COUNT, EXPOSURE * mean_rate),
        rtol=1e-5,
        atol=1e-6,
    )


def test_the_rate_starts_where_totals_meet():
    head = RateHead(TARGET, ONES)
    rate = head.predict(np.tile(head.start, (1, 6, 1)))
    assert (rate * EXPOSURE).sum() == pytest.approx(COUNT.sum())


def test_a_rate_cannot_run_beyond_twice_the_highest_seen():
    head = RateHead(TARGET, ONES)
    assert head.predict(np.full((1, 1, 1), 50.0))[0] == pytest.approx(2 * (COUNT / EXPOSURE).max())


def test_the_scaled_median_starts_at_the_multiple_of_least_absolute_error():
    head = ScaledMedianHead(TARGET, ONES)
    multiples = np.linspace(0, 2, 401)
    errors = [np.abs(COUNT - EXPOSURE * multiple).sum() for multiple in multiples]
    start = head.predict(np.tile(head.start, (1, 6, 1)))[0]
    assert np.abs(COUNT - EXPOSURE * start).sum() == pytest.approx(min(errors), rel=1e-3)
    assert head.ensemble_loss(head.encode(TARGET), np.tile(head.start, (1, 6, 1))).mean() == pytest.approx(1)


def test_the_scaled_median_starts_finite_whatever_the_unit_of_the_amount():
    amount = np.array([1.0, 2.0, 3.0]) * 10_000
    head = ScaledMedianHead(np.column_stack([amount, np.ones(3)]), np.ones(3))
    assert head.predict(np.full((1, 1, 1), head.start)) == pytest.approx([20_000])


def test_scaled_median_loss_is_the_absolute_error_of_the_amount():
    head, raw = ScaledMedianHead(TARGET, ONES), RNG.normal(size=(3, 6, 1))
    multiple = np.log1p(np.exp(raw[..., 0]))
    expected = np.abs(COUNT - EXPOSURE * multiple) / head.unit
    np.testing.assert_allclose(np.asarray(head.loss(head.encode(TARGET), raw)), expected, rtol=1e-4)
    np.testing.assert_allclose(head.predict(raw), multiple.mean(axis=0))


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (TARGET[:, :1], "expected two columns"),
        (np.column_stack([COUNT, EXPOSURE - 0.5]), "exposures from 0"),
        (np.column_stack([COUNT - 1, EXPOSURE]), "amounts from -1"),
        (np.column_stack([COUNT * 0, EXPOSURE]), "amounts from 0 to 0"),
    ],
)
def test_amounts_without_a_usable_exposure_are_refused(target, message):
    with pytest.raises(ValueError, match=message):
        check_exposure(target)
