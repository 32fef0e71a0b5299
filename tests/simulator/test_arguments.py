"""Any arguments either make a world whose tables keep their contracts, or are refused with every fault."""

from dataclasses import fields

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dangol import tables
from dangol.simulator import (
    Arguments,
    GammaGammaSpend,
    LognormalSpend,
    ParetoProcess,
    PurchaseProcess,
    simulate,
)

CONTRACTED = ("customers", "transactions", "campaigns", "contacts", "responses", "events")
positive = st.floats(0.05, 50)
worlds = st.fixed_dictionaries(
    {
        "n_customers": st.integers(1, 12),
        "seed": st.integers(0, 2**40),
        "start": st.dates(pd.Timestamp("1990-01-01").date(), pd.Timestamp("2030-01-01").date()).map(str),
        "n_days": st.integers(28, 150),
        "process": st.one_of(
            st.sampled_from(["BG/NBD", "Pareto/NBD"]),
            st.builds(PurchaseProcess, st.floats(0.05, 5), st.floats(0.5, 50), positive, positive),
            st.builds(ParetoProcess, st.floats(0.05, 5), st.floats(0.5, 50), positive, positive),
        ),
        "seasonality": st.sampled_from([True, False, "none", "weekly", "yearly", "both"]),
        "with_campaigns": st.booleans(),
        "holdout_share": st.floats(0, 0.99),
        "dirt_dose": st.floats(0, 20),
        "spend": st.one_of(
            st.none(),
            st.builds(GammaGammaSpend, positive, st.floats(1.05, 20), positive),
            st.builds(LognormalSpend, st.floats(0.5, 500), st.floats(0.05, 1.5), st.floats(0.05, 1.5)),
        ),
        "price_response": st.floats(0, 3),
        "refund_share": st.floats(0, 0.99),
    }
)


@settings(max_examples=20)
@given(worlds)
def test_every_usable_argument_makes_a_world_that_keeps_its_contracts(given_world):
    arguments = dict(given_world)
    n_days = arguments.pop("n_days")
    end = pd.Timestamp(arguments["start"]) + pd.Timedelta(days=n_days)
    world = simulate(**arguments, end=f"{end:%Y-%m-%d}")
    for name in CONTRACTED:
        getattr(tables, name.upper()).check(world.tables[name])
    transactions = world.tables["transactions"]
    assert set(transactions["customer_id"]) <= set(range(1, arguments["n_customers"] + 1))
    assert transactions["order_ts"].between(pd.Timestamp(arguments["start"]), end, inclusive="left").all()
    real = transactions[transactions["quantity"] > 0]
    assert (real[["amount", "discount_amount", "coupon_amount"]] >= 0).all(axis=None)
    assert set(world.truth["identity"]["source_key"]) == set(world.tables["people"]["source_key"])


NONSENSE = {
    "n_customers": st.one_of(st.integers(max_value=0), st.text(), st.none(), st.booleans()),
    "seed": st.one_of(st.integers(max_value=-1), st.floats(), st.none()),
    "start": st.one_of(st.just("soon"), st.none(), st.just("2016-01-01 07:00")),
    "process": st.one_of(st.integers(), st.none(), st.just("weibull")),
    "seasonality": st.one_of(st.just("monthly"), st.none(), st.just(1)),
    "with_campaigns": st.one_of(st.none(), st.just("yes")),
    "holdout_share": st.one_of(st.floats(1, 9), st.just(float("nan")), st.text()),
    "dirt_dose": st.one_of(st.floats(max_value=-0.1), st.just(float("inf")), st.none()),
    "spend": st.one_of(st.integers(), st.just("much"), st.just(GammaGammaSpend(p=-1))),
    "price_response": st.one_of(st.floats(max_value=-0.1), st.none()),
    "refund_share": st.one_of(st.floats(1, 9), st.none()),
}


@settings(max_examples=50)
@given(st.data(), st.sets(st.sampled_from(sorted(NONSENSE)), min_size=1))
def test_every_unusable_argument_is_named_and_no_other(data, names):
    bad = {name: data.draw(NONSENSE[name], label=name) for name in sorted(names)}
    with pytest.raises(ValueError, match="Change them and call again") as refusal:
        Arguments(**bad).check()
    named = {line[4:].split(":")[0].split(".")[0] for line in str(refusal.value).splitlines()[1:-1]}
    assert named == names
    assert {item.name for item in fields(Arguments)} - {"end"} == set(NONSENSE)
