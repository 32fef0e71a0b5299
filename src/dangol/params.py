"""Typed, range-checked parameters: one class per notebook; the defaults live in the notebooks."""

from datetime import date
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from dangol.customer_rules import CutKind, Ladder, LifeCycleRules, parse_lists, parse_pairs
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
Count = Annotated[int, Field(ge=1, le=10**9)]
Auc = Annotated[float, Field(gt=0.5, le=1)]
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
    identity_threshold: Annotated[float, Field(gt=0, lt=1)]
    phone_region: Annotated[str, StringConstraints(pattern=r"^([A-Z]{2})?$")]

    @property
    def rules_set_aside(self) -> tuple[str, ...]:
        """``set_aside`` taken apart at its semicolons."""
        return tuple(name.strip() for name in self.set_aside.split(";") if name.strip())


class UnderstandParams(Params):
    """Notebook 02."""

    notebook: ClassVar[str] = "02"
    group_column: Annotated[str, StringConstraints(pattern=r"^\w+(; ?\w+)*$")]
    repurchase_days: Days
    lead_in_days: Annotated[int, Field(ge=0, le=3_650)]

    @property
    def group_columns(self) -> tuple[str, ...]:
        """``group_column`` taken apart at its semicolons: the first that the customers have counts."""
        return tuple(name.strip() for name in self.group_column.split(";"))


class SegmentParams(Params):
    """Notebook 03."""

    notebook: ClassVar[str] = "03"
    window_days: Days
    n_evaluations: Annotated[int, Field(ge=1, le=60)]
    evaluation_days: Days
    migration_days: Days
    n_rfm_grades: Annotated[int, Field(ge=2, le=10)]
    rfm_thresholds: str
    grade_basis: Literal["amount", "margin", "points", "lifetime_value"]
    grade_cuts: str
    grade_last: str
    grade_cut_kind: CutKind
    grade_band_share: Annotated[float, Field(ge=0, lt=1)]
    grade_grace: Annotated[int, Field(ge=0, le=60)]
    points_per_order: Money
    benefits: str
    benefit_kind: Literal["share", "fixed"]
    new_days: Days
    at_risk_days: Days
    dormant_days: Days
    lost_days: Days
    growth_days: Days
    growth_share: Annotated[float, Field(gt=0, le=100)]
    rhythm_gaps: Annotated[float, Field(ge=0, le=20)]
    margin_rate: Share
    n_segments: Annotated[int, Field(ge=0, le=12)]
    max_segments: Annotated[int, Field(ge=2, le=12)]

    @property
    def ladder(self) -> Ladder:
        """The grades, best first."""
        cuts = dict(parse_pairs(self.grade_cuts))
        return Ladder(cuts, self.grade_last, self.grade_cut_kind, self.grade_band_share, self.grade_grace)

    @property
    def life_cycle(self) -> LifeCycleRules:
        """Bounds of the states."""
        bounds = ("new_days", "at_risk_days", "dormant_days", "lost_days")
        others = ("growth_days", "growth_share", "rhythm_gaps")
        return LifeCycleRules(**{name: getattr(self, name) for name in (*bounds, *others)})

    @property
    def benefit_of_grade(self) -> dict[str, float]:
        """Grade to its benefit: a share of the amount, or currency per customer."""
        return dict(parse_pairs(self.benefits))

    @property
    def thresholds(self) -> dict[str, tuple[float, ...]]:
        """Dimension of RFM to its fixed thresholds; empty for quantiles."""
        return parse_lists(self.rfm_thresholds)

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        faults = []
        for read in ("ladder", "life_cycle", "benefit_of_grade", "thresholds"):
            try:
                getattr(self, read)
            except ValueError as error:
                faults.append(f"{read}: {error}")
        if self.migration_days % self.evaluation_days:
            faults.append(
                f"expected migration_days as a multiple of evaluation_days ({self.evaluation_days}), "
                f"received {self.migration_days}"
            )
        if not faults and (unknown := set(self.benefit_of_grade) - set(self.ladder.names)):
            faults.append(
                f"expected benefits for {', '.join(self.ladder.names)}, received {', '.join(sorted(unknown))}"
            )
        if faults:
            raise ValueError("; ".join(faults))
        return self


class LearningParams(Params):
    """Notebooks that learn from orders: below these thresholds they make no model."""

    min_customers: Count
    min_months: Annotated[float, Field(ge=0, le=120)]
    min_repeat_buyers: Count


class ValueParams(LearningParams):
    """Notebook 04."""

    notebook: ClassVar[str] = "04"
    horizon_days: Days
    due_days: Days
    n_boot: Annotated[int, Field(ge=50, le=10_000)]
    max_epochs: Epochs


class PredictParams(LearningParams):
    """Notebook 05."""

    notebook: ClassVar[str] = "05"
    horizon_days: Days
    n_snapshots: Annotated[int, Field(ge=1, le=60)]
    n_weeks: Annotated[int, Field(ge=4, le=104)]
    n_boot: Annotated[int, Field(ge=50, le=10_000)]
    max_epochs: Epochs
    max_column_auc: Auc


class CrosssellParams(LearningParams):
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
    min_customers: Count
    min_responders: Count
    max_column_auc: Auc
    answer_value: Money
    margin_rate: Share
    incremental_share: Share


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
    course_weeks: Annotated[int, Field(ge=3, le=52)]
