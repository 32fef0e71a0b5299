"""The contact list that leaves the house: minimal columns, with a manifest, whole or not at all."""

from pathlib import Path
from typing import Any

import pandas as pd

from dangol.errors import DangolError
from dangol.files import replacing, sha256_of_file, write_json
from dangol.workspace import RunFolder, reports_folder

COLUMNS = ("customer_id", "campaign_type", "channel", "planned_date", "offer_category")
LIST_NAME, MANIFEST_NAME = "contact_list.csv", "contact_list.json"


def contact_list(plan: pd.DataFrame, offers: pd.DataFrame | None) -> pd.DataFrame:
    """Who is contacted, how and when, with the customer's best offer; nothing else about them.

    Args:
        plan: as in ``tables.CAMPAIGN_PLAN``.
        offers: as in ``tables.CUSTOMER_OFFER``; customers without one get an empty cell, all of
            them if there are no offers (None).

    Raises:
        DangolError: if a customer would be both contacted and held out.
    """
    sent = plan[plan["arm"] == "contact"]
    held_out = set(plan.loc[plan["arm"] == "holdout", "customer_id"])
    clash = held_out.intersection(sent["customer_id"])
    if clash:
        raise DangolError(f"{len(clash)} held-out customers are on the contact list. Nothing was exported.")
    if offers is None:
        sent = sent.assign(offer_category="")
    else:
        best = offers[offers["offer_rank"] == 1].set_index("customer_id")["category"]
        sent = sent.assign(offer_category=sent["customer_id"].map(best))
    return sent[list(COLUMNS)].sort_values("customer_id", ignore_index=True)


def export_contacts(contacts: pd.DataFrame, folder: RunFolder, parameters: dict[str, Any]) -> Path:
    """Write list and manifest below the run's report.

    The manifest (rows, hash of the list, parameters, run) is written last: a list whose hash it does
    not state is not a finished export.

    Returns:
        The list's path.
    """
    target = reports_folder(folder.dataset, folder.as_of, folder.variant) / "exports"
    path = target / LIST_NAME
    with replacing(path) as temporary:
        contacts.to_csv(temporary, index=False, lineterminator="\n")
        manifest = {
            "file": LIST_NAME,
            "n_rows": len(contacts),
            "columns": list(contacts.columns),
            "sha256": sha256_of_file(temporary),
            "run": f"{folder.dataset}/{folder.as_of}/{folder.variant}",
            "parameters": parameters,
        }
    write_json(manifest, target / MANIFEST_NAME)
    return path
