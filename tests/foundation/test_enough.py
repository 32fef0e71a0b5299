"""Too little to learn from is said in one sentence that names threshold, finding and what to change."""

import ibis
import pandas as pd
import pytest

from dangol.enough import check_any_purchase, check_enough_answers, check_enough_orders
from dangol.errors import SkipNotebookError
from dangol.params import RespondParams, ValueParams

COMMON = {"dataset": "toy_shop", "as_of": "2024-07-01", "seed": 1, "n_boot": 50, "max_epochs": 1}


def limits(n_customers: int, n_months: float, n_repeat: int) -> ValueParams:
    return ValueParams(
        **COMMON,
        horizon_days=28,
        due_days=7,
        min_customers=n_customers,
        min_months=n_months,
        min_repeat_buyers=n_repeat,
    )


@pytest.fixture
def orders():
    """Three buyers, two of them on several days before July; a refund alone; a buyer too late."""
    rows = [
        (1, "2024-01-01 10:00", 5.0),
        (1, "2024-01-01 18:00", 5.0),
        (2, "2024-02-01", 5.0),
        (2, "2024-03-01", 0.0),
        (3, "2024-02-01", 5.0),
        (3, "2024-05-01", 5.0),
        (3, "2024-06-01", -5.0),
        (4, "2023-01-01", -5.0),
        (5, "2024-07-01", 5.0),
        (1, "2024-08-01", 5.0),
    ]
    frame = pd.DataFrame(rows, columns=["customer_id", "order_ts", "amount"])
    return ibis.memtable(frame.assign(order_ts=pd.to_datetime(frame["order_ts"], format="ISO8601")))


def test_exactly_enough_is_enough(orders):
    check_enough_orders(orders, limits(3, 6.0, 2))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ((4, 6, 2), r"buyers before as_of: 3, expected at least 4 \(min_customers\)\. Bring"),
        ((3, 6.1, 2), r"months of purchases before as_of: 6, expected at least 6\.1 \(min_months\)\. Bring"),
        (
            (3, 6, 3),
            r"buyers on several days: 2, expected at least 3 \(min_repeat_buyers\)\. Bring",
        ),
    ],
)
def test_each_threshold_is_named_with_what_was_found(orders, asked, said):
    with pytest.raises(SkipNotebookError, match=said):
        check_enough_orders(orders, limits(*asked))


def test_all_thresholds_missed_are_named_at_once_with_the_parameters_to_change(orders):
    advice = r"dangol run --set 04\.min_customers=… --set 04\.min_months=… --set 04\.min_repeat_buyers=…$"
    with pytest.raises(SkipNotebookError, match=f"so no model was made: .*; .*; .*{advice}"):
        check_enough_orders(orders, limits(100, 12, 50))


def test_no_order_at_all_is_no_crash(orders):
    with pytest.raises(SkipNotebookError, match="months of purchases before as_of: 0,"):
        check_enough_orders(orders.filter(orders.customer_id < 0), limits(1, 1, 1))


def contacts(n_answered: int, n_silent: int) -> pd.DataFrame:
    answers = [1] * n_answered + [0] * n_silent
    return pd.DataFrame({"customer_id": range(len(answers)), "is_answered": answers})


def asked_of(n_customers: int, n_responders: int) -> RespondParams:
    return RespondParams(
        **COMMON,
        test_days=63,
        min_customers=n_customers,
        min_responders=n_responders,
        max_column_auc=0.99,
        answer_value=0.0,
        margin_rate=0.25,
        incremental_share=0.5,
    )


def test_answers_are_counted_by_customer_in_both_parts():
    check_enough_answers(contacts(20, 20), contacts(20, 30), asked_of(40, 20))
    twice = contacts(20, 20).assign(customer_id=lambda rows: rows["customer_id"] // 2)
    with pytest.raises(SkipNotebookError, match=r"customers who answered, to judge by: 10, .*at least 20"):
        check_enough_answers(contacts(20, 20), twice, asked_of(40, 20))
    with pytest.raises(SkipNotebookError, match=r"did not answer, to learn from: 3, expected at least 20"):
        check_enough_answers(contacts(50, 3), contacts(20, 20), asked_of(40, 20))
    with pytest.raises(SkipNotebookError, match=r"contacted customers to learn from: 40, .*min_customers"):
        check_enough_answers(contacts(20, 20), contacts(20, 20), asked_of(41, 20))


def test_refunds_alone_are_no_purchase(orders):
    check_any_purchase(orders, "2024-01-02")
    with pytest.raises(SkipNotebookError, match=r"no purchase before 2024-01-01: .*refunds alone"):
        check_any_purchase(orders, "2024-01-01")
