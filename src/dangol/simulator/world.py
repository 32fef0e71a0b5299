"""The whole simulated company: canonical tables in, planted truth beside them."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from dangol.files import replacing, write_json
from dangol.simulator import baskets, effects, offers, transactions
from dangol.simulator.arguments import Arguments
from dangol.simulator.blocks import Block, BlockDraw, Company, found
from dangol.simulator.catalogue import stores
from dangol.simulator.purchases import PurchaseProcess
from dangol.simulator.segments import SEGMENTS


@dataclass(frozen=True)
class World:
    """A simulated company.

    Attributes:
        tables: the canonical tables ``customers``, ``products``, ``stores``, ``transactions``,
            ``campaigns``, ``contacts``, ``responses``, with the dirt that real exports have.
        truth: what was planted.

            - ``customers``, one per customer: ``planted_segment``, ``purchase_rate_week``,
              ``dropout_prob``, ``first_order_ts``, ``dropout_ts`` (time of the last organic order;
              NaT while active), ``is_alive`` at the end, ``mean_order_amount`` (expected, before
              coupons), ``discount_share``, ``online_share``, ``responsiveness``.
            - ``affinities``, one per planted pair of categories: ``lift`` inside every segment,
              ``pooled_lift`` over all baskets; ``segment_affinities``, one per pair and segment.
            - ``campaign_effects``, one per campaign, and ``contact_effects``, one per customer and
              campaign, held out or not: orders and amount in the window with the contact minus
              without it.
            - ``refunds``, one per refund: the order and product it gives back.
            - ``dirt``, one per kind of fault: rows and their amount.
        truth_parameters: the arguments and every planted parameter, plain types only.
    """

    tables: Mapping[str, pd.DataFrame]
    truth: Mapping[str, pd.DataFrame]
    truth_parameters: Mapping[str, Any]


def simulate(
    n_customers: int = 2_000,
    seed: int = 1,
    start: str = "2016-01-01",
    end: str = "2018-01-01",
    *,
    process: PurchaseProcess | None = None,
    seasonality: bool = True,
    with_campaigns: bool = True,
    holdout_share: float = 0.25,
    dirt_dose: float = 1.0,
) -> World:
    """Simulate a grocery-like company whose every mechanism is known.

    The same arguments give bit-equal tables; global random state is neither read nor changed.
    A part that is switched off leaves the random numbers of the others as they were. Rows come in
    blocks of 10,000 customers, inside a block by time.

    Args: as described in ``Arguments``; ``process`` None stands for its defaults.

    Returns:
        Tables and truth. Amounts in currency units, rounded to cents; instants without time zone.

    Raises:
        ValueError: listing every unusable argument.

    >>> world = simulate(n_customers=50, seed=7, start="2016-01-01", end="2016-07-01")
    >>> world.tables["customers"]["customer_id"].nunique()
    50
    """
    purchase_process = PurchaseProcess() if process is None else process
    given = (n_customers, seed, start, end, purchase_process, seasonality, with_campaigns)
    arguments = Arguments(*given, holdout_share, dirt_dose)
    company = found(arguments)
    parts = list(each_block(company))
    tables = {name: _joined([part.tables[name] for part in parts]) for name in parts[0].tables}
    truth = {name: _joined([part.truth[name] for part in parts]) for name in parts[0].truth}
    return World(
        tables=tables | common_tables(company),
        truth=truth | summed_truth(company, [Sums.of(part) for part in parts]),
        truth_parameters=planted_parameters(arguments),
    )


def each_block(company: Company) -> Iterator[Block]:
    """The company's customers, block after block."""
    n_orders = 0
    for number in range(company.n_blocks):
        block = BlockDraw(company, number, n_orders + 1).block()
        n_orders += block.n_orders
        yield block
        # not kept while the next one is drawn
        del block


def _joined(frames: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0]


def common_tables(company: Company) -> dict[str, pd.DataFrame]:
    """The tables that do not grow with the number of customers."""
    return {
        "products": company.catalogue.products,
        "stores": stores(),
        "campaigns": company.plan.drop(columns=["start_s", "end_s", "kind"]),
    }


@dataclass(frozen=True)
class Sums:
    """What is added up over blocks: see ``Block``."""

    dirt: pd.DataFrame
    campaign_sums: pd.DataFrame
    n_segment_orders: np.ndarray

    @classmethod
    def of(cls, block: Block) -> "Sums":
        """The sums of one block."""
        return cls(block.dirt, block.campaign_sums, block.n_segment_orders)


def summed_truth(company: Company, sums: list[Sums]) -> dict[str, pd.DataFrame]:
    """The truth tables that do not grow with the number of customers."""
    dirt = pd.concat([part.dirt for part in sums]).groupby(["table", "fault"], sort=False).sum().reset_index()
    n_orders = np.sum([part.n_segment_orders for part in sums], axis=0)
    return {
        "affinities": baskets.pooled_affinities(company.catalogue, n_orders),
        "segment_affinities": baskets.affinity_table(company.catalogue),
        "campaign_effects": effects.campaign_effects([part.campaign_sums for part in sums], company.plan),
        "dirt": dirt.round({"amount": 2}),
    }


def planted_parameters(arguments: Arguments) -> dict[str, Any]:
    """Arguments and planted parameters, plain types only."""
    dose = arguments.dirt_dose
    return {
        "arguments": asdict(arguments),
        "segments": [asdict(segment) for segment in SEGMENTS],
        "campaign_types": [asdict(kind) for kind in offers.TYPES],
        "refunded_order_share": transactions.REFUNDED_ORDER_SHARE * dose,
        "unknown_product_line_share": transactions.UNKNOWN_PRODUCT_LINE_SHARE * dose,
        "zero_quantity_line_share": transactions.ZERO_QUANTITY_LINE_SHARE * dose,
    }


def write_world(world: World, folder: Path) -> None:
    """Write one Parquet file per table, and the truth below ``truth/``, each whole or not at all.

    Args:
        world: from ``simulate``.
        folder: created if missing; files of the same names are replaced.
    """
    _write_frames(world.tables, folder)
    _write_frames(world.truth, folder / "truth")
    write_json(dict(world.truth_parameters), folder / "truth" / "parameters.json")


def simulate_to(folder: Path, arguments: Arguments) -> None:
    """Simulate into Parquet files with bounded memory: the files ``write_world`` would write.

    Blocks of customers go to the files one after the other (a row group each). All files take their
    names at the end; an interruption leaves none.

    Args:
        folder: created if missing; files of the same names are replaced.
        arguments: as for ``simulate``.

    Raises:
        ValueError: listing every unusable argument.
    """
    company = found(arguments)
    sums = []
    with ExitStack() as stack:
        writers: dict[Path, pq.ParquetWriter] = {}
        for block in each_block(company):
            sums.append(Sums.of(block))
            for below, frames in ((folder, block.tables), (folder / "truth", block.truth)):
                for name, frame in frames.items():
                    rows = pa.Table.from_pandas(frame, preserve_index=False)
                    path = below / f"{name}.parquet"
                    if path not in writers:
                        temporary = stack.enter_context(replacing(path))
                        writer = pq.ParquetWriter(temporary, rows.schema, compression="zstd")
                        writers[path] = stack.enter_context(writer)
                    writers[path].write_table(rows)
            del block
        _write_frames(common_tables(company), folder)
        _write_frames(summed_truth(company, sums), folder / "truth")
    write_json(planted_parameters(arguments), folder / "truth" / "parameters.json")


def _write_frames(frames: Mapping[str, pd.DataFrame], folder: Path) -> None:
    for name, frame in frames.items():
        with replacing(folder / f"{name}.parquet") as temporary:
            frame.to_parquet(temporary, index=False, compression="zstd")
