"""The segment sheet: size, value, trend, what a segment buys, how it was contacted, what worked on it."""

import ibis
import ibis.expr.types as ir
import pandas as pd

from dangol.currency import Currency

UNTESTED = "untested"
_N_CATEGORIES = 3
_LEAST_SHARE = 0.005
_LEAST_CUSTOMERS = 10


def segment_sheet(
    customers: pd.DataFrame, categories: pd.DataFrame, contacts: pd.DataFrame, effects: pd.DataFrame
) -> pd.DataFrame:
    """One row per segment: everything a manager asks about it first.

    Args:
        customers: one row per customer: ``customer_id``, ``segment``, ``customer_grade``,
            ``life_cycle_state``, ``action``, ``amount``, ``amount_recent``, ``amount_earlier``.
        categories: as from ``top_categories``.
        contacts: as from ``contact_history``.
        effects: as from ``measured_effects``.

    Returns:
        As in ``tables.SEGMENT_SHEET``, the segment with the largest amount first.
        ``amount_change_share``: the amount of the recent window against the one before (missing if
        that was nothing, below -1 if refunds exceed sales). ``next_action`` is what the states of most of
        its money ask for. ``what_worked`` names the campaign with the largest effect beyond doubt
        among those that reached ten of its customers or more, with its interval; else what was
        measured without a clear result; else ``untested``.
    """
    positive = customers.assign(amount=customers["amount"].clip(lower=0))
    groups = positive.groupby("segment")
    sheet = groups.agg(
        n_customers=("customer_id", "size"),
        amount=("amount", "sum"),
        recent=("amount_recent", "sum"),
        earlier=("amount_earlier", "sum"),
    )
    total = sheet["amount"].sum()
    sheet = sheet.assign(
        customer_share=sheet["n_customers"] / len(customers),
        amount_share=sheet["amount"] / total if total > 0 else 0.0,
        amount_per_customer=sheet["amount"] / sheet["n_customers"],
        amount_change_share=(sheet["recent"] / sheet["earlier"].where(sheet["earlier"] > 0) - 1),
        main_grade=groups["customer_grade"].agg(lambda names: names.mode().iloc[0]),
        main_state=groups["life_cycle_state"].agg(lambda names: names.mode().iloc[0]),
        next_action=_heaviest(positive, "action"),
        top_categories=_category_texts(categories),
    )
    sheet = sheet.join(_contact_figures(contacts, customers)).join(_what_worked(contacts, customers, effects))
    sheet = sheet.fillna({"top_categories": "", "what_worked": UNTESTED, "contacts_per_customer": 0.0})
    sheet = sheet.drop(columns=["recent", "earlier"]).reset_index()
    texts = ("segment", "main_grade", "main_state", "next_action", "top_categories", "what_worked")
    sheet = sheet.astype(dict.fromkeys(texts, "str"))
    return sheet.sort_values(["amount", "segment"], ascending=[False, True], ignore_index=True)


def sheet_texts(sheet: pd.DataFrame, currency: Currency) -> pd.DataFrame:
    """The sheet for people: one column per segment, shares in per cent, amounts in their currency.

    Args:
        sheet: as from `segment_sheet`.
        currency: of the amounts.

    Returns:
        Texts, ``–`` where a figure is missing; rows that say nothing of any segment are left out.
    """
    told = sheet.set_index("segment")
    nothing = [name for name in told if told[name].isna().all() or told[name].isin(["", 0.0]).all()]
    formats = dict.fromkeys(("customer_share", "amount_share", "response_rate"), "{:.1%}".format) | {
        "n_customers": "{:,}".format,
        "amount": currency.amount,
        "amount_per_customer": currency.amount,
        "amount_change_share": "{:+.0%}".format,
        "contacts_per_customer": "{:.1f}".format,
    }
    texts = {
        name: values.map(formats.get(str(name), str), na_action="ignore").astype("object").fillna("–")
        for name, values in told.drop(columns=nothing).items()
    }
    return pd.DataFrame(texts, index=told.index).T


def top_categories(
    lines: ir.Table, products: ir.Table, segments: pd.DataFrame, *, as_of: str, window_days: int
) -> pd.DataFrame:
    """What each segment buys more of than all customers do.

    Args:
        lines: order lines as in ``tables.TRANSACTIONS``.
        products: as in ``tables.PRODUCTS``.
        segments: ``customer_id``, ``segment``.
        as_of: exclusive end, ``YYYY-MM-DD``.
        window_days: how far back.

    Returns:
        One row per segment × category bought for more than refunded by at least ten customers and
        with half a per cent of the segment's amount, the largest index first: ``segment``,
        ``category``, ``n_customers``, ``amount``, ``amount_share``, ``index_ratio`` (the share in
        the segment over the share among all customers).
    """
    end = ibis.timestamp(as_of)
    inside = lines.filter((lines.order_ts < end) & (lines.order_ts >= end - ibis.interval(days=window_days)))
    named = inside.join(products.select("product_id", "category"), "product_id", how="left")
    known = named.join(ibis.memtable(segments[["customer_id", "segment"]]), "customer_id")
    sums = known.group_by("segment", "category").agg(
        amount=known.amount.sum().round(2), n_customers=known.customer_id.nunique()
    )
    frame = sums.execute().dropna(subset=["category"])
    frame = frame[frame["amount"] > 0]
    share = frame["amount"] / frame.groupby("segment")["amount"].transform("sum")
    overall = frame.groupby("category")["amount"].transform("sum") / frame["amount"].sum()
    frame = frame.assign(amount_share=share, index_ratio=share / overall)
    is_large = (frame["amount_share"] >= _LEAST_SHARE) & (frame["n_customers"] >= _LEAST_CUSTOMERS)
    order = ["segment", "index_ratio", "category"]
    return frame[is_large].sort_values(order, ascending=[True, False, True], ignore_index=True)


def contact_history(
    contacts: pd.DataFrame | None, responses: pd.DataFrame | None, *, as_of: str, window_days: int
) -> pd.DataFrame:
    """Who was contacted by which campaign in the window, and whether a response came before ``as_of``.

    Returns:
        One row per contact outside control arms: ``customer_id``, ``campaign_id``, ``is_response``.
        Without rows if the data set has no contacts.
    """
    if contacts is None:
        return pd.DataFrame(columns=["customer_id", "campaign_id", "is_response"])
    end = pd.Timestamp(as_of)
    start = end - pd.Timedelta(days=window_days)
    is_sent = contacts["contact_ts"].between(start, end, inclusive="left") & (contacts["arm"] != "control")
    sent = contacts.loc[is_sent, ["customer_id", "campaign_id"]]
    if responses is None:
        return sent.assign(is_response=False)
    came = responses.loc[responses["response_ts"] < end, ["customer_id", "campaign_id"]].drop_duplicates()
    joined = sent.merge(came.assign(is_response=True), on=["customer_id", "campaign_id"], how="left")
    return joined.assign(is_response=joined["is_response"].eq(True))


def _heaviest(customers: pd.DataFrame, column: str) -> pd.Series:
    """Per segment the value of ``column`` that holds most money; customers count where nobody spent."""
    sums = customers.groupby(["segment", column])["amount"].agg(["sum", "size"]).reset_index()
    best = sums.sort_values(["sum", "size", column], ascending=[False, False, True]).drop_duplicates(
        "segment"
    )
    return best.set_index("segment")[column]


def _category_texts(categories: pd.DataFrame) -> pd.Series:
    top = categories[categories["index_ratio"] > 1].groupby("segment").head(_N_CATEGORIES)
    texts = top["category"].astype("str") + " ×" + top["index_ratio"].map("{:.1f}".format).astype("str")
    return texts.groupby(top["segment"]).agg("; ".join).rename("top_categories")


def _contact_figures(contacts: pd.DataFrame, customers: pd.DataFrame) -> pd.DataFrame:
    segment = customers.set_index("customer_id")["segment"]
    mine = contacts.assign(segment=contacts["customer_id"].map(segment)).dropna(subset=["segment"])
    n_own = customers["segment"].value_counts().sort_index()
    n_sent = mine["segment"].value_counts().reindex(n_own.index, fill_value=0)
    answered = mine.groupby("segment")["is_response"].mean()
    return pd.DataFrame(
        {
            "contacts_per_customer": n_sent / n_own,
            "response_rate": answered.reindex(n_own.index).astype("float64"),
        }
    )


def _what_worked(contacts: pd.DataFrame, customers: pd.DataFrame, effects: pd.DataFrame) -> pd.Series:
    segment = customers.set_index("customer_id")["segment"]
    mine = contacts.assign(segment=contacts["customer_id"].map(segment)).dropna(subset=["segment"])
    groups = mine.groupby(["segment", "campaign_id"], as_index=False).agg(n=("customer_id", "nunique"))
    judged = groups[groups["n"] >= _LEAST_CUSTOMERS].merge(effects, on="campaign_id")
    judged = judged.assign(worked=judged["low"].astype("float64") > 0)
    judged = judged.sort_values(["worked", "estimate"], ascending=False)
    best = judged.drop_duplicates("segment").set_index("segment")
    texts = {segment: _effect_text(row) for segment, row in best.iterrows()}
    return pd.Series(texts, name="what_worked", dtype="str")


def _effect_text(row: pd.Series) -> str:
    worked = "worked" if row["low"] > 0 else "harmed" if row["high"] < 0 else "no clear effect"
    return (
        f"{worked}: campaign {row['campaign_id']} (type {row['campaign_type']}), {row['estimate']:+.2f} per "
        f"contact [{row['low']:+.2f}, {row['high']:+.2f}] over all contacted, {row['design']}, measured "
        f"before {row['measured_as_of']}"
    )
