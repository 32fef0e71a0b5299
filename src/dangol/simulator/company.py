"""What all customers of a simulated company share."""

from dataclasses import dataclass

import pandas as pd

from dangol.simulator.arguments import Arguments
from dangol.simulator.catalogue import Catalogue, draw_catalogue
from dangol.simulator.clock import Clock
from dangol.simulator.offers import plan_campaigns
from dangol.simulator.streams import stream

# The unit of random numbers: they depend on it, so it is fixed. About 150,000 order lines.
CUSTOMERS_PER_BLOCK = 500


@dataclass(frozen=True)
class Company:
    """The clock, the catalogue, the calendar of campaigns."""

    arguments: Arguments
    clock: Clock
    catalogue: Catalogue
    plan: pd.DataFrame
    customers_per_block: int

    @property
    def n_blocks(self) -> int:
        """Number of blocks of customers."""
        return -(-self.arguments.n_customers // self.customers_per_block)


def found(arguments: Arguments) -> Company:
    """Set up the company.

    Raises:
        ValueError: listing every unusable argument.
    """
    arguments.check()
    clock = Clock(
        pd.Timestamp(arguments.start),
        pd.Timestamp(arguments.end),
        is_weekly=arguments.has_seasons("weekly"),
        is_yearly=arguments.has_seasons("yearly"),
    )
    plan = plan_campaigns(stream(arguments.seed, "campaign_plan"), clock, arguments.holdout_share)
    if not arguments.with_campaigns:
        plan = plan.iloc[:0]
    catalogue = draw_catalogue(stream(arguments.seed, "catalogue"))
    return Company(arguments, clock, catalogue, plan, CUSTOMERS_PER_BLOCK)
