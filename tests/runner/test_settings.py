from pathlib import Path

import pytest
import runner_toys as toys
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dangol import params as params_module
from dangol.errors import InputError
from dangol.runner.changes import Change
from dangol.runner.notebook import discover
from dangol.runner.presets import Preset, read_presets
from dangol.runner.settings import Request, resolve
from dangol.sources import Manifest
from dangol.workspace import project_root

SMALL = Preset("small", dataset="simulator-90", changes=(Change(None, "n_offers", "2", is_optional=True),))
PRESETS = {"full": Preset("full"), "small": SMALL}


@pytest.fixture
def notebooks(tmp_path):
    return discover(toys.write_toys(tmp_path))


def fetch(dataset: str) -> Manifest:
    if dataset == "nowhere":
        raise InputError("there is no data set 'nowhere'")
    return Manifest(dataset, "", "", "2017-01-01", "2017-12-31", "2017-11-30", ())


def refuse(dataset: str) -> Manifest:
    raise InputError("no such spec")


def settings_of(notebooks, *changes, dataset=None, preset="full", fetch=fetch):
    return resolve(Request(dataset, preset, changes), notebooks, fetch, PRESETS)


def test_without_changes_the_notebooks_defaults_hold(notebooks):
    settings = settings_of(notebooks)
    assert (settings.dataset, settings.as_of, settings.variant) == (toys.DATASET, toys.AS_OF, "full")
    common = {"dataset": toys.DATASET, "as_of": toys.AS_OF, "variant": "full"}
    assert settings.injected == dict.fromkeys(["01", "02", "06", "08"], common)


def test_a_change_reaches_every_notebook_that_has_the_parameter(notebooks):
    settings = settings_of(notebooks, "seed=9")
    assert {params.seed for params in settings.params.values()} == {9}
    assert all(injected["seed"] == 9 for injected in settings.injected.values())


def test_a_numbered_change_reaches_one_notebook(notebooks):
    settings = settings_of(notebooks, "06.seed=9")
    assert {number: params.seed for number, params in settings.params.items()} == {
        "01": 1,
        "02": 1,
        "06": 9,
        "08": 1,
    }
    assert "seed" not in settings.injected["01"]


def test_values_take_the_type_of_their_field(notebooks):
    settings = settings_of(notebooks, "min_support_share=1", "n_offers=2")
    assert settings.params["06"].min_support_share == 1.0
    assert type(settings.params["06"].min_support_share) is float
    assert settings.params["06"].n_offers == 2


def test_all_faults_are_listed_at_once(notebooks):
    changes = ["n_ofers=2", "repurchase_days=soon", "max_q_value=1.5", "oops", "07.seed=1", "01.n_offers=1"]
    with pytest.raises(InputError) as caught:
        settings_of(notebooks, *changes, "as_of=2019-01-01", "variant=mine", "06.as_of=2017-01-05")
    assert str(caught.value).splitlines() == [
        "nothing was run: 9 unusable argument(s)",
        "  - --set oops: expected name=value or NN.name=value, like n_segments=4 or 03.seed=7",
        "  - variant: cannot be set; it is named after what differs from the defaults",
        "  - 06.as_of: holds for the whole run, not for one notebook; use as_of=…",
        "  - n_ofers: no notebook has this parameter; did you mean n_offers (notebook 06)?",
        "  - repurchase_days: expected a whole number, received 'soon'",
        "  - 07.seed: there is no notebook 07",
        "  - 01.n_offers: notebook 01 has no such parameter; 06 has",
        "  - as_of: 2019-01-01 lies outside the data of 'complete_journey'; choose a date after 2017-01-01 "
        "and up to 2018-01-01, like 2017-11-30",
        "  - max_q_value: should be less than or equal to 1, received 1.5 (notebook 06)",
    ]
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(("label", "meant"), [("06.n_bot", "06"), ("n_bot", "04, 05, 06, 07, 08")])
def test_the_notebook_that_was_named_is_the_one_that_is_meant(label, meant):
    notebooks = discover(project_root() / "notebooks")
    with pytest.raises(InputError, match=rf"{label}: .*; did you mean n_boot \(notebook {meant}\)\?"):
        settings_of(notebooks, f"{label}=60")


def test_a_name_like_no_other_is_answered_with_a_few_and_where_all_stand():
    every = discover(project_root() / "notebooks")
    with pytest.raises(InputError) as caught:
        resolve(Request(None, "full", ("03.foo=1", "zzz=1")), every, fetch, PRESETS)
    own, any_other = str(caught.value).splitlines()[1:]
    assert own.count(",") == 4 and own.endswith("at the top of notebook 03")
    assert any_other.count(",") == 4 and any_other.endswith("at the top of each notebook")


def test_the_date_advised_lies_within_the_data(notebooks):
    def late(dataset: str) -> Manifest:
        return Manifest(dataset, "", "", "2017-01-01", "2017-12-31", "2019-11-30", ())

    with pytest.raises(InputError, match=r"2019-11-30 lies outside .* up to 2018-01-01, like 2018-01-01"):
        settings_of(notebooks, dataset="shop", fetch=late)


def test_an_unknown_data_set_is_listed_beside_other_faults(notebooks):
    with pytest.raises(InputError, match=r"(?s)n_ofers.*there is no data set 'nowhere'"):
        settings_of(notebooks, "n_ofers=2", dataset="nowhere")


def test_data_that_cannot_be_taken_in_give_one_fault(notebooks):
    with pytest.raises(InputError) as caught:
        settings_of(notebooks, dataset="folder/my shop.yaml", fetch=refuse)
    assert str(caught.value).count("\n") == 1
    assert "no such spec" in str(caught.value)


def test_a_breach_in_several_notebooks_is_one_fault(notebooks):
    with pytest.raises(InputError, match=r"1 unusable.*\n.*seed: should be .* \(notebook 01, 02, 06, 08\)"):
        settings_of(notebooks, "seed=-1")


@pytest.mark.parametrize("as_of", ["2017-01-01", "2016-05-05", "2018-01-02"])
def test_as_of_lies_after_the_first_transaction_and_at_most_a_day_after_the_last(notebooks, as_of):
    with pytest.raises(InputError, match="lies outside the data"):
        settings_of(notebooks, f"as_of={as_of}")


def test_a_date_without_dashes_is_the_same_date(notebooks):
    assert settings_of(notebooks, "as_of=20170601").as_of == "2017-06-01"


def test_as_of_is_a_date(notebooks):
    with pytest.raises(InputError, match="expected a date like 2017-12-03, received '2017-6-1x'"):
        settings_of(notebooks, "as_of=2017-6-1x")


def test_another_data_set_brings_its_own_snapshot_date(notebooks):
    settings = settings_of(notebooks, dataset="simulator-50")
    assert (settings.dataset, settings.as_of) == ("simulator-50", "2017-11-30")
    assert settings.variant == "full"


def test_two_data_sets_at_once_are_refused(notebooks):
    with pytest.raises(InputError, match="one at a time, received b and a"):
        settings_of(notebooks, "dataset=b", dataset="a")


def test_the_variant_is_named_after_what_differs(notebooks):
    assert settings_of(notebooks, preset="small").variant == "small"
    assert settings_of(notebooks, preset="small").params["06"].n_offers == 2
    assert settings_of(notebooks, "seed=1").variant == "full", "a change to the default is none"
    changed, other = settings_of(notebooks, "seed=2").variant, settings_of(notebooks, "seed=3").variant
    assert changed.startswith("full-") and other.startswith("full-") and changed != other
    assert settings_of(notebooks, "seed=2", "as_of=2017-06-01").variant == changed
    assert settings_of(notebooks, "seed=2", preset="small").variant.startswith("small-")


def test_an_unknown_preset_is_refused(notebooks):
    with pytest.raises(InputError, match="there is no preset 'tiny'; known are full, small"):
        settings_of(notebooks, preset="tiny")


def test_a_parameter_without_default_is_named(tmp_path):
    toys.write_toys(tmp_path)
    path = tmp_path / "02_understand.ipynb"
    path.write_text(path.read_text().replace("repurchase_days: int = 1", "other_days: int = 1"))
    with pytest.raises(
        InputError, match=r"repurchase_days: has no default in the parameters cell \(notebook 02\)"
    ):
        settings_of(discover(tmp_path))


def test_the_projects_presets_name_parameters_that_exist():
    classes = [kind for kind in vars(params_module).values() if isinstance(kind, type)]
    known = {name for kind in classes for name in getattr(kind, "model_fields", {})}
    presets = read_presets()
    assert {"full", "smoke"} <= set(presets) and presets["full"].changes == ()
    assert {change.name for preset in presets.values() for change in preset.changes} <= known


def test_presets_read_from_yaml_keep_notebook_numbers(tmp_path):
    path = Path(tmp_path / "presets.yaml")
    path.write_text("tiny:\n  dataset: d\n  set:\n    seed: 3\n    05.n_boot: 60\n")
    preset = read_presets(path)["tiny"]
    assert [(change.number, change.name, change.text) for change in preset.changes] == [
        (None, "seed", "3"),
        ("05", "n_boot", "60"),
    ]


def test_bytes_of_another_encoding_are_refused_and_shown(notebooks):
    with pytest.raises(InputError, match=r"--set '06\.name=\\udcff': expected text in UTF-8"):
        settings_of(notebooks, "06.name=\udcff")


VALUES = (
    st.text(max_size=8)
    | st.integers().map(str)
    | st.floats().map(str)
    | st.sampled_from(
        ["[" * 300, "9" * 5000, "-" * 3000 + "1", "1e999", "2017-W01-1", "\udcff", "a|b", "1..3"]
    )
)
NAMES = st.sampled_from(["seed", "01.seed", "as_of", "dataset", "n_offers", "variant", "09.seed"]) | st.text(
    max_size=5
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(max_size=12) | st.builds("{}={}".format, NAMES, VALUES), max_size=3))
def test_any_changes_are_settings_or_a_list_of_faults(notebooks, changes):
    try:
        settings_of(notebooks, *changes)
    except InputError as error:
        first = str(error).splitlines()[0]
        assert first.startswith("nothing was run: ")
        assert str(error).count("\n  - ") >= int(first.split()[3]) >= 1
        str(error).encode()  # it can be printed
