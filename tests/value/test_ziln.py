import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import expit
from scipy.stats import lognorm

from dangol.value import ziln

LOGIT, LOG_MEAN, LOG_SD = -0.7, 2.3, 0.9


def test_log_density_matches_scipy():
    spend = np.array([0.0, 0.01, 9.0, 4000.0])
    positive = np.log(expit(LOGIT)) + lognorm.logpdf(spend[1:], LOG_SD, scale=np.exp(LOG_MEAN))
    found = ziln.log_density(spend, LOGIT, LOG_MEAN, LOG_SD)
    np.testing.assert_allclose(found, np.r_[np.log(1 - expit(LOGIT)), positive], rtol=1e-12)
    assert ziln.log_density(-1.0, LOGIT, LOG_MEAN, LOG_SD) == -np.inf


def test_density_has_total_mass_one_and_the_stated_mean():
    def density(spend):
        return float(np.exp(ziln.log_density(spend, LOGIT, LOG_MEAN, LOG_SD)))

    positive = quad(density, 0, np.inf, points=None, limit=200)[0]
    assert density(0.0) + positive == pytest.approx(1.0, abs=1e-7)
    mean = quad(lambda spend: spend * density(spend), 0, np.inf, limit=200)[0]
    assert ziln.mean(LOGIT, LOG_MEAN, LOG_SD) == pytest.approx(mean, rel=1e-6)


def test_quantile_inverts_the_distribution_function():
    buy = expit(LOGIT)
    shares = np.array([0.0, 0.3, 1 - buy - 1e-12, 0.8, 0.999])
    found = ziln.quantile(shares, LOGIT, LOG_MEAN, LOG_SD)
    assert (found[:3] == 0).all()
    np.testing.assert_allclose(
        1 - buy + buy * lognorm.cdf(found[3:], LOG_SD, scale=np.exp(LOG_MEAN)), shares[3:]
    )


def test_quantile_of_sure_buyers_is_the_lognormal_one():
    assert ziln.quantile(0.5, 60.0, LOG_MEAN, LOG_SD) == pytest.approx(np.exp(LOG_MEAN))


def test_draws_have_the_stated_mean_and_share_of_zeros():
    logits = np.array([-2.0, 0.5])
    draws = ziln.sample(logits, LOG_MEAN, 0.5, 100_000, np.random.default_rng(0))
    assert draws.shape == (2, 100_000)
    np.testing.assert_allclose((draws > 0).mean(axis=1), expit(logits), atol=0.006)
    np.testing.assert_allclose(draws.mean(axis=1), ziln.mean(logits, LOG_MEAN, 0.5), rtol=0.03)


def test_arguments_broadcast():
    assert ziln.quantile(np.array([0.1, 0.9])[:, None], np.zeros(3), 1.0, 1.0).shape == (2, 3)


def test_a_standard_deviation_of_nothing_is_refused():
    with pytest.raises(ValueError, match="log_sd must be positive"):
        ziln.mean(0.0, 1.0, 0.0)


def test_a_share_in_percent_is_refused():
    with pytest.raises(ValueError, match=r"share must lie in \[0, 1\)"):
        ziln.quantile(90, 0.0, 1.0, 1.0)
