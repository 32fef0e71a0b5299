"""A data set that notebook 01 has taken in, and a registered model that needs no network to score it."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dangol import tables
from dangol.drift import reference_of
from dangol.scoring import recipes
from dangol.tracking.fetching import FetchedModel
from dangol.workspace import RunFolder

AS_OF = "2017-12-03"


class Scale:
    """Stands for a network: a hundredth of the recency."""

    def predict(self, inputs: pd.DataFrame) -> np.ndarray:
        return inputs["recency_days"].to_numpy() / 100


class ToyModel(FetchedModel):
    def load(self) -> Scale:
        return Scale()


def rows(n: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame({"recency_days": rng.integers(1, 90, n), "region": rng.choice(["a", "b"], n)})


@pytest.fixture
def shop(home: Path) -> RunFolder:
    """Customers of a toy shop; their inputs lie beside the table, to be changed by a test."""
    folder = RunFolder("toy_shop", AS_OF, "full", "01")
    customers = pd.DataFrame({"customer_id": np.arange(500), "first_seen_date": pd.Timestamp("2017-01-01")})
    tables.CUSTOMERS.write(customers, folder)
    rows(500, 1).to_parquet(home / "inputs.parquet")
    return folder


@pytest.fixture
def registered(shop, home, monkeypatch) -> ToyModel:
    """A model of the toy shop, as the registry would give it, and how its inputs are made."""
    reference = json.loads(json.dumps({**reference_of(rows(2_000, 0)), "constants": {}}))
    model = ToyModel(
        "toy_shop.toy", 3, "abc123", {"as_of": AS_OF}, ("recency_days", "region"), reference, home / "m"
    )

    def recipe(folder: RunFolder, fetched: FetchedModel) -> recipes.Prepared:
        inputs = pd.read_parquet(home / "inputs.parquet")
        customer_id = tables.CUSTOMERS.read(folder)["customer_id"]

        def predict(estimator: Scale) -> pd.DataFrame:
            return pd.DataFrame({"customer_id": customer_id, "toy_prob": estimator.predict(inputs)})

        return recipes.Prepared(inputs, predict, "toy_prob", "nothing at all")

    monkeypatch.setattr("dangol.scoring.score.RECIPES", {"toy": recipe})
    monkeypatch.setattr("dangol.scoring.score.fetch_model", lambda *_: model)
    return model
