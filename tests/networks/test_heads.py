import numpy as np
import pytest
from scipy import stats
from scipy.special import expit, softmax

from dangol.networks.heads import BinaryHead, MeanHead, MulticlassHead, PoissonHead, QuantileHead
from dangol.networks.ziln import SD_CEILING, SD_FLOOR, ZeroInflatedLognormalHead

RNG = np.random.default_rng(0)
ONES = np.ones(6)
SPEND = np.array([0.0, 12.0, 0.0, 3.5, 250.0, 40.0])


def tensor_loss(head, target, raw):
    return np.asarray(head.loss(head.encode(target), raw.astype("float32")))


def test_binary_loss_is_the_bernoulli_log_likelihood():
    target, raw = np.array([0, 1, 1, 0, 1, 0]), RNG.normal(size=(3, 6, 1))
    expected = -stats.bernoulli.logpmf(target, expit(raw[..., 0]))
    head = BinaryHead(target, ONES)
    np.testing.assert_allclose(tensor_loss(head, target, raw), expected, rtol=1e-5)
    mean_prob = expit(raw[..., 0]).mean(axis=0)
    np.testing.assert_allclose(
        head.ensemble_loss(head.encode(target), raw), -stats.bernoulli.logpmf(target, mean_prob)
    )


def test_binary_head_starts_at_the_weighted_base_rate():
    head = BinaryHead(np.array([0, 1]), np.array([3.0, 1.0]))
    assert head.predict(head.start[None, None])[0] == pytest.approx(0.25)


def test_multiclass_loss_is_the_log_of_the_class_probability():
    target, raw = np.array([0, 2, 1, 1, 2, 0]), RNG.normal(size=(2, 6, 3))
    head = MulticlassHead(target, ONES, 3)
    prob = softmax(raw, axis=-1)
    expected = [[-np.log(prob[m, r, target[r]]) for r in range(6)] for m in range(2)]
    np.testing.assert_allclose(tensor_loss(head, target, raw), expected, rtol=1e-5)
    ensemble = -np.log(prob.mean(axis=0)[np.arange(6), target])
    np.testing.assert_allclose(head.ensemble_loss(head.encode(target), raw), ensemble)


def test_mean_loss_is_squared_error_in_variances():
    raw = RNG.normal(size=(2, 6, 1))
    head = MeanHead(SPEND, ONES)
    predicted = raw[..., 0] * SPEND.std() + SPEND.mean()
    np.testing.assert_allclose(
        tensor_loss(head, SPEND, raw), (SPEND - predicted) ** 2 / SPEND.var(), rtol=1e-4
    )
    np.testing.assert_allclose(head.predict(raw), predicted.mean(axis=0))


def test_poisson_loss_is_the_poisson_likelihood_up_to_its_constant():
    count, raw = np.array([0.0, 1, 2, 0, 7, 3]), RNG.normal(size=(2, 6, 1))
    head = PoissonHead(count, ONES)
    full = -stats.poisson.logpmf(count, np.exp(raw[..., 0]))
    constant = -stats.poisson.logpmf(count, 1.0) - 1
    np.testing.assert_allclose(tensor_loss(head, count, raw), full - constant, rtol=1e-4, atol=1e-5)
    rate = np.exp(raw[..., 0]).mean(axis=0)
    expected = -stats.poisson.logpmf(count, rate) - constant
    np.testing.assert_allclose(head.ensemble_loss(head.encode(count), raw), expected, atol=1e-12)


def test_quantile_loss_is_the_pinball_loss_and_quantiles_rise():
    raw = RNG.normal(size=(2, 6, 3))
    head = QuantileHead(SPEND, ONES, (0.1, 0.5, 0.9))
    values = np.stack([head.quantile(raw[:1], q) for q in (0.1, 0.5, 0.9)], axis=1)
    assert (np.diff(values, axis=1) > 0).all()
    expected = np.zeros(6)
    for row in range(6):
        for column, q in enumerate((0.1, 0.5, 0.9)):
            error = (SPEND[row] - values[row, column]) / SPEND.std()
            expected[row] += (q * error if error > 0 else (q - 1) * error) / 3
    np.testing.assert_allclose(tensor_loss(head, SPEND, raw[:1])[0], expected, rtol=1e-4)
    np.testing.assert_allclose(head.ensemble_loss(head.encode(SPEND), raw[:1]), expected, rtol=1e-5)


def test_quantile_head_starts_at_the_marginal_quantiles():
    head = QuantileHead(np.arange(1000.0), np.ones(1000), (0.2, 0.7))
    start = head.start[None, None]
    assert [head.quantile(start, q)[0] for q in (0.2, 0.7)] == pytest.approx([199, 699], abs=1)


def test_an_untrained_quantile_is_refused():
    head = QuantileHead(SPEND, ONES, (0.5,))
    with pytest.raises(ValueError, match=r"0.9 was not trained; trained: \[0.5\]"):
        head.quantile(np.zeros((1, 6, 1)), 0.9)


def ziln_case():
    head = ZeroInflatedLognormalHead(SPEND, ONES)
    raw = RNG.normal(size=(4, 6, 3)) * 0.5
    prob = expit(raw[..., 0])
    log_spend = np.log(SPEND[SPEND > 0])
    centre, spread = log_spend.mean(), log_spend.std()
    mean = centre + spread * raw[..., 1].clip(
        (log_spend.min() - centre) / spread, (log_spend.max() - centre) / spread
    )
    sd = spread * (SD_FLOOR + (SD_CEILING - SD_FLOOR) * expit(raw[..., 2]))
    return head, raw, prob, mean, sd, spread


def ziln_density(prob, mean, sd):
    lognormal = prob * stats.lognorm.pdf(np.maximum(SPEND, 1e-9), s=sd, scale=np.exp(mean))
    return np.where(SPEND > 0, lognormal, 1 - prob)


def test_ziln_loss_is_the_density_of_wang_liu_and_miao_up_to_the_units():
    head, raw, prob, mean, sd, spread = ziln_case()
    # the density of standardised logs: times the slope of the change of variables
    units = np.where(SPEND > 0, np.log(np.maximum(SPEND, 1e-9) * spread), 0.0)
    expected = -np.log(ziln_density(prob, mean, sd)) - units
    np.testing.assert_allclose(tensor_loss(head, SPEND, raw), expected, rtol=1e-4, atol=1e-5)
    mixture = -np.log(ziln_density(prob, mean, sd).mean(axis=0)) - units
    np.testing.assert_allclose(head.ensemble_loss(head.encode(SPEND), raw), mixture, rtol=1e-5, atol=1e-6)


def test_ziln_mean_is_the_mean_of_the_mixture():
    head, raw, prob, mean, sd, _ = ziln_case()
    expected = (prob * stats.lognorm.mean(s=sd, scale=np.exp(mean))).mean(axis=0)
    np.testing.assert_allclose(head.predict(raw), expected)


@pytest.mark.parametrize("q", [0.05, 0.5, 0.9, 0.999])
def test_ziln_quantile_inverts_the_distribution_of_the_mixture(q):
    head, raw, prob, mean, sd, _ = ziln_case()
    value = head.quantile(raw, q)
    below = (1 - prob + prob * stats.lognorm.cdf(value, s=sd, scale=np.exp(mean))).mean(axis=0)
    zero_share = 1 - prob.mean(axis=0)
    np.testing.assert_allclose(below, np.maximum(zero_share, q), atol=1e-9)
    assert (value[zero_share >= q] == 0).all()


def test_ziln_mean_cannot_explode():
    head = ZeroInflatedLognormalHead(SPEND, ONES)
    log_spend = np.log(SPEND[SPEND > 0])
    ceiling = 250 * np.exp((SD_CEILING * log_spend.std()) ** 2 / 2)
    assert head.predict(np.full((1, 1, 3), 1e6))[0] <= ceiling * (1 + 1e-9)


def test_ziln_distribution_of_one_member_is_that_member():
    head, raw, prob, mean, sd, _ = ziln_case()
    frame = head.distribution(raw[:1])
    for column, expected in {"buy_prob": prob[0], "log_mean": mean[0], "log_sd": sd[0]}.items():
        np.testing.assert_allclose(frame[column], expected)


def test_ziln_total_is_corrected_by_unseen_rows_and_less_so_when_they_are_few():
    rng = np.random.default_rng(3)
    spend = np.where(rng.random(4000) < 0.5, rng.lognormal(3, 0.5, 4000), 0.0)
    scales = {}
    for n_rows in (20, 4000):
        head = ZeroInflatedLognormalHead(spend, np.ones(4000))
        raw = np.broadcast_to(head.start + np.array([0.0, 0.4, 0.0]), (2, n_rows, 3))
        head.calibrate(head.encode(spend[:n_rows]), raw, np.ones(n_rows))
        scales[n_rows] = head.total_scale
    assert scales[4000] == pytest.approx(np.exp(-0.4 * head.spread), rel=0.05)
    assert scales[4000] < scales[20] <= 1
    assert head.predict(raw).sum() == pytest.approx(spend.sum(), rel=0.02)
