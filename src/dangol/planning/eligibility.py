"""Who may be contacted: consent, contact gap and holdout, each with its reason."""

import pandas as pd

UNGRADED = "ungraded"
HOLDOUT, CONSENT, GAP = "holdout", "consent", "contact_gap"
PEOPLE_RULES = (HOLDOUT, CONSENT, GAP)
_CONSENT_COLUMNS = ("has_consent", "has_contact_consent", "has_marketing_consent")
_REFUSAL_COLUMNS = ("is_opted_out", "do_not_contact")


def known_customers(
    customers: pd.DataFrame, segments: pd.DataFrame | None, as_of: pd.Timestamp
) -> pd.DataFrame:
    """Customers first seen before ``as_of``, with their grade, sorted by identifier.

    Args:
        customers: as in ``tables.CUSTOMERS``; an unknown first date counts as before.
        segments: ``customer_id`` and ``customer_grade``; None if there are none (no order log), which
            puts everybody into one grade.
        as_of: exclusive end of what is known.
    """
    is_known = ~(customers["first_seen_date"] >= as_of)
    if segments is None:
        ungraded = customers[is_known].assign(customer_grade=UNGRADED)
        return ungraded.sort_values("customer_id", ignore_index=True)
    known = customers[is_known].merge(
        segments[["customer_id", "customer_grade"]], on="customer_id", how="left"
    )
    known = known.fillna({"customer_grade": "no order yet"})
    return known.sort_values("customer_id", ignore_index=True)


def contact_rules(
    known: pd.DataFrame, contacts: pd.DataFrame, is_holdout: pd.Series, as_of: pd.Timestamp, gap_days: int
) -> pd.DataFrame:
    """Which rules forbid contacting each customer.

    Args:
        known: from ``known_customers``; a consent column (such as ``has_consent``) counts if there
            is one, and missing consent is no consent.
        contacts: as in ``tables.CONTACTS``; control rows are not contacts.
        is_holdout: aligned with ``known``.
        as_of: day of the planned contact; only earlier contacts count.
        gap_days: at least this many days lie between two contacts.

    Returns:
        One row per customer, index as ``known``: booleans ``holdout``, ``consent`` and
        ``contact_gap`` (true forbids), and ``days_since_contact`` (missing if never contacted).
    """
    sent = contacts[(contacts["contact_ts"] < as_of) & (contacts["arm"] != "control")]
    last = sent.groupby("customer_id")["contact_ts"].max().reindex(known["customer_id"])
    days = (as_of.normalize() - last.dt.normalize()).dt.days.set_axis(known.index)
    return pd.DataFrame(
        {
            HOLDOUT: is_holdout,
            CONSENT: _lacks_consent(known),
            GAP: days < gap_days,
            "days_since_contact": days,
        },
        index=known.index,
    )


def _lacks_consent(known: pd.DataFrame) -> pd.Series:
    lacks = pd.Series(False, index=known.index)
    for name in _CONSENT_COLUMNS:
        if name in known:
            lacks |= ~known[name].fillna(False).astype(bool)
    for name in _REFUSAL_COLUMNS:
        if name in known:
            lacks |= known[name].fillna(False).astype(bool)
    return lacks
