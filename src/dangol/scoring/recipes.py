"""How the inputs of each registered model are made, by the same code as in the notebook that trained it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from dangol import tables
from dangol.behavior import behavior_data, category_history, customer_behavior, sequence_history
from dangol.behavior.pace import Pace
from dangol.errors import InputError
from dangol.features import EventLog, SnapshotDates
from dangol.features.assortment import department_columns
from dangol.features.events import UNKNOWN, by_column_name
from dangol.response import CampaignLog, describe_all, labelled_contacts, next_contacts
from dangol.tracking.fetching import FetchedModel
from dangol.workspace import RunFolder


@dataclass(frozen=True)
class Prepared:
    """Rows to be scored.

    Attributes:
        inputs: what the model sees, one row per row to score; may lack columns of the model.
        predict: takes the loaded estimator to one row of results per row, keys first.
        score: the column that is the score, a probability.
        meaning: of the score, in words.
    """

    inputs: pd.DataFrame
    predict: Callable[[Any], pd.DataFrame]
    score: str
    meaning: str


def behavior_rows(folder: RunFolder, model: FetchedModel) -> Prepared:
    """Every customer with an order before the date, as notebook 05 describes them."""
    log, as_of = event_log(folder), folder.as_of
    horizon_days = int(model.parameters["horizon_days"])
    names = _product_names(log)
    departments = _with_columns(department_columns(names["department"]), model, "{}_share_84d")
    customers = tables.CUSTOMERS.read(folder)
    dates = SnapshotDates(train=[], test=as_of, as_of=as_of)
    data = behavior_data(log, customers, dates, horizon_days, departments)
    categories = _with_columns(by_column_name(names["category"]), model, "category_{}_amount_84d")
    bought = category_history(log, data, categories)
    weeks = sequence_history(log, data, int(model.parameters["n_weeks"]))
    made = pd.concat([data.inputs, bought, weeks], axis=1)
    inputs = made[[name for name in model.inputs if name in made]]  # new attributes are none of its business
    paces = _paces(model, horizon_days)
    expected = pd.DataFrame({name: pace.expected(data.features) for name, pace in paces.items()})

    def predict(estimator: Any) -> pd.DataFrame:
        found = customer_behavior(estimator, data.rows["customer_id"], inputs, expected, as_of)
        return found.drop(columns="model")

    return Prepared(inputs, predict, "lapse_prob", f"no order within {horizon_days} days")


def response_rows(folder: RunFolder, model: FetchedModel) -> Prepared:
    """Every customer and campaign type that could be sent on the date, as notebook 07 describes them."""
    log = campaign_log(folder)
    planned = next_contacts(log, folder.as_of)
    past = labelled_contacts(log, known_before=folder.as_of)
    inputs = describe_all(log, [past, planned])[1]

    def predict(estimator: Any) -> pd.DataFrame:
        prob = estimator.predict_proba(inputs)[:, 1].astype("float64")
        return planned[["customer_id", "campaign_type"]].assign(response_prob=prob)

    return Prepared(inputs, predict, "response_prob", "an answer to the next campaign of the type")


RECIPES: Mapping[str, Callable[[RunFolder, FetchedModel], Prepared]] = {
    "behavior_network": behavior_rows,
    "response_network": response_rows,
}


def campaign_log(folder: RunFolder) -> CampaignLog:
    """The campaign tables of a run, as notebook 07 opens them.

    Raises:
        MissingTableError: if contacts, responses or campaigns are missing.
    """
    return CampaignLog(
        events=event_log(folder) if tables.TRANSACTIONS.exists(folder) else None,
        customers=tables.CUSTOMERS.read(folder),
        campaigns=tables.CAMPAIGNS.read(folder),
        contacts=tables.CONTACTS.read(folder),
        responses=tables.RESPONSES.read(folder),
        campaign_products=tables.CAMPAIGN_PRODUCTS.read_if_any(folder),
    )


def event_log(folder: RunFolder) -> EventLog:
    """The order log of a run, as the notebooks open it."""
    return EventLog(
        tables.TRANSACTIONS.expr(folder),
        tables.PRODUCTS.expr_if_any(folder),
        tables.CONTACTS.expr_if_any(folder),
        tables.RESPONSES.expr_if_any(folder),
    )


def _paces(model: FetchedModel, horizon_days: int) -> dict[str, Pace]:
    """What the network's orders and spend are multiples of."""
    kept = model.reference["constants"]
    try:
        return {
            "spend": Pace.of_constants("amount", horizon_days, kept),
            "orders": Pace.of_constants("n_orders", horizon_days, kept),
        }
    except KeyError as error:
        raise InputError(
            f"{model.label} comes from an older notebook 05 and lacks {error}, without which spend cannot "
            "be read. Train it again (dangol run --only 05), then score with the new version."
        ) from None


def _product_names(log: EventLog) -> dict[str, list[str]]:
    """Departments and categories the data set knows."""
    if log.products is None:
        return {"department": [], "category": []}
    found = log.products.select("department", "category").distinct().execute()
    return {column: [*found[column].dropna().unique(), UNKNOWN] for column in found}


def _with_columns(names: Mapping[str, list[str]], model: FetchedModel, form: str) -> list[str]:
    """Those of the names, by the part of a column they give, that the model has a column for."""
    wanted = set(model.inputs)
    return sorted(name for part, members in names.items() if form.format(part) in wanted for name in members)
