"""How far a recovered figure may lie from the planted one; the one place where this is decided.

Each bound is the sum of what chance does at the given number of cases (four standard errors, so that
an honest method on an honest world passes with a probability of 0.9999) and of what the method is known
to leave out, stated beside it. A bound is not moved because a figure left it: the figure is wrong, or the
known shortcoming has to be named.
"""

import math

_Z = 4.0  # standard errors


def proportion(share: float, n: int) -> float:
    """Chance alone: a share estimated from ``n`` cases."""
    return _Z * math.sqrt(max(share * (1 - share), 1e-4) / max(n, 1))


def interval_coverage(level: float, n: int) -> float:
    """Share of ``n`` intervals of a level that hold the truth. One more may miss: intervals are few."""
    return proportion(level, n) + 1 / max(n, 1)


def repurchase_share(share: float, n: int) -> float:
    """Share of customers who order again soon.

    Left out: a refund is an order of its own, campaigns add orders, seasons move them, and days are
    counted whole; each planted or known to bring less than half a point.
    """
    return proportion(share, n) + 0.02


def total_orders(expected: float, n: int) -> float:
    """Relative error of all expected orders together.

    Chance: the rates are learnt from counts about as large as those foreseen, so both are Poisson
    with the ``expected`` number. Left out: the models know no season (planted: up to a tenth more in
    December than on average) and take the lift of past campaigns (planted: a few per cent) for usual.
    """
    return _Z * math.sqrt(2 / max(expected, 1)) + 0.10 + 0.05


def total_value(expected: float, n: int) -> float:
    """Relative error of the value of all customers: that of orders, and of the mean order.

    Left out besides: coupons and refunds, planted at one to two per cent of sales, which the truth
    does not count.
    """
    return total_orders(expected, n) + 0.02


def rank_correlation(reliability: float, n: int) -> float:
    """One minus the rank correlation of forecast and truth over ``n`` customers.

    ``reliability`` is the share of the variance of observed counts that true rates explain: no
    forecast from counts can correlate with the truth better than its square root. Chance: about
    ``4 / sqrt(n)``; the same again for what a rank correlation loses on ties and skewed rates.
    """
    return 1 - math.sqrt(reliability) + 2 * _Z / math.sqrt(n)


def alive_share(share: float, n: int) -> float:
    """Share of customers still active. Left out: a season's quiet weeks look like leaving, 2 points."""
    return proportion(share, n) + 0.02


def lapse_calibration(share: float, n: int) -> float:
    """Mean error of lapse probabilities in tenths of the customers.

    Chance: the probabilities are learnt from about as many customers as are scored, in ten groups.
    Left out: campaigns of the horizon, planted to bring up to a quarter of an order in four weeks and
    so up to three points fewer lapses; a season no training snapshot has seen, two points.
    """
    return proportion(share, n // 10) / 2 + 0.05


def log_lift(n_both: int, pooling: float) -> float:
    """Difference of the logarithms of lifts, ``n_both`` baskets with both categories (delta method).

    Left out: tastes that differ between segments. Pooled over them the planted lift is ``pooling``
    times as large; a rule that compares baskets of one size takes a part of that out.
    """
    return _Z / math.sqrt(max(n_both, 1)) + abs(math.log(pooling))


def effect(standard_error: float) -> float:
    """A campaign's effect, whose interval gives the standard error."""
    return _Z * standard_error


def response_rate(rate: float, n: int) -> float:
    """Mean response probability of a campaign type.

    Left out: the level of the next campaign is forecast from campaigns that drew other offers by lot
    and found customers with a shorter history; planted response grows with past answers, by up to
    three tenths.
    """
    return proportion(rate, n) / rate + 0.3


def adjusted_rand() -> float:
    """One minus the adjusted Rand index of found and planted segments.

    The planted segments differ in what is bought, the clusters describe how it is bought, and they
    are free to split one: two fifths of the agreement are asked for, against none by chance.
    """
    return 0.6


def pairwise_f1() -> float:
    """One minus the F1 of linked pairs of records.

    Planted: about one record in ten has a slip in a given field and one in ten of the Korean ones is
    written in Latin letters, with other fields missing besides; so a tenth of the pairs share no
    field that singles a person out.
    """
    return 0.15


def plan_regret(lot_regret: float) -> float:
    """What the plan forgoes, as a share of the best plan's profit: no more than a draw by lot does."""
    return lot_regret
