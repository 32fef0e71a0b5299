"""The planted purchase process, spend and baskets come back from the tables."""

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, special
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from dangol.simulator import PurchaseProcess, expected_orders, simulate

PLANTED = PurchaseProcess(r=0.8, alpha=3.0, a=0.8, b=6.0)
END = pd.Timestamp("2018-01-01")


@pytest.fixture(scope="module")
def plain_world():
    """Nothing but the purchase process; few orders per customer, so that many customers are cheap."""
    return simulate(
        8_000,
        3,
        process=PLANTED,
        seasonality=False,
        with_campaigns=False,
        dirt_dose=0.0,
        refund_share=0.0,
        end=f"{END:%Y-%m-%d}",
    )


@pytest.fixture(scope="module")
def plain_orders(plain_world):
    lines = plain_world.tables["transactions"]
    return lines.groupby("order_id").agg(
        customer_id=("customer_id", "first"), order_ts=("order_ts", "first"), amount=("amount", "sum")
    )


def _log_likelihood(params, x, last, tenure):
    """Fader, Hardie & Lee (2005), equation (6), in plain form."""
    r, alpha, a, b = params
    common = special.gammaln(r + x) - special.gammaln(r) + r * np.log(alpha)
    alive = special.betaln(a, b + x) - special.betaln(a, b) - (r + x) * np.log(alpha + tenure)
    gone = np.where(
        x > 0,
        special.betaln(a + 1, b + np.maximum(x, 1) - 1)
        - special.betaln(a, b)
        - (r + x) * np.log(alpha + last),
        -np.inf,
    )
    return common + np.logaddexp(alive, gone)


def test_maximum_likelihood_recovers_the_planted_purchase_process(plain_orders):
    ts = plain_orders.groupby("customer_id")["order_ts"].agg(["min", "max", "size"])
    week = pd.Timedelta(weeks=1)
    x = ts["size"].to_numpy() - 1.0
    last = ((ts["max"] - ts["min"]) / week).to_numpy()
    tenure = ((END - ts["min"]) / week).to_numpy()
    planted = np.array([PLANTED.r, PLANTED.alpha, PLANTED.a, PLANTED.b])

    def loss(log_params):
        return -_log_likelihood(np.exp(log_params), x, last, tenure).mean()

    fit = optimize.minimize(loss, np.zeros(4), method="L-BFGS-B")
    found = np.exp(fit.x)
    # the likelihood ratio of the planted values is chi-squared with 4 degrees of freedom
    ratio = 2 * len(x) * (loss(np.log(planted)) - fit.fun)
    assert 0 <= ratio < 18.5, found  # 99.9 %
    assert found[0] / found[1] == pytest.approx(PLANTED.r / PLANTED.alpha, rel=0.06)
    assert found[2] / (found[2] + found[3]) == pytest.approx(0.8 / 6.8, rel=0.10)


def test_nobody_orders_after_dropping_out(plain_world, plain_orders):
    last = plain_orders.groupby("customer_id")["order_ts"].max()
    dropout = plain_world.truth["customers"].set_index("customer_id")["dropout_ts"].dropna()
    assert len(dropout) > 500
    assert (last[dropout.index] == dropout).all()


def test_expected_orders_match_what_happens_next(plain_world, plain_orders):
    truth = plain_world.truth["customers"]
    as_of = pd.Timestamp("2017-01-01")
    expected = expected_orders(truth, as_of, horizon_days=182)
    until = as_of + pd.Timedelta(days=182)
    happened = plain_orders[(plain_orders["order_ts"] >= as_of) & (plain_orders["order_ts"] < until)]
    old = truth.loc[truth["first_order_ts"] < as_of, "customer_id"]
    n = happened["customer_id"].value_counts().reindex(old, fill_value=0)
    residual = n - expected[old]
    assert abs(residual.mean()) < 4 * residual.std() / np.sqrt(len(n))
    alive = expected[old] > 0
    assert (n[~alive] == 0).all()


def test_order_amounts_scatter_around_each_customers_planted_mean(plain_world, plain_orders):
    truth = plain_world.truth["customers"].set_index("customer_id")
    residual = plain_orders["amount"] - plain_orders["customer_id"].map(truth["mean_order_amount"])
    for _, rows in residual.groupby(plain_orders["customer_id"].map(truth["planted_segment"])):
        assert abs(rows.mean()) < 4 * rows.std() / np.sqrt(len(rows))


def test_weekends_and_winter_are_busier_only_with_seasonality(plain_orders, large_world):
    heads = large_world.tables["transactions"].drop_duplicates("order_id")
    seasonal = (heads["order_ts"].dt.day_of_week == 5).mean()
    plain = (plain_orders["order_ts"].dt.day_of_week == 5).mean()
    assert plain == pytest.approx(1 / 7, abs=0.01)
    assert seasonal == pytest.approx(1.3 / 7, abs=0.01)


def test_defaults_look_like_a_grocer(large_world):
    as_of = pd.Timestamp("2017-07-01")
    orders = large_world.tables["transactions"].drop_duplicates("order_id")
    span = orders.groupby("customer_id")["order_ts"].agg(["min", "max", "size"])
    lapsed = (as_of - span["max"]).dt.days >= 28
    assert 0.15 < lapsed.mean() < 0.35
    weeks_between = (as_of - span["min"]).dt.days / 7 / span["size"]
    assert 1.0 < weeks_between[~lapsed].median() < 2.0


def test_campaigns_leave_organic_orders_and_their_baskets_as_they_were():
    clean = {"n_customers": 400, "seed": 11, "dirt_dose": 0.0, "refund_share": 0.0, "end": "2016-07-01"}
    quiet, loud = simulate(**clean, with_campaigns=False), simulate(**clean)
    first_campaign = pd.Timestamp("2016-02-12")  # day 42, the first on which one may start
    columns = ["customer_id", "order_ts", "product_id", "amount"]

    def rows(item, wanted):
        transactions = item.tables["transactions"]
        return transactions.loc[wanted(transactions), columns].reset_index(drop=True)

    def early(frame):
        return frame["order_ts"] < first_campaign

    pd.testing.assert_frame_equal(rows(quiet, early), rows(loud, early))
    contacted = set(loud.tables["contacts"]["customer_id"])
    never = ~quiet.tables["customers"]["customer_id"].isin(contacted)
    untouched = quiet.tables["customers"].loc[never, "customer_id"]
    assert len(untouched) > 5

    def of_untouched(frame):
        return frame["customer_id"].isin(untouched)

    pd.testing.assert_frame_equal(rows(quiet, of_untouched), rows(loud, of_untouched))


def test_segments_differ_as_planted(large_world):
    lines = large_world.tables["transactions"].merge(
        large_world.truth["customers"][["customer_id", "planted_segment"]], on="customer_id"
    )
    by_segment = lines.groupby("planted_segment")
    size = by_segment.size() / by_segment["order_id"].nunique()
    on_discount = by_segment["discount_amount"].agg(lambda values: (values > 0).mean())
    rate = large_world.truth["customers"].groupby("planted_segment")["purchase_rate_week"].mean()
    assert size.idxmax() == "families"
    assert size.idxmin() == "occasional"
    assert on_discount.idxmax() == "bargain_hunters"
    assert on_discount["premium"] < 0.1
    assert rate.idxmin() == "occasional"
    share = large_world.truth["customers"]["planted_segment"].value_counts(normalize=True)
    assert share["families"] == pytest.approx(0.30, abs=0.03)
    assert share["occasional"] == pytest.approx(0.25, abs=0.03)


def test_clusters_on_spend_and_taste_find_the_planted_segments(world):
    lines = world.tables["transactions"].query("amount > 0").merge(world.tables["products"], on="product_id")
    per_customer = lines.groupby("customer_id")
    n_orders = per_customer["order_id"].nunique()
    features = pd.DataFrame(
        {
            "n_orders": np.log(n_orders),
            "basket": np.log(per_customer["amount"].sum() / n_orders),
            "discount": per_customer["discount_amount"].agg(lambda values: (values > 0).mean()),
        }
    )
    spend = lines.pivot_table(
        index="customer_id", columns="department", values="amount", aggfunc="sum", fill_value=0
    )
    features = features.join(spend.div(spend.sum(axis=1), axis=0))
    scaled = (features - features.mean()) / features.std()
    found = KMeans(4, n_init=5, random_state=0).fit_predict(scaled)
    planted = world.truth["customers"].set_index("customer_id").loc[features.index, "planted_segment"]
    assert adjusted_rand_score(planted, found) > 0.75
