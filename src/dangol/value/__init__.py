"""Customer lifetime value: purchase and spend models, naive rules, and how to judge them."""

from dangol.value import ziln
from dangol.value.beta_geo import BetaGeo
from dangol.value.beta_geo_beta_binomial import BetaGeoBetaBinomial
from dangol.value.covariates import BetaGeoCovariates, ParetoNBDCovariates
from dangol.value.gamma_gamma import GammaGamma
from dangol.value.horizon import in_days
from dangol.value.leaderboard import bootstrap_interval, leaderboard, paired_bootstrap, winner
from dangol.value.lifetime_value import LifetimeValue
from dangol.value.likelihood import FitWarning
from dangol.value.metrics import (
    decile_calibration,
    decile_calibration_error,
    interval_coverage,
    mean_absolute_error,
    normalized_gini,
    root_mean_square_error,
    spearman,
    total_bias,
    total_bias_error,
)
from dangol.value.naive import last_period_value, tenure_rate_value
from dangol.value.next_order import next_order_date
from dangol.value.pareto_nbd import ParetoNBD
from dangol.value.shifted_beta_geo import ShiftedBetaGeo
from dangol.value.spend_network import SpendNetwork
from dangol.value.summary import all_purchases, purchase_summary
from dangol.value.value_network import ValueNetwork
from dangol.value.window_learning import ends_of
from dangol.value.windows import outcomes

__all__ = [
    "BetaGeo",
    "BetaGeoBetaBinomial",
    "BetaGeoCovariates",
    "FitWarning",
    "GammaGamma",
    "LifetimeValue",
    "ParetoNBD",
    "ParetoNBDCovariates",
    "ShiftedBetaGeo",
    "SpendNetwork",
    "ValueNetwork",
    "all_purchases",
    "bootstrap_interval",
    "decile_calibration",
    "decile_calibration_error",
    "ends_of",
    "in_days",
    "interval_coverage",
    "last_period_value",
    "leaderboard",
    "mean_absolute_error",
    "next_order_date",
    "normalized_gini",
    "outcomes",
    "paired_bootstrap",
    "purchase_summary",
    "root_mean_square_error",
    "spearman",
    "tenure_rate_value",
    "total_bias",
    "total_bias_error",
    "winner",
    "ziln",
]
