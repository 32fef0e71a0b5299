"""The whole simulated company: canonical tables in, planted truth beside them."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from dangol.files import replacing, write_json
from dangol.progress import counted
from dangol.simulator import affinities, effects
from dangol.simulator.arguments import Arguments, Season
from dangol.simulator.blocks import Block, BlockDraw
from dangol.simulator.catalogue import elasticity_table, stores
from dangol.simulator.company import Company, found
from dangol.simulator.planted import frequency_table, planted_parameters
from dangol.simulator.purchases import Process, PurchaseProcess
from dangol.simulator.spend import Spend


@dataclass(frozen=True)
class World:
    """A simulated company.

    Attributes:
        tables: the canonical tables ``customers``, ``products``, ``stores``, ``transactions``,
            ``campaigns``, ``contacts``, ``responses``, ``events`` and ``people``, with the dirt that
            real exports have. ``people`` are raw records: one person stands in several systems.
        truth: what was planted.

            - ``customers``, one per customer: ``planted_segment``, ``purchase_rate_week``,
              ``dropout_rate_week`` (while active), ``first_order_ts``, ``dropout_ts`` (when the
              customer left; NaT while active), ``is_alive`` at the end, ``mean_order_amount``
              (expected, before coupons), ``discount_share``, ``online_share``, ``responsiveness``.
            - ``affinities``, one per planted pair of categories: ``lift`` inside every segment,
              ``pooled_lift`` over all baskets; ``segment_affinities``, one per pair and segment.
            - ``elasticities``, one per segment and category: per cent more units at one per cent more
              price.
            - ``campaign_effects``, one per campaign, ``arm_effects``, one per campaign and arm, and
              ``contact_effects``, one per customer and campaign, held out or not: orders and amount
              in the window with the contact minus without it. ``effect_by_week``: how the effect runs
              out. ``customer_uplift``: what a contact would bring, per customer and campaign type.
            - ``contact_frequency``, one per number of contacts a month: the share of the best
              effect; one row ``is_best``.
            - ``refunds``, one per refund: the order and product it gives back.
            - ``complaints``, one per complaint: topic, language, whether the customer leaves.
            - ``identity``, one per record of ``people``: the person and household it belongs to, and
              the fields with a slip.
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
    process: Process | str | None = None,
    seasonality: bool | Season = True,
    with_campaigns: bool = True,
    holdout_share: float = 0.25,
    dirt_dose: float = 1.0,
    spend: Spend | None = None,
    price_response: float = 1.0,
    refund_share: float = 0.02,
) -> World:
    """Simulate a grocery-like company whose every mechanism is known.

    The same arguments give bit-equal tables; global random state is neither read nor changed.
    A part that is switched off leaves the random numbers of the others as they were. Rows come in
    blocks of 500 customers, inside a block by time.

    Args: as described in ``Arguments``; ``process`` None stands for its defaults.

    Returns:
        Tables and truth. Amounts in currency units, rounded to cents; instants without time zone.

    Raises:
        ValueError: listing every unusable argument.

    >>> world = simulate(n_customers=50, seed=7, start="2016-01-01", end="2016-07-01")
    >>> world.tables["customers"]["customer_id"].nunique()
    50
    """
    arguments = Arguments(
        n_customers,
        seed,
        start,
        end,
        PurchaseProcess() if process is None else process,
        seasonality,
        with_campaigns,
        holdout_share,
        dirt_dose,
        spend,
        price_response,
        refund_share,
    )
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
    arm_sums: pd.DataFrame
    n_segment_orders: np.ndarray

    @classmethod
    def of(cls, block: Block) -> "Sums":
        """The sums of one block."""
        return cls(block.dirt, block.arm_sums, block.n_segment_orders)


def summed_truth(company: Company, sums: list[Sums]) -> dict[str, pd.DataFrame]:
    """The truth tables that do not grow with the number of customers."""
    dirt = pd.concat([part.dirt for part in sums]).groupby(["table", "fault"], sort=False).sum().reset_index()
    n_orders = np.sum([part.n_segment_orders for part in sums], axis=0)
    by_arm = [part.arm_sums for part in sums]
    campaigns = effects.campaign_effects(by_arm, company.plan)
    return {
        "affinities": affinities.pooled_affinities(company.catalogue, n_orders),
        "segment_affinities": affinities.affinity_table(company.catalogue),
        "elasticities": elasticity_table(company.arguments.elasticity_strength),
        "campaign_effects": campaigns,
        "arm_effects": effects.arm_effects(by_arm, company.plan),
        "effect_by_week": effects.effect_by_week(campaigns, company.plan, company.clock),
        "contact_frequency": frequency_table(),
        "dirt": dirt.round({"amount": 2}),
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


def simulate_to(folder: Path, arguments: Arguments, *, customers_per_batch: int = 10_000) -> None:
    """Simulate into Parquet files with bounded memory: the tables ``write_world`` would write.

    Batches of customers go to the files one after the other (a row group each). All files take
    their names at the end; an interruption leaves none.

    Args:
        folder: created if missing; files of the same names are replaced.
        arguments: as for ``simulate``.
        customers_per_batch: how many are held in memory at once, at least; the tables do not depend
            on it. 10,000 customers of two years take less than 1 GB.

    Raises:
        ValueError: listing every unusable argument.
    """
    company = found(arguments)
    sums: list[Sums] = []
    blocks_per_batch = max(customers_per_batch // company.customers_per_block, 1)
    blocks = counted(each_block(company), "simulate blocks of customers", company.n_blocks)
    with ExitStack() as stack:
        writers: dict[Path, pq.ParquetWriter] = {}
        while batch := list(islice(blocks, blocks_per_batch)):
            sums += [Sums.of(block) for block in batch]
            for below, part in ((folder, "tables"), (folder / "truth", "truth")):
                for name in getattr(batch[0], part):
                    frame = _joined([getattr(block, part)[name] for block in batch])
                    rows = pa.Table.from_pandas(frame, preserve_index=False)
                    path = below / f"{name}.parquet"
                    if path not in writers:
                        temporary = stack.enter_context(replacing(path))
                        writer = pq.ParquetWriter(temporary, rows.schema, compression="zstd")
                        writers[path] = stack.enter_context(writer)
                    writers[path].write_table(rows)
            del batch
        _write_frames(common_tables(company), folder)
        _write_frames(summed_truth(company, sums), folder / "truth")
    write_json(planted_parameters(arguments), folder / "truth" / "parameters.json")


def _write_frames(frames: Mapping[str, pd.DataFrame], folder: Path) -> None:
    for name, frame in frames.items():
        with replacing(folder / f"{name}.parquet") as temporary:
            frame.to_parquet(temporary, index=False, compression="zstd")
