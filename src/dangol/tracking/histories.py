"""Losses per epoch, as the networks' notebooks leave them in CSV files."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class LossPoint:
    """One loss of one network after one epoch."""

    name: str
    epoch: int
    value: float


def read_histories(folder: Path) -> Iterator[LossPoint]:
    """All points of all ``<network>.csv`` of a folder; named ``<network>.<loss>``."""
    for path in sorted(folder.glob("*.csv")):
        with path.open(newline="") as stream:
            for row in csv.DictReader(stream):
                epoch = int(float(row.pop("epoch")))
                yield from (
                    LossPoint(f"{path.stem}.{name}", epoch, float(value))
                    for name, value in row.items()
                    if value
                )
