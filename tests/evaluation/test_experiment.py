"""A randomized test as one frame: effects, checks that withhold, faults, remarks."""

import numpy as np
import pandas as pd
import pytest

from dangol.errors import InputError
from dangol.evaluation import evaluate_experiment


def mailing(seed=0, n=6000, shares=(0.5, 0.3, 0.2), lift=(0.0, 0.05, 0.0)):
    """Three arms; only the letter works, and it works on the young."""
    rng = np.random.default_rng(seed)
    arm = rng.choice(["control", "letter", "mail"], n, p=shares)
    young = rng.uniform(size=n) < 0.5
    history = rng.gamma(1, 50, n)
    gain = pd.Series(arm).map(dict(zip(["control", "letter", "mail"], lift, strict=True))).to_numpy()
    prob = 0.1 + 0.0005 * history + 2 * gain * young
    visit = rng.uniform(size=n) < prob
    return pd.DataFrame(
        {
            "customer_id": range(n),
            "arm": arm,
            "history": np.where(rng.uniform(size=n) < 0.1, np.nan, history),
            "age": np.where(young, "young", "old"),
            "visit": visit,
            "spend": np.where(visit, rng.gamma(2, 20, n) + history, 0.0),
        }
    )


def run(frame, **changes):
    given = {"outcomes": ["visit", "spend"], "covariates": ["history", "age"], "customer": "customer_id"}
    return evaluate_experiment(frame, **(given | changes))


def test_plain_figures_equal_a_hand_computation():
    frame = mailing()
    rows = run(frame, covariates=()).effects.set_index(["outcome", "arm"])
    ours, theirs = (frame.loc[frame["arm"] == name, "visit"] for name in ("letter", "control"))
    difference = ours.mean() - theirs.mean()
    error = np.sqrt(
        ours.mean() * (1 - ours.mean()) / len(ours) + theirs.mean() * (1 - theirs.mean()) / len(theirs)
    )
    row = rows.loc[("visit", "letter")]
    assert row["estimate"] == pytest.approx(difference)
    assert (row["low"], row["high"]) == pytest.approx(
        (difference - 1.96 * error, difference + 1.96 * error), rel=2e-3
    )
    assert row["relative"] == pytest.approx(ours.mean() / theirs.mean() - 1)
    assert row["p_adjusted"] == pytest.approx(2 * row["p_value"])


def test_covariates_narrow_the_intervals_and_leave_the_effects_where_they_are():
    found = run(mailing()).effects
    width, plain = found["high"] - found["low"], found["unadjusted_high"] - found["unadjusted_low"]
    assert (width < plain).all()
    assert ((found["estimate"] - found["unadjusted"]).abs() < 0.5 * plain).all()
    spend = found.loc[found["outcome"] == "spend"]
    assert (width[spend.index] < 0.97 * plain[spend.index]).all()


def test_only_the_arm_that_works_gets_a_verdict():
    verdicts = run(mailing()).effects.set_index(["outcome", "arm"])["verdict"]
    assert verdicts[("visit", "letter")] == "positive"
    assert verdicts[("visit", "mail")] == "unclear"


def test_segments_show_in_whom_it_worked():
    found = run(mailing(), segments=["age"]).segments
    letter = found.loc[(found["outcome"] == "visit") & (found["arm"] == "letter")].set_index("segment")
    assert letter["is_proven"].to_dict() == {"old": False, "young": True}
    assert abs(letter.loc["young", "shrunken"]) < abs(letter.loc["young", "estimate"])


def test_a_split_of_52_to_48_withholds_every_verdict():
    frame = mailing(n=10_000, shares=(0.48, 0.52, 0.0))
    found = run(frame)
    assert found.is_withheld
    assert set(found.effects["verdict"]) == {"withheld: sample ratio"}
    assert "no verdict is given" in found.statements[0]


def test_planned_shares_decide_what_an_even_split_is():
    frame = mailing(n=10_000, shares=(0.1, 0.9, 0.0))
    assert not run(frame).is_withheld
    assert "not checked" in run(frame).statements[0]
    assert not run(frame, planned_shares={"control": 1, "letter": 9}).is_withheld
    assert run(frame, planned_shares={"control": 1, "letter": 7}).is_withheld


def test_arms_that_differed_before_withhold_the_verdict():
    frame = mailing(shares=(0.7, 0.3, 0.0))
    frame.loc[(frame["history"] > 100) & (frame.index % 2 == 0), "arm"] = "letter"
    assert set(run(frame).effects["verdict"]) == {"withheld: arms differed before"}


def test_every_fault_of_a_frame_is_named_at_once():
    frame = mailing().assign(spend=lambda f: f["spend"].where(f.index > 3))
    frame = pd.concat([frame, frame.tail(2)])
    frame.loc[7, "arm"] = None
    with pytest.raises(InputError) as caught:
        run(frame, control="nobody", planned_shares={"control": 1, "fax": 1})
    said = str(caught.value)
    for part in (
        "1 customers have no arm",
        "arm 'nobody' has no customers",
        "arm 'fax' has no customers",
        "planned_shares lacks the arm(s)",
        "spend: 4 customers have no finite value",
        "customer_id: 2 repeated rows",
    ):
        assert part in said


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"outcomes": ["sales"]}, "no column 'sales'"),
        ({"outcomes": []}, "no outcome was named"),
        ({"outcomes": "age"}, "age: expected numbers"),
    ],
)
def test_unusable_outcomes_are_refused(changes, message):
    with pytest.raises(InputError, match=message):
        run(mailing(n=100), **changes)


def test_a_frame_with_one_arm_only_is_refused():
    with pytest.raises(InputError, match="no arm to compare with 'control'"):
        run(mailing(n=100).assign(arm="control"))


def test_odd_outcomes_are_evaluated_with_a_remark():
    frame = mailing()
    frame = frame.assign(
        coupon=(frame["arm"] == "letter") & frame["visit"],
        refund=-frame["spend"],
        nothing=0,
    )
    said = " ".join(run(frame, outcomes=["coupon", "refund", "nothing"]).statements)
    assert "coupon: all" in said
    assert "is no effect" in said
    n_below = int((frame["refund"] < 0).sum())
    assert f"refund: {n_below:,} customers below zero (refunds), kept as they are" in said
    assert "nothing: nobody in any arm has one" in said


def test_the_order_of_rows_and_the_index_do_not_matter_and_the_frame_stays_as_it_is():
    frame = mailing(n=1500)
    before = frame.copy()
    first = run(frame).effects
    shuffled = frame.sample(frac=1, random_state=1).set_index(pd.Index(range(5, 1505)))
    pd.testing.assert_frame_equal(first, run(shuffled).effects)
    pd.testing.assert_frame_equal(frame, before)
