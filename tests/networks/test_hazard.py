import numpy as np
import pandas as pd
import pytest

from dangol.drift import DriftWarning
from dangol.networks import NetworkRegressor
from dangol.networks.hazard import HazardHead

RNG = np.random.default_rng(0)
DURATION = np.array([1.0, 3.0, 3.0, 5.0, 8.0, 8.0, 9.0, 12.0])
EVENT = np.array([1.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.0])
TARGET = np.stack([DURATION, EVENT], axis=1)


def plain_log_density(head, rate, duration, event):
    """One row's log-likelihood, walking through the intervals one after another."""
    edges, total, time = list(head.edges * head.scale), 0.0, duration
    for begin, end, interval in zip(edges[:-1], [*edges[1:-1], np.inf], rate, strict=True):
        total -= interval * max(0.0, min(time, end) - begin) / head.scale
        if event and begin + 1e-9 < time <= end + 1e-9:
            total += np.log(interval)
    return total


def test_the_loss_is_the_likelihood_of_a_hazard_that_is_constant_within_intervals():
    head = HazardHead(TARGET, np.ones(8), n_intervals=4)
    raw = RNG.normal(size=(3, 8, head.n_outputs))
    expected = [[-plain_log_density(head, np.exp(raw[m, r]), *TARGET[r]) for r in range(8)] for m in range(3)]
    encoded = head.encode(TARGET)
    np.testing.assert_allclose(np.asarray(head.loss(encoded, raw.astype("float32"))), expected, rtol=1e-4)
    np.testing.assert_allclose(
        head.ensemble_loss(encoded, raw), -np.log(np.exp(-np.array(expected)).mean(axis=0)), rtol=1e-5
    )


def test_the_head_starts_at_events_over_time_of_each_interval():
    weight = np.linspace(1, 2, 8)
    head = HazardHead(TARGET, weight, n_intervals=3)
    edges = head.edges * head.scale
    for interval, (begin, end) in enumerate(zip(edges[:-1], [*edges[1:-1], np.inf], strict=True)):
        events = sum(
            w for w, (t, e) in zip(weight, TARGET, strict=True) if e and begin + 1e-9 < t <= end + 1e-9
        )
        seen = sum(w * max(0, min(t, end) - begin) for w, (t, _) in zip(weight, TARGET, strict=True))
        assert head.start[interval] == pytest.approx(np.log((events + 0.5) / (seen / head.scale + 0.5)))


def test_survival_falls_from_one_and_agrees_with_mean_and_median():
    head = HazardHead(TARGET, np.ones(8))
    raw = RNG.normal(size=(2, 5, head.n_outputs))
    times = np.linspace(0, DURATION.max(), 20_001)
    survival = head.survival(raw, times)
    assert (survival[:, 0] == 1).all() and (np.diff(survival, axis=1) < 0).all()
    np.testing.assert_allclose(head.predict(raw), np.trapezoid(survival, times, axis=1), rtol=1e-4)
    median = head.quantile(raw, 0.5)
    for row in range(5):
        at = np.interp(-0.5, -survival[row], times) if survival[row, -1] <= 0.5 else np.inf
        assert median[row] == pytest.approx(at, rel=1e-3)


def test_a_time_beyond_everything_seen_is_said_to_be_infinite():
    head = HazardHead(TARGET, np.ones(8))
    slow = np.full((1, 1, head.n_outputs), -8.0)
    assert head.quantile(slow, 0.9)[0] == np.inf


def censored_weibull(n: int, seed: int) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(rng.normal(size=(n, 2)), columns=["pace", "other"])
    event_time = 20 * rng.weibull(1.5, n) * np.exp(-0.8 * X["pace"].to_numpy())
    censored_at = rng.uniform(5, 60, n)
    target = np.stack([np.minimum(event_time, censored_at), event_time <= censored_at], axis=1)
    return X, target, event_time


def integrated_brier_score(survival: np.ndarray, event_time: np.ndarray, times: np.ndarray) -> float:
    """The event times are known here, so no weighting for censoring is needed."""
    error = (survival - (event_time[:, None] > times)) ** 2
    return float(np.trapezoid(error.mean(axis=0), times) / (times[-1] - times[0]))


@pytest.mark.slow
def test_on_censored_weibull_times_the_network_beats_kaplan_meier_and_censored_rows_matter():
    X, target, _ = censored_weibull(2_000, seed=1)
    X_new, _, event_time = censored_weibull(2_000, seed=2)
    times = np.linspace(1, 40, 40)
    settings = {"effort": "fast", "hidden": (32,), "max_epochs": 60}
    network = NetworkRegressor("hazard", **settings).fit(X, target)
    score = integrated_brier_score(network.predict_survival(X_new, times), event_time, times)

    order = np.argsort(target[:, 0])
    at_risk = len(X) - np.arange(len(X))
    kaplan_meier = np.cumprod(1 - target[order, 1] / at_risk)
    steps = np.concatenate([[1.0], kaplan_meier])[np.searchsorted(target[order, 0], times, side="right")]
    assert score < 0.9 * integrated_brier_score(np.tile(steps, (len(X_new), 1)), event_time, times)

    observed = target[:, 1] == 1
    blind = NetworkRegressor("hazard", **settings).fit(X[observed], target[observed])
    with pytest.warns(DriftWarning, match="pace"):  # those seen to buy differ from everybody, and it says so
        unaware = blind.predict_survival(X_new, times)
    assert score < integrated_brier_score(unaware, event_time, times) - 0.005


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (np.ones((50, 3)), "3 column"),
        (np.stack([np.zeros(50), np.ones(50)], axis=1), "50 duration"),
        (np.stack([np.ones(50), np.full(50, 2.0)], axis=1), "event flags other than 0 and 1"),
        (np.stack([np.ones(50), np.zeros(50)], axis=1), "none of 50 rows has an event"),
    ],
)
def test_durations_that_say_nothing_are_refused(target, message):
    with pytest.raises(ValueError, match=message):
        NetworkRegressor("hazard").fit(np.arange(100.0).reshape(50, 2), target)


def test_survival_belongs_to_the_hazard_head(quick):
    X = np.arange(100.0).reshape(50, 2)
    network = NetworkRegressor(**quick).fit(X, X[:, 0])
    with pytest.raises(ValueError, match="predict_survival needs head='hazard'"):
        network.predict_survival(X, [1.0])
