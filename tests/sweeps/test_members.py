"""What a sweep consists of, and every fault before anything runs."""

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dangol import sources
from dangol.errors import InputError
from dangol.runner.notebook import discover
from dangol.sweeps.members import members_of
from dangol.sweeps.spec import SweepSpec, read_sweep, sweep_of_options


def members(home, **content):
    return members_of(SweepSpec(name="toys", **content), discover(home / "nb"), sources.fetch)


def test_a_grid_gives_every_combination_once(home):
    found = members(home, grid={"seed": "1..3", "as_of": ["2017-11-01", "2017-12-03"]})
    assert [member.label for member in found] == [
        f"seed={seed} as_of={as_of}" for seed in (1, 2, 3) for as_of in ("2017-11-01", "2017-12-03")
    ]
    assert len({member.place for member in found}) == 6
    assert {member.settings.params["01"].seed for member in found} == {1, 2, 3}


def test_single_runs_stand_on_top_of_what_all_share(home):
    found = members(home, set={"seed": 7}, runs=[{"as_of": "2017-11-01"}, {"as_of": "2017-12-03", "seed": 8}])
    assert [member.settings.params["01"].seed for member in found] == [7, 8]
    assert [dict(member.differs) for member in found] == [
        {"seed": "7", "as_of": "2017-11-01"}, {"seed": "8", "as_of": "2017-12-03"},
    ]  # fmt: skip


def test_a_yaml_date_is_as_good_as_its_text(home, tmp_path):
    (tmp_path / "monthly.yaml").write_text("grid:\n  as_of: [2017-11-01, '2017-12-03']\n")
    spec = read_sweep(tmp_path / "monthly.yaml")
    assert spec.name == "monthly"
    found = members_of(spec, discover(home / "nb"), sources.fetch)
    assert [member.settings.as_of for member in found] == ["2017-11-01", "2017-12-03"]


def test_all_faults_of_all_runs_come_at_once_and_each_once(home):
    with pytest.raises(InputError) as stop:
        members(home, grid={"sead": [1, 2], "as_of": ["2017-12-03", "2031-01-01"]})
    assert str(stop.value).count("did you mean seed") == 1
    assert "2031-01-01 lies outside the data" in str(stop.value)


def test_dates_of_a_span_that_lie_outside_are_one_line(home):
    with pytest.raises(InputError) as stop:
        members(home, grid={"as_of": "2030-01-01..2030-07-01/1M", "seed": [1, 2]})
    assert str(stop.value).startswith("nothing was run: 1 fault(s) in the sweep\n  - as_of: 2030-01-01 to ")
    assert "2030-01-01 to 2030-07-01 (7 dates) lies outside the data of" in str(stop.value)


def test_two_runs_that_are_the_same_are_a_fault(home):
    with pytest.raises(InputError, match="runs 1 and 2 are the same"):
        members(home, runs=[{"seed": 5}, {"seed": 5}])


def test_unreadable_spans_and_empty_lists_are_faults(home):
    with pytest.raises(InputError) as stop:
        members(home, grid={"seed": [], "as_of": "2017-12-01..2017-01-01"})
    assert "seed: has no value" in str(stop.value)
    assert "as_of: the span" in str(stop.value)


def test_a_sweep_without_end_is_refused(home):
    with pytest.raises(InputError, match="1,000,000 runs; a sweep takes at most 1,000"):
        members(home, grid={"seed": "1..1000", "as_of": "|".join(["2017-12-03"] * 1000)})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", r"s\.yaml is empty; expected keys such as dataset and grid"),
        ("- 1", "expected keys"),
        (
            "grid: {a: [1",
            r"s\.yaml is not valid YAML at line 1: 'grid: \{a: \[1' \(expected ',' or '\]', .*\)\. "
            "Expected `name: value`",
        ),
        ("grid:\n  as_of: [2017-11-01\n  seed: 3\n", "not valid YAML at line 3: 'seed: 3'"),
        ("grid:\n  as_of: [2017-02-30]\n", r"at line 2: .* \('2017-02-30': day is out of range for month\)"),
        ("grid: {seed: 1, seed: 2}", "the key 'seed' stands twice"),
        ("[" * 5000, "nested too deep"),
        ("gird: {seed: 1}", "gird: no such key; known are name, dataset"),
        ("name: ../up", "name: expected small letters"),
        ("grid: 3", "grid: received 3"),
        ("1: 2", "keys must be text"),
    ],
)
def test_an_unusable_file_is_refused_by_what_is_wrong(tmp_path, text, words):
    (tmp_path / "s.yaml").write_text(text)
    with pytest.raises(InputError, match=words):
        read_sweep(tmp_path / "s.yaml")


def test_a_missing_file_is_named_without_its_folder(tmp_path):
    with pytest.raises(InputError, match=r"^there is no sweep file none\.yaml$"):
        read_sweep(tmp_path / "none.yaml")


def test_the_same_options_give_the_same_name_in_any_order():
    first = sweep_of_options("shop", "full", "", ["seed=1|2", "as_of=2017-12-03"])
    second = sweep_of_options("shop", "full", "", ["as_of=2017-12-03", "seed=1|2"])
    assert first.name == second.name
    assert first.name != sweep_of_options("shop", "full", "", ["seed=1|2"]).name


@pytest.mark.parametrize(
    ("changes", "words"),
    [(["seed"], "name=values"), (["seed=1", "seed=2"], "twice"), ([], "nothing to vary")],
)
def test_unusable_options_are_refused(changes, words):
    with pytest.raises(InputError, match=words):
        sweep_of_options(None, "full", "", changes)


NAMES = st.sampled_from(
    ["name", "dataset", "preset", "only", "set", "grid", "runs", "seed", "01.seed", "as_of"]
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.dates() | st.text(max_size=6)
JUNK = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES | st.integers(), inner, max_size=3),
    max_leaves=8,
)
SCALARS = st.sampled_from(["1..3", "5..2", "a|b", "2017-11-01..2017-12-01", "nan", ""]) | LEAVES.filter(bool)
VALUES = SCALARS | st.lists(SCALARS, max_size=2)
PARTS = st.dictionaries(st.sampled_from(["seed", "as_of", "06.seed", "sead", ""]), VALUES, max_size=2)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text() | JUNK.map(yaml.safe_dump) | st.dictionaries(NAMES, JUNK, max_size=4).map(yaml.safe_dump))
def test_any_file_is_a_sweep_or_refused_by_name(tmp_path, text):
    path = tmp_path / "any.yaml"
    path.write_text(text, encoding="utf-8")
    try:
        assert isinstance(read_sweep(path), SweepSpec)
    except InputError as error:
        assert "any.yaml" in str(error)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.fixed_dictionaries({}, optional={"set": PARTS, "grid": PARTS, "runs": st.lists(PARTS, max_size=2)}))
def test_any_values_give_distinct_runs_or_a_list_of_faults(home, content):
    try:
        found = members(home, **content)
    except InputError as error:
        first, *faults = str(error).splitlines()
        assert first == f"nothing was run: {len(faults)} fault(s) in the sweep"
        assert all(fault.startswith("  - ") for fault in faults)
        assert len(faults) >= 1
    else:
        assert len({member.place for member in found}) == len(found) >= 1
