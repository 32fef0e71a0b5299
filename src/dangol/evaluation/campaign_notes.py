"""What a reader should know beside a campaign's figures, in words."""

from typing import Any

import pandas as pd


def note_of(campaign: Any, outcome: pd.Series | None) -> str:
    """Remarks on one campaign, separated by semicolons; empty if there are none.

    Args:
        campaign: a row of `past_campaigns`.
        outcome: its main outcome by customer, if one was computed.
    """
    notes = []
    if campaign.is_running:
        n_days = (campaign.window_end - campaign.start_date).days
        planned = (campaign.end_date - campaign.start_date).days + 1
        notes.append(f"still running: {n_days} of {planned} days seen")
    if campaign.is_randomized and not campaign.is_in_log:
        notes.append("judged by its own answers: no order log shows what was bought meanwhile")
    n_negative = 0 if outcome is None else int((outcome < 0).sum())
    if n_negative:
        notes.append(f"{n_negative} customers with more refunds than purchases, kept as they are")
    if campaign.n_late_contacts:
        notes.append(f"{campaign.n_late_contacts} contacts after the window, counted as contacts")
    if campaign.is_randomized and campaign.n_responders and not campaign.n_control_responders:
        notes.append("all responses are in the contacted arms: they count contacts and are no effect")
    return "; ".join(notes)
