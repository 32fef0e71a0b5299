"""Rows that come again: a grown export holds the old rows too, and only what is new is added.

A table with a key keeps the row of the latest delivery per key. A table without one compares whole
rows: within a delivery equal rows count as often as they stand there, across deliveries the same
row is one row.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis

from dangol.sources.own.rows import ROW
from dangol.sources.own.staging import Staged


@dataclass(frozen=True)
class Kept:
    """One staged file with the rows that count.

    Attributes:
        staged: the file.
        load: number of its delivery, from 0.
        table: its rows that count, as a lazy expression.
        n_known: rows left out because another delivery holds them.
        amount_known: money of those rows.
    """

    staged: Staged
    load: int
    table: Any
    n_known: int = 0
    amount_known: float = 0.0


def without_known(files: Sequence[tuple[int, Staged]], folder: Path) -> list[Kept]:
    """Per file, the rows that count.

    Args:
        files: delivery number and staged file, all of one table, oldest delivery first.
        folder: for what has to be written down on the way.
    """
    if len({load for load, _ in files}) < 2:
        return [Kept(staged, load, staged.table) for load, staged in files]
    plan, engine = files[0][1].plan, files[0][1].engine
    parts = [
        staged.table.mutate(_file=ibis.literal(number, "int32"), _load=ibis.literal(load, "int32"))
        for number, (load, staged) in enumerate(files)
    ]
    target = folder / f"{plan.table}-all.parquet"
    _marked(ibis.union(*parts), plan.key).order_by("_file", ROW).to_parquet(target)
    everything = engine.read_parquet(target)
    return [
        _kept(load, staged, everything.filter(everything["_file"] == i), plan.money)
        for i, (load, staged) in enumerate(files)
    ]


def _marked(rows: Any, key: Sequence[str]) -> Any:
    """All rows with ``_counts``: whether this is the row that holds."""
    if key:
        has_key = ibis.and_(*(rows[name].notnull() for name in key))
        latest = rows["_load"].max().over(ibis.window(group_by=list(key)))
        return rows.mutate(_counts=(rows["_load"] == latest) | ~has_key)
    cells = [name for name in rows.columns if name not in (ROW, "_file", "_load")]
    within = ibis.window(group_by=[*cells, "_load"], order_by=["_file", ROW])
    rows = rows.mutate(_nth=ibis.row_number().over(within))
    first = rows["_load"].min().over(ibis.window(group_by=[*cells, "_nth"]))
    return rows.mutate(_counts=rows["_load"] == first).drop("_nth")


def _kept(load: int, staged: Staged, rows: Any, money: str) -> Kept:
    known = rows.filter(~rows["_counts"])
    amount = known[money].sum() if money else ibis.literal(0.0)
    found = known.aggregate(n=known.count(), amount=amount).execute()
    amount_known = found["amount"].iloc[0]
    return Kept(
        staged,
        load,
        rows.filter(rows["_counts"]).drop("_counts", "_file", "_load"),
        int(found["n"].iloc[0]),
        float(amount_known) if amount_known == amount_known and amount_known is not None else 0.0,
    )
