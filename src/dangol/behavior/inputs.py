"""Which columns a behaviour model may see."""

import pandas as pd

from dangol.baselines import as_model_input

# These grow with the length of the log: their values at the snapshot that is scored lie outside
# what any training snapshot has shown, so a model would extrapolate.
GROWS_WITH_THE_LOG = frozenset(
    {
        "active_span_days",
        "amount_364d",
        "days_since_response",
        "gap_max_days",
        "largest_order_amount",
        "monetary",
        "n_campaigns_answered",
        "n_contacts",
        "n_lines_364d",
        "n_order_days",
        "n_orders",
        "n_orders_364d",
        "n_responses",
        "n_stores",
        "tenure_days",
    }
)


def model_inputs(features: pd.DataFrame, customers: pd.DataFrame | None = None) -> pd.DataFrame:
    """Columns for a model: features whose meaning is the same at every snapshot, and attributes.

    Of the lifetime totals one share stays, ``tenure_share``: tenure over that of the earliest customer. It
    tells those who were there when the log began from those who came since.

    Args:
        features: as from ``customer_features``, all customers of each snapshot.
        customers: one row per customer; its attributes join as categories or numbers, dates are
            left out. None leaves all of them out.

    Returns:
        Rows as in ``features``; no identifier and no date.
    """
    left_out = GROWS_WITH_THE_LOG | {"as_of"}
    log_days = features.groupby("as_of")["tenure_days"].transform("max")
    frame = features.drop(columns=[name for name in features if name in left_out])
    frame = frame.assign(tenure_share=(features["tenure_days"] / log_days).round(6))
    if customers is not None:
        attributes = customers.select_dtypes(exclude=["datetime", "datetimetz", "timedelta"])
        frame = frame.merge(attributes, on="customer_id", how="left", validate="many_to_one")
    return as_model_input(frame.drop(columns="customer_id"))
