"""What a run recovered and what was planted, side by side; either may lack a table."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from dangol.contracts import Table
from dangol.records import MetricValue, metrics_of
from dangol.simulator.clock import Clock
from dangol.simulator.purchases import expected_orders, is_active
from dangol.workspace import RunFolder, raw_folder


@dataclass(frozen=True)
class Results:
    """A run on simulated data.

    Attributes:
        run: the run; which notebook it belongs to does not matter.
    """

    run: RunFolder

    @property
    def as_of(self) -> pd.Timestamp:
        """Snapshot date of the run, exclusive."""
        return pd.Timestamp(self.run.as_of)

    @cached_property
    def _truth_folder(self) -> Path:
        return raw_folder(self.run.dataset) / "truth"

    @cached_property
    def parameters(self) -> dict[str, Any]:
        """Arguments and planted parameters of the simulation."""
        return json.loads((self._truth_folder / "parameters.json").read_text("utf-8"))

    def truth(self, name: str) -> pd.DataFrame:
        """A truth table, as described in ``dangol.simulator.World``."""
        return pd.read_parquet(self._truth_folder / f"{name}.parquet")

    def has(self, *tables: Table) -> bool:
        """Whether the run has all of these tables."""
        return all(table.exists(self.run) for table in tables)

    def table(self, table: Table) -> pd.DataFrame:
        """A table of the run."""
        return table.read(self.run)

    def metric(self, notebook: str, name: str) -> MetricValue | None:
        """A recorded figure; None if there is none."""
        return metrics_of(self.run.of(notebook)).get(name)

    @cached_property
    def customers(self) -> pd.DataFrame:
        """The truth about customers, by ``customer_id``, with ``is_active`` on the snapshot date."""
        frame = self.truth("customers")
        return frame.assign(is_active=is_active(frame, self.as_of)).set_index("customer_id")

    def expected_orders(self, horizon_days: int) -> pd.Series:
        """True expected orders after the snapshot date, by ``customer_id``, campaigns left out."""
        given = self.parameters["arguments"]
        seasons = given["seasonality"]
        clock = Clock(
            pd.Timestamp(given["start"]),
            self.as_of + pd.Timedelta(days=horizon_days),
            is_weekly=seasons in (True, "both", "weekly"),
            is_yearly=seasons in (True, "both", "yearly"),
        )
        return expected_orders(self.customers.reset_index(), self.as_of, horizon_days, clock)


def has_truth(dataset: str) -> bool:
    """Whether the data set comes with what was planted in it."""
    return (raw_folder(dataset) / "truth" / "parameters.json").is_file()
