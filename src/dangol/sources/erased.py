"""Who was erased: pseudonymous marks that keep a person's rows out of every later load.

Raw files are never edited. What is kept of an erased person is a keyed digest of each of their ids; it
can be compared with an id that comes in, not read. It is no anonymity: whoever holds the file and
tries all ids can tell which of them were erased.
"""

import hashlib
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from dangol.files import sha256_of_file, write_json
from dangol.warehouse.integrate import Delivery
from dangol.warehouse.lazy_intake import LazyIntake
from dangol.workspace import home

RULE = "erased"
_REASON = "erased on request"
_DIGEST_BYTES = 16


def marks_file(dataset: str) -> Path:
    """Where the marks of a data set lie."""
    return home() / "data" / "erased" / f"{dataset}.json"


@dataclass(frozen=True)
class Marks:
    """The erased ids of a data set.

    Attributes:
        salt: hexadecimal key of the digests, drawn once per data set.
        digests: of ``customer:<id>`` and ``record:<source>:<source_key>``.
    """

    salt: str
    digests: frozenset[str] = frozenset()

    def holds(self, name: str) -> bool:
        """Whether this name was erased."""
        return self._digest(name) in self.digests

    def with_names(self, names: Iterable[str]) -> "Marks":
        """These marks and those of further names."""
        return replace(self, digests=self.digests | {self._digest(name) for name in names})

    def found_in(self, prefix: str, values: pd.Series) -> pd.Series:
        """Boolean per value: whether ``prefix:value`` was erased; missing values never were."""
        erased = [value for value in values.dropna().unique().tolist() if self.holds(f"{prefix}:{value}")]
        return values.isin(erased)

    def _digest(self, name: str) -> str:
        key = bytes.fromhex(self.salt)
        return hashlib.blake2b(name.encode(), key=key, digest_size=_DIGEST_BYTES).hexdigest()


def read_marks(dataset: str) -> Marks | None:
    """The marks of a data set; None if nobody was erased from it."""
    path = marks_file(dataset)
    if not path.is_file():
        return None
    content = json.loads(path.read_text())
    return Marks(content["salt"], frozenset(content["digests"]))


def mark_erased(dataset: str, names: Iterable[str]) -> Path:
    """Add names to the marks of a data set, whole or not at all."""
    known = read_marks(dataset) or Marks(secrets.token_hex(_DIGEST_BYTES))
    marks = known.with_names(names)
    write_json({"salt": marks.salt, "digests": sorted(marks.digests)}, marks_file(dataset))
    return marks_file(dataset)


def digest_of_marks(dataset: str) -> str:
    """One name for who was erased; empty if nobody was."""
    path = marks_file(dataset)
    return sha256_of_file(path) if path.is_file() else ""


def without_erased(delivery: Delivery, dataset: str) -> Delivery:
    """A delivery without the rows of erased people; in its books they are set aside and counted."""
    marks = read_marks(dataset)
    if marks is None:
        return delivery
    for intake in delivery.intakes:
        if isinstance(intake, LazyIntake):
            if "customer_id" in intake.rows.columns:
                keys = intake.keys("customer_id")
                erased = keys[marks.found_in("customer", keys)].tolist()
                intake.set_aside(intake.rows["customer_id"].isin(erased), _REASON, RULE)
        elif (rows := _erased_rows(intake.frame, marks)).any():
            intake.set_aside(rows, _REASON, RULE)
    return replace(
        delivery,
        derived={name: _kept(frame, marks) for name, frame in delivery.derived.items()},
        earlier_people=tuple(_kept(frame, marks) for frame in delivery.earlier_people),
    )


def _erased_rows(frame: pd.DataFrame, marks: Marks) -> pd.Series:
    rows = pd.Series(False, index=frame.index)
    if "customer_id" in frame:
        rows |= marks.found_in("customer", frame["customer_id"])
    if {"source", "source_key"} <= set(frame):
        rows |= marks.found_in(
            "record", frame["source"].astype("str") + ":" + frame["source_key"].astype("str")
        )
    return rows


def _kept(frame: Any, marks: Marks) -> Any:
    return frame[~_erased_rows(frame, marks)].reset_index(drop=True)
