"""The parameters of a notebook as a form: what it says, sets and refuses."""

import json
from types import SimpleNamespace

import pytest
from traitlets import TraitError

from dangol import params as params_module
from dangol.forms import allowed, form_of, meanings, show_form, table_of
from dangol.params import Params, PlanParams
from dangol.runner.notebook import discover
from dangol.workspace import project_root

PLAN = {
    "dataset": "toys", "as_of": "2017-12-03", "seed": 1, "variant": "full", "budget": 100.0,
    "max_contacts": 1200, "holdout_share": 0.1, "contact_gap_days": 28, "margin_rate": 0.25,
    "incremental_share": 0.5, "n_boot": 1000,
}  # fmt: skip


@pytest.fixture
def variables() -> dict:
    return dict(PLAN)


@pytest.fixture
def form(variables):
    return form_of(PlanParams(**PLAN), {"budget": "for all contacts"}, variables)


def entries(form) -> dict:
    """Name to its widget."""
    cells = form.children[0].children[0].children
    names = [cell.value.removeprefix("<code>").removesuffix("</code>") for cell in cells[::3]]
    return dict(zip(names, cells[1::3], strict=True))


def said(form) -> str:
    return form.children[0].children[1].value


def test_the_form_holds_every_parameter_with_its_value(form):
    assert {name: entry.value for name, entry in entries(form).items()} == PLAN


def test_a_value_that_is_allowed_becomes_the_variable(form, variables):
    entries(form)["budget"].value = 250.0
    assert variables == PLAN | {"budget": 250.0}
    assert "budget = 250.0" in said(form)
    assert "All Below" in said(form)


def test_a_value_that_is_not_allowed_is_refused_with_one_message(form, variables):
    entries(form)["holdout_share"].value = 1.5
    assert variables == PLAN
    assert "holdout_share = 1.5 is not allowed" in said(form)
    assert "0.1 stays" in said(form)
    entries(form)["as_of"].value = "3.12.2017"
    assert variables == PLAN
    assert "expected a date like 2017-12-03, received" in said(form)
    entries(form)["budget"].value = 5.0  # the refused ones do not stand in the way of others
    assert variables == PLAN | {"budget": 5.0}


def test_ranges_are_those_the_class_checks():
    fields = PlanParams.model_fields
    assert allowed(fields["holdout_share"]).startswith("from 0")
    for name, value in PLAN.items():
        if isinstance(value, int | float) and "to " in allowed(fields[name]):
            least, most = allowed(fields[name]).removeprefix("from ").split(" to ")
            for bound in (float(least), float(most)):
                assert PlanParams(**PLAN | {name: type(value)(bound)})
            with pytest.raises(ValueError, match=name):
                PlanParams(**PLAN | {name: type(value)(float(most) * 2 + 1)})


def test_every_notebook_has_a_form_with_a_meaning_for_each_parameter():
    notebooks = discover(project_root() / "notebooks")
    assert len(notebooks) >= 9
    for notebook in notebooks:
        source = next(cell.source for cell in notebook.cells if "parameters" in cell.tags)
        found = meanings(source)
        params = notebook.params_class(**notebook.defaults)
        assert set(found) == set(notebook.defaults)
        assert all(found.values()), notebook.name
        assert len(entries(form_of(params, found, {}))) == len(found)
        assert table_of(params, found).count("<tr>") == len(found) + 1
        assert "show_form(params)" in notebook.code


def test_what_stands_in_the_data_is_escaped():
    assert "<b>" not in table_of(PlanParams(**PLAN), {"budget": "<b>"})


def test_every_bound_of_every_class_is_put_into_words():
    for kind in vars(params_module).values():
        if isinstance(kind, type) and issubclass(kind, Params):
            for name, field in kind.model_fields.items():
                if field.annotation in (int, float):
                    assert allowed(field), f"{kind.__name__}.{name}"


def test_nothing_is_shown_outside_a_notebook(capsys):
    show_form(PlanParams(**PLAN))
    assert capsys.readouterr().out == ""


def test_a_notebook_shows_the_form_and_a_table_for_where_widgets_are_not(monkeypatch):
    text = "budget: float = 1.0  # for everybody\nvariant: str = 'full'"
    shell = SimpleNamespace(history_manager=SimpleNamespace(input_hist_raw=["", text]), user_ns={})
    monkeypatch.setattr("IPython.core.getipython.get_ipython", lambda: shell)
    shown: list[dict] = []
    monkeypatch.delenv("DANGOL_UNATTENDED", raising=False)
    monkeypatch.setattr("IPython.display.display", lambda bundle, raw: shown.append(bundle))
    show_form(PlanParams(**PLAN))
    monkeypatch.setenv("DANGOL_UNATTENDED", "1")
    show_form(PlanParams(**PLAN))
    assert len(shown) == 1
    assert "application/vnd.jupyter.widget-view+json" in json.dumps(shown[0])
    assert "<td>for everybody</td>" in shown[0]["text/html"]


@pytest.mark.parametrize(
    "value", [0, -1, 10**12, -0.5, float("nan"), float("inf"), "", "x", "2017-01-01", True]
)
def test_whatever_is_typed_the_variables_stay_such_as_the_class_allows(value):
    for notebook in discover(project_root() / "notebooks"):
        variables = dict(notebook.defaults)
        form = form_of(notebook.params_class(**variables), {}, variables)
        for name, entry in entries(form).items():
            before = dict(variables)
            try:
                entry.value = value
            except TraitError:  # the widget itself takes no such value
                assert variables == before
                continue
            notebook.params_class(**variables)
            assert variables in (before, before | {name: entry.value})
            assert variables == before or f"<b>{name} = " in said(form)
