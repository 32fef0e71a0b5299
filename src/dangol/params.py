"""Typed, range-checked parameters: one class per notebook; the defaults live in the notebooks."""

from datetime import date
from typing import Annotated, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from dangol.workspace import DEFAULT_VARIANT, RunFolder


def _iso_date(value: str) -> str:
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise ValueError(f"expected a date like 2017-12-03, received {value!r}") from None


IsoDate = Annotated[str, AfterValidator(_iso_date)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=80)]
Share = Annotated[float, Field(ge=0, le=1)]
Money = Annotated[float, Field(ge=0, le=1e12)]
Days = Annotated[int, Field(ge=1, le=3660)]
Epochs = Annotated[int, Field(ge=1, le=1000)]


class Params(BaseModel):
    """What every notebook knows: which data, as of when, which seed.

    ``as_of`` is an exclusive end: features see only events strictly before it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    notebook: ClassVar[str] = ""

    dataset: Name
    as_of: IsoDate
    seed: Annotated[int, Field(ge=0, lt=2**31)]
    variant: Name = DEFAULT_VARIANT

    @property
    def folder(self) -> RunFolder:
        """The run's folder, as this notebook sees it."""
        return RunFolder(self.dataset, self.as_of, self.variant, self.notebook)


class IntegrateParams(Params):
    """Notebook 01."""

    notebook: ClassVar[str] = "01"
    contact_cost: Money
    set_aside: str

    @property
    def rules_set_aside(self) -> tuple[str, ...]:
        """``set_aside`` taken apart at its semicolons."""
        return tuple(name.strip() for name in self.set_aside.split(";") if name.strip())


class UnderstandParams(Params):
    """Notebook 02."""

    notebook: ClassVar[str] = "02"
    group_column: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
    repurchase_days: Days


class SegmentParams(Params):
    """Notebook 03."""

    notebook: ClassVar[str] = "03"
    n_segments: Annotated[int, Field(ge=2, le=12)]
    migration_days: Days
    new_days: Days
    at_risk_days: Days
    dormant_days: Days
    lost_days: Days


class ValueParams(Params):
    """Notebook 04."""

    notebook: ClassVar[str] = "04"
    horizon_days: Days
    n_snapshots: Annotated[int, Field(ge=1, le=60)]
    n_boot: Annotated[int, Field(ge=50, le=10_000)]
    max_epochs: Epochs


class PredictParams(Params):
    """Notebook 05."""

    notebook: ClassVar[str] = "05"
    horizon_days: Days
    n_snapshots: Annotated[int, Field(ge=1, le=60)]
    n_boot: Annotated[int, Field(ge=50, le=10_000)]
    max_epochs: Epochs


class CrosssellParams(Params):
    """Notebook 06."""

    notebook: ClassVar[str] = "06"
    min_support_share: Share
    max_q_value: Share
    n_offers: Annotated[int, Field(ge=1, le=20)]
    replication_days: Days
    not_offered: str
    n_boot: Annotated[int, Field(ge=50, le=10_000)]

    @property
    def excluded_categories(self) -> tuple[str, ...]:
        """``not_offered`` taken apart at its semicolons."""
        return tuple(name.strip() for name in self.not_offered.split(";") if name.strip())


class RespondParams(Params):
    """Notebook 07."""

    notebook: ClassVar[str] = "07"
    test_days: Days
    n_boot: Annotated[int, Field(ge=50, le=10_000)]
    max_epochs: Epochs


class PlanParams(Params):
    """Notebook 08."""

    notebook: ClassVar[str] = "08"
    budget: Money
    holdout_share: Share
    margin_rate: Share
    incremental_share: Share
    contact_gap_days: Annotated[int, Field(ge=0, le=3660)]
    max_contacts: Annotated[int, Field(ge=0, le=10**9)]
    n_boot: Annotated[int, Field(ge=50, le=10_000)]


class EvaluateParams(Params):
    """Notebook 09."""

    notebook: ClassVar[str] = "09"
    margin_rate: Share
    min_contacts: Annotated[int, Field(ge=1)]
    active_days: Days
    placebo_days: Days
