"""The arguments of a simulation, checked all at once."""

from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, Literal

import pandas as pd

from dangol.simulator.purchases import ParetoProcess, Process, PurchaseProcess
from dangol.simulator.spend import GammaGammaSpend, LognormalSpend, Spend

_MAX_CUSTOMERS = 10_000_000
_MAX_DOSE = 20.0
_MAX_PRICE_RESPONSE = 3.0
_SEASONS = ("none", "weekly", "yearly", "both")
_PROCESSES = {item.name: item for item in (PurchaseProcess, ParetoProcess)}

Season = Literal["none", "weekly", "yearly", "both"]


@dataclass(frozen=True)
class Arguments:
    """What a world is made from.

    Attributes:
        n_customers: customers who place at least one order.
        seed: from 0 on.
        start: first day, inclusive, ``YYYY-MM-DD``.
        end: exclusive end, ``YYYY-MM-DD``; no order, contact or complaint is on or after it.
        process: purchase process with its parameters, or ``BG/NBD`` or ``Pareto/NBD`` for their
            defaults.
        seasonality: whether week-ends and winters are busier: ``weekly``, ``yearly``, ``both`` or
            ``none``; True and False stand for the last two.
        with_campaigns: whether there are campaigns (about one in 57 days from day 42 on).
        holdout_share: share of each campaign's eligible customers who are held out at random.
        dirt_dose: 1 for the usual faults, 0 for a clean world, 2 for twice as many.
        spend: planted distribution of order values; None leaves them to what is in the baskets.
        price_response: multiplies the planted price elasticities of the baskets; 0 for none.
        refund_share: share of orders of which one line is brought back.
    """

    n_customers: int = 2_000
    seed: int = 1
    start: str = "2016-01-01"
    end: str = "2018-01-01"
    process: Process | str = field(default_factory=PurchaseProcess)
    seasonality: bool | Season = True
    with_campaigns: bool = True
    holdout_share: float = 0.25
    dirt_dose: float = 1.0
    spend: Spend | None = None
    price_response: float = 1.0
    refund_share: float = 0.02

    @property
    def purchase_process(self) -> Process:
        """The process, also where only its name was given."""
        return _PROCESSES[self.process]() if isinstance(self.process, str) else self.process

    @property
    def elasticity_strength(self) -> float:
        """``price_response``; 0 where order values are planted, since units follow from them then."""
        return self.price_response if self.spend is None else 0.0

    def has_seasons(self, kind: str) -> bool:
        """Whether the ``weekly`` or ``yearly`` season is on."""
        return self.seasonality is True or self.seasonality in ("both", kind)

    def check(self) -> None:
        """Refuse what cannot be simulated.

        Raises:
            ValueError: listing every fault: expected, received, what to change.
        """
        faults = [*self._number_faults(), *self._date_faults(), *self._choice_faults()]
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
        for name in ("holdout_share", "refund_share"):
            value = getattr(self, name)
            if not _is_number(value) or not 0 <= value < 1:
                faults.append(f"{name}: expected a share from 0 to below 1, received {value!r}")
        for name, highest in (("dirt_dose", _MAX_DOSE), ("price_response", _MAX_PRICE_RESPONSE)):
            value = getattr(self, name)
            if not _is_number(value) or not 0 <= value <= highest:
                faults.append(f"{name}: expected a number from 0 to {highest:g}, received {value!r}")
        return faults

    def _date_faults(self) -> list[str]:
        faults, days = [], []
        for name in ("start", "end"):
            received = getattr(self, name)
            try:
                day = pd.Timestamp(received)
                is_day = not pd.isna(day) and day.tz is None and day == day.normalize()
            except (ValueError, TypeError):
                is_day = False
            if is_day:
                days.append(day)
            else:
                faults.append(f"{name}: expected a date like 2016-01-01, received {received!r}")
        if len(days) == 2 and not 28 <= (days[1] - days[0]).days <= 3660:
            faults.append(f"end: expected 28 to 3660 days after start {self.start}, received {self.end}")
        return faults

    def _choice_faults(self) -> list[str]:
        faults = []
        if isinstance(self.process, str):
            if self.process not in _PROCESSES:
                faults.append(f"process: expected {' or '.join(_PROCESSES)}, received {self.process!r}")
        else:
            faults += _parameter_faults("process", self.process, (PurchaseProcess, ParetoProcess))
        if not isinstance(self.seasonality, bool) and self.seasonality not in _SEASONS:
            faults.append(
                f"seasonality: expected True, False or one of {', '.join(_SEASONS)}, "
                f"received {self.seasonality!r}"
            )
        if self.spend is not None:
            faults += _parameter_faults("spend", self.spend, (GammaGammaSpend, LognormalSpend))
        if isinstance(self.spend, GammaGammaSpend) and _is_number(self.spend.q) and self.spend.q <= 1:
            faults.append(
                f"spend.q: expected a number above 1, else no mean exists, received {self.spend.q!r}"
            )
        for name in ("with_campaigns",):
            if not isinstance(getattr(self, name), bool):
                faults.append(f"{name}: expected True or False, received {getattr(self, name)!r}")
        return faults


def _parameter_faults(name: str, value: Any, kinds: tuple[type, ...]) -> list[str]:
    if not is_dataclass(value) or not isinstance(value, kinds):
        expected = " or ".join(kind.__name__ for kind in kinds)
        return [f"{name}: expected a {expected}, received {value!r}"]
    received = {item.name: getattr(value, item.name) for item in fields(value)}
    return [
        f"{name}.{key}: expected a number above 0, received {number!r}"
        for key, number in received.items()
        if not _is_number(number) or not 0 < number < float("inf")
    ]


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
