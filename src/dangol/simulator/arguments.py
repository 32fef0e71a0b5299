"""The arguments of a simulation, checked all at once."""

from dataclasses import dataclass, field

import pandas as pd

from dangol.simulator.purchases import PurchaseProcess

_MAX_CUSTOMERS = 10_000_000
_MAX_DOSE = 20.0


@dataclass(frozen=True)
class Arguments:
    """What a world is made from.

    Attributes:
        n_customers: customers who place at least one order.
        seed: from 0 on.
        start: first day, inclusive, ``YYYY-MM-DD``.
        end: exclusive end, ``YYYY-MM-DD``; no event of any table is on or after it.
        process: parameters of the BG/NBD purchase process.
        seasonality: whether week-ends and winters are busier.
        with_campaigns: whether there are campaigns (about one in 57 days from day 42 on).
        holdout_share: share of each campaign's eligible customers who are held out at random.
        dirt_dose: 1 for the usual faults and refunds, 0 for a clean world, 2 for twice as many.
    """

    n_customers: int = 2_000
    seed: int = 1
    start: str = "2016-01-01"
    end: str = "2018-01-01"
    process: PurchaseProcess = field(default_factory=PurchaseProcess)
    seasonality: bool = True
    with_campaigns: bool = True
    holdout_share: float = 0.25
    dirt_dose: float = 1.0

    def check(self) -> None:
        """Refuse what cannot be simulated.

        Raises:
            ValueError: listing every fault: expected, received, what to change.
        """
        faults = [*self._number_faults(), *self._date_faults(), *self._process_faults()]
        if faults:
            listed = "\n".join(f"  - {fault}" for fault in faults)
            raise ValueError(
                f"cannot simulate, {len(faults)} argument(s) are unusable:\n{listed}\n"
                "Change them and call again."
            )

    def _number_faults(self) -> list[str]:
        faults = []
        if not _is_whole(self.n_customers) or not 1 <= self.n_customers <= _MAX_CUSTOMERS:
            faults.append(
                f"n_customers: expected a whole number from 1 to {_MAX_CUSTOMERS:,}, "
                f"received {self.n_customers!r}"
            )
        if not _is_whole(self.seed) or self.seed < 0:
            faults.append(f"seed: expected a whole number from 0 on, received {self.seed!r}")
        if not _is_number(self.holdout_share) or not 0 <= self.holdout_share < 1:
            faults.append(
                f"holdout_share: expected a share from 0 to below 1, received {self.holdout_share!r}"
            )
        if not _is_number(self.dirt_dose) or not 0 <= self.dirt_dose <= _MAX_DOSE:
            faults.append(
                f"dirt_dose: expected a number from 0 to {_MAX_DOSE:g}, received {self.dirt_dose!r}"
            )
        return faults

    def _date_faults(self) -> list[str]:
        faults, days = [], []
        for name in ("start", "end"):
            received = getattr(self, name)
            try:
                day = pd.Timestamp(received)
                is_day = day.tz is None and day == day.normalize()
            except (ValueError, TypeError):
                is_day = False
            if is_day:
                days.append(day)
            else:
                faults.append(f"{name}: expected a date like 2016-01-01, received {received!r}")
        if len(days) == 2 and not 28 <= (days[1] - days[0]).days <= 3660:
            faults.append(f"end: expected 28 to 3660 days after start {self.start}, received {self.end}")
        return faults

    def _process_faults(self) -> list[str]:
        if not isinstance(self.process, PurchaseProcess):
            return [f"process: expected a PurchaseProcess, received {self.process!r}"]
        return [
            f"process.{name}: expected a number above 0, received {value!r}"
            for name, value in vars(self.process).items()
            if not _is_number(value) or not 0 < value < float("inf")
        ]


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
