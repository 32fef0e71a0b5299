"""Features from campaigns: what was sent to a customer, and what came back."""

import ibis
import ibis.expr.types as ir

from dangol.features.events import days_between
from dangol.features.purchases import KEY


def contact_history(snapshots: ir.Table, contacts: ir.Table) -> ir.Table:
    """Contacts that went out before each snapshot; control arms were sent nothing."""
    sent = snapshots.join(contacts, contacts.contact_ts < snapshots.as_of)
    return (
        sent.filter(sent.arm != "control")
        .group_by(KEY)
        .agg(
            n_contacts=lambda t: t.count(),
            n_contacts_84d=lambda t: t.count(where=t.contact_ts >= t.as_of - ibis.interval(days=84)),
            days_since_contact=lambda t: days_between(t.as_of.max(), t.contact_ts.max()).cast("float64"),
        )
    )


def response_history(snapshots: ir.Table, responses: ir.Table) -> ir.Table:
    """Responses that came in before each snapshot."""
    came = snapshots.join(responses, responses.response_ts < snapshots.as_of)
    return came.group_by(KEY).agg(
        n_responses=lambda t: t.count(),
        n_campaigns_answered=lambda t: t.campaign_id.nunique(),
        days_since_response=lambda t: days_between(t.as_of.max(), t.response_ts.max()).cast("float64"),
    )
