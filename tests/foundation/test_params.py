"""Parameters: the right name, the right type, the right range, or a clear refusal."""

import math
from typing import Any

import pytest
from pydantic import ValidationError

from dangol import params
from dangol.params import Params, SegmentParams, UnderstandParams

COMMON = {"dataset": "toy_shop", "as_of": "2017-12-03", "seed": 1, "variant": "full"}
GATE = {"min_customers": 100, "min_months": 3.0, "min_repeat_buyers": 50}
SEGMENT = {
    **COMMON,
    "window_days": 364,
    "n_evaluations": 13,
    "evaluation_days": 28,
    "migration_days": 84,
    "n_rfm_grades": 5,
    "rfm_thresholds": "",
    "grade_basis": "amount",
    "grade_cuts": "Gold: 0.2, Silver: 0.5",
    "grade_last": "Bronze",
    "grade_cut_kind": "share",
    "grade_band_share": 0.05,
    "grade_grace": 2,
    "points_per_order": 0.0,
    "benefits": "Gold: 0.02",
    "benefit_kind": "share",
    "new_days": 56,
    "at_risk_days": 28,
    "dormant_days": 56,
    "lost_days": 112,
    "growth_days": 84,
    "growth_share": 0.25,
    "rhythm_gaps": 0.0,
    "margin_rate": 0.25,
    "n_segments": 5,
    "max_segments": 8,
}
CLASSES = [value for value in vars(params).values() if isinstance(value, type) and issubclass(value, Params)]


class MoneyParams(Params):
    """A class with one field of each shared kind."""

    notebook = "99"
    cost: params.Money
    margin_rate: params.Share
    horizon_days: params.Days
    max_epochs: params.Epochs


MONEY = {**COMMON, "cost": 0.5, "margin_rate": 0.3, "horizon_days": 28, "max_epochs": 8}


def fault_of(kind: type[Params], **values: Any) -> dict:
    """The one fault of a set of parameters."""
    with pytest.raises(ValidationError) as refusal:
        kind(**values)
    assert refusal.value.error_count() == 1
    return refusal.value.errors()[0]


def test_parameters_know_their_folder_and_do_not_change():
    segment = SegmentParams(**SEGMENT)
    assert segment.folder.notebook == "03"
    assert segment.folder.path.as_posix().endswith("data/processed/toy_shop/2017-12-03/full")
    with pytest.raises(ValidationError, match="frozen"):
        segment.n_segments = 3


def test_there_is_one_class_per_notebook():
    numbers = sorted(kind.notebook for kind in CLASSES if kind.notebook)
    assert numbers == [f"{number:02}" for number in range(1, 10)]


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_no_default_hides_in_a_class(kind):
    defaults = [name for name, field in kind.model_fields.items() if not field.is_required()]
    assert defaults == ["variant"]


def test_an_unknown_field_is_refused_by_name():
    fault = fault_of(SegmentParams, **SEGMENT, n_segmnets=3)
    assert fault["loc"] == ("n_segmnets",)
    assert fault["type"] == "extra_forbidden"


def test_a_missing_field_is_refused_by_name():
    fault = fault_of(SegmentParams, **{name: value for name, value in SEGMENT.items() if name != "lost_days"})
    assert (fault["loc"], fault["type"]) == (("lost_days",), "missing")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cost", "0.3"),
        ("cost", True),
        ("cost", None),
        ("margin_rate", "0.3"),
        ("horizon_days", True),
        ("horizon_days", 28.0),
        ("horizon_days", "28"),
        ("seed", True),
        ("seed", 1.0),
        ("dataset", 7),
        ("as_of", 20171203),
        ("variant", None),
    ],
)
def test_a_value_of_another_type_is_refused(name, value):
    assert fault_of(MoneyParams, **{**MONEY, name: value})["loc"] == (name,)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cost", -0.01),
        ("cost", math.nan),
        ("cost", math.inf),
        ("margin_rate", 1.0001),
        ("margin_rate", -0.0001),
        ("margin_rate", math.nan),
        ("horizon_days", 0),
        ("horizon_days", 3661),
        ("max_epochs", 0),
        ("seed", -1),
        ("seed", 2**31),
    ],
)
def test_a_value_out_of_range_is_refused(name, value):
    assert fault_of(MoneyParams, **{**MONEY, name: value})["loc"] == (name,)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cost", 0.0),
        ("cost", 1),
        ("margin_rate", 0.0),
        ("margin_rate", 1.0),
        ("horizon_days", 1),
        ("horizon_days", 3660),
        ("seed", 0),
        ("seed", 2**31 - 1),
        ("as_of", "2016-02-29"),
    ],
)
def test_the_ends_of_a_range_are_inside(name, value):
    assert getattr(MoneyParams(**{**MONEY, name: value}), name) == value


@pytest.mark.parametrize(
    "day", ["2017-02-29", "2017-13-01", "03.12.2017", "yesterday", "", "2017-12-03 10:00"]
)
def test_a_date_that_is_none_is_refused_with_an_example(day):
    fault = fault_of(MoneyParams, **{**MONEY, "as_of": day})
    assert fault["loc"] == ("as_of",)
    assert fault["msg"] == f"Value error, expected a date like 2017-12-03, received {day!r}"


@pytest.mark.parametrize("name", ["dataset", "variant"])
@pytest.mark.parametrize("value", ["", "Big Shop", "../up", "a/b", "-x", "한국", "x" * 81])
def test_a_name_that_is_no_folder_name_is_refused(name, value):
    assert fault_of(MoneyParams, **{**MONEY, name: value})["loc"] == (name,)


def test_a_group_column_is_a_column_name():
    values = {**COMMON, "repurchase_days": 28, "lead_in_days": 84}
    assert UnderstandParams(**values, group_column="age_band").group_column == "age_band"
    several = UnderstandParams(**values, group_column="age_band; 지역;country")
    assert several.group_columns == ("age_band", "지역", "country")
    for name in ("age band", "", "a;;b", "a, b"):
        assert fault_of(UnderstandParams, **values, group_column=name)["loc"] == ("group_column",)


def test_excluded_categories_are_taken_apart_at_semicolons():
    values = {**COMMON, "min_support_share": 0.01, "max_q_value": 0.05, "n_offers": 3, "replication_days": 84}
    made = params.CrosssellParams(**values, not_offered=" FUEL ; MISC, SMALL;; ", n_boot=50, **GATE)
    assert made.excluded_categories == ("FUEL", "MISC, SMALL")


def test_grades_and_states_that_contradict_each_other_are_refused_before_anything_runs_all_at_once():
    wrong = {"grade_cuts": "Gold: 0.5, Silver: 0.2", "at_risk_days": 90, "migration_days": 30}
    message = fault_of(SegmentParams, **SEGMENT | wrong)["msg"]
    for part in ("rising cumulative shares", "at_risk_days < dormant_days < lost_days", "multiple of"):
        assert part in message
    message = fault_of(SegmentParams, **SEGMENT | {"benefits": "Iron: 1"})["msg"]
    assert "expected benefits for Gold, Silver, Bronze, received Iron" in message


def test_grades_and_states_come_out_typed():
    segment = SegmentParams(**SEGMENT | {"rfm_thresholds": "frequency: 2 3 5 9"})
    assert segment.ladder.names == ("Gold", "Silver", "Bronze")
    assert segment.life_cycle.lost_days == 112
    assert segment.thresholds == {"frequency": (2, 3, 5, 9)}
    assert segment.benefit_of_grade == {"Gold": 0.02}
