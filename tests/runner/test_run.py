"""Real kernels, real papermill, real MLflow."""

import json
import sqlite3

import pytest
import runner_toys as toys

FAILING = ["import os\nprint(os.getcwd())  # a path of this machine", "# why\nint('x' + os.getcwd())"]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """One run of all toys in which 02 fails, and the client of its MLflow store."""
    import io

    import mlflow
    from rich.console import Console

    from dangol import sources
    from dangol.runner.run import Options, run
    from dangol.runner.settings import Request
    from dangol.tracking import store

    home = tmp_path_factory.mktemp("world")
    network = (
        "from pathlib import Path\n"
        "from dangol.records import record_figure, record_history, record_model\n"
        "import matplotlib.pyplot as plt\n"
        "record_history('net', pd.DataFrame({'epoch': [0, 1, 2], 'loss': [3.0, 2.0, 1.5]}), params.folder)\n"
        "record_figure(plt.figure(), 'empty', 'Nothing to see', params.folder)\n"
        "class Net:\n"
        "    def save(self, path):\n"
        "        Path(path).write_bytes(b'weights')\n"
        "    def predict_frame(self, rows):\n"
        "        return pd.DataFrame({'1_prob': [0.5] * len(rows)})\n"
        "example = pd.DataFrame({'n_orders': [1, 2], 'region': ['a', None]})\n"
        "example['kind'] = example['region'].astype('category')\n"
        "record_model('net', Net(), example, params.folder)"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DANGOL_HOME", str(home))
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        toys.write_raw(home)
        toys.write_toys(home / "nb", understand=FAILING, crosssell=[network])
        console = Console(file=io.StringIO())
        result = run(
            Request(None, "full", ("seed=5",)), Options(notebooks=home / "nb"), console, sources.fetch
        )
        yield home, result, mlflow.MlflowClient(store.tracking_uri()), console.file.getvalue()


@pytest.fixture
def children(world):
    _, result, client, _ = world
    parent = client.get_run(result.parent_id)
    runs = client.search_runs(
        [parent.info.experiment_id], f"tags.`mlflow.parentRunId` = '{result.parent_id}'"
    )
    return {run.data.tags["dangol.notebook"][:2]: run for run in runs}


def test_a_failure_is_named_by_cell_line_and_error(world):
    _, result, _, _ = world
    stages = {stage.number: stage for stage in result.stages}
    assert {number: stage.status for number, stage in stages.items()} == {
        "01": "done",
        "02": "failed",
        "06": "done",
        "08": "blocked",
    }
    assert stages["02"].message.splitlines() == [
        "in code cell 6: int('x' + os.getcwd())",
        "ValueError: invalid literal for int() with base 10: 'x.'",
    ]
    assert result.exit_code == 1 and result.troubles == ()


def test_sources_are_never_executed_in_place(world):
    home, *_ = world
    sources = sorted((home / "nb").glob("*.ipynb"))
    assert [path.name[:2] for path in sources] == ["01", "02", "06", "08"]
    for path in sources:
        cells = json.loads(path.read_text())["cells"]
        assert all(cell["outputs"] == [] for cell in cells if cell["cell_type"] == "code")


def test_a_failed_notebook_keeps_its_executed_copy_and_its_page(world):
    home, result, *_ = world
    reports = home / "reports" / toys.DATASET / toys.AS_OF / result.settings.variant
    copy = json.loads((reports / "notebooks" / "02_understand.ipynb").read_text())
    assert any(
        output["output_type"] == "error" for cell in copy["cells"] for output in cell.get("outputs", ())
    )
    assert (reports / "02_understand.html").is_file() and (reports / "index.html").is_file()
    assert not (reports / "notebooks" / "08_plan.ipynb").exists()


def test_only_what_differs_is_injected(world):
    home, result, *_ = world
    reports = home / "reports" / toys.DATASET / toys.AS_OF / result.settings.variant
    copy = json.loads((reports / "notebooks" / "01_integrate.ipynb").read_text())
    assert copy["metadata"]["papermill"]["parameters"] == {
        "dataset": toys.DATASET,
        "as_of": toys.AS_OF,
        "seed": 5,
        "variant": result.settings.variant,
    }


def test_no_path_of_this_machine_is_left_anywhere(world):
    import sys

    home, *_ = world
    dump = "\n".join(sqlite3.connect(home / "mlruns" / "mlflow.db").iterdump())
    places = [path for part in ("reports", "data", "mlruns") for path in (home / part).rglob("*")]
    texts = {p: p.read_bytes().decode(errors="ignore") for p in places if p.is_file() and p.suffix != ".db"}
    for path, text in {**texts, home / "mlflow.db": dump}.items():
        for secret in (str(home), sys.prefix, sys.base_prefix):
            assert secret not in text, f"{secret} in {path.name}"


def test_mlflow_holds_what_the_notebook_recorded(world, children):
    home, result, client, _ = world
    records = home / "data" / "processed" / toys.DATASET / toys.AS_OF / result.settings.variant / "records"
    for number in ("01", "06"):
        recorded = json.loads((records / number / "metrics.json").read_text())
        data = children[number].data
        for name, value in recorded.items():
            assert data.tags[name] == value if isinstance(value, str) else data.metrics[name] == value
        assert data.params["seed"] == "5" and data.metrics["seconds"] > 0
        assert len(data.tags["mlflow.source.git.commit"]) == 40
        assert data.tags["dangol.git_dirty"] in ("true", "false")
    losses = client.get_metric_history(children["06"].info.run_id, "net.loss")
    assert [(point.step, point.value) for point in losses] == [(0, 3.0), (1, 2.0), (2, 1.5)]


def test_mlflow_knows_the_bytes_a_notebook_read(world, children):
    home, result, *_ = world
    run_folder = home / "data" / "processed" / toys.DATASET / toys.AS_OF / result.settings.variant
    (given,) = children["06"].inputs.dataset_inputs
    digest = toys.digests_below(run_folder)["products.parquet"]
    assert given.dataset.name == "products" and given.dataset.digest == digest[:32]
    assert {tag.key: tag.value for tag in given.tags}["sha256"] == digest


def test_mlflow_keeps_copy_page_figures_and_model(world, children):
    home, _, client, _ = world
    run_id = children["06"].info.run_id
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        found = {
            item.path
            for place in ("notebook", "page", "figures")
            for item in client.list_artifacts(run_id, place)
        }
        (model,) = client.search_logged_models([children["06"].info.experiment_id])
        import mlflow

        info = mlflow.models.get_model_info(model.model_uri)
    assert found == {
        "notebook/06_crosssell.ipynb",
        "page/06_crosssell.html",
        "figures/empty.svg",
        "figures/empty.json",
    }
    assert model.name == "net" and model.source_run_id == run_id
    assert info.signature.inputs.input_names() == ["n_orders", "region", "kind"]
    assert [(name, str(kind)) for name, kind in info.signature.outputs.input_dict().items()] == [
        ("1_prob", "'1_prob': double (required)")
    ]
    assert info.metadata["seed"] == 5
    assert info.saved_input_example_info is not None


def test_statuses_in_mlflow_say_what_failed(world, children):
    _, result, client, _ = world
    assert {number: run.info.status for number, run in children.items()} == {
        "01": "FINISHED",
        "02": "FAILED",
        "06": "FINISHED",
    }
    assert "ValueError" in children["02"].data.tags["dangol.message"]
    assert client.get_run(result.parent_id).info.status == "FAILED"


def test_plain_lines_are_shown_where_there_is_no_terminal(world):
    shown = world[3].splitlines()
    assert any(line.startswith("01_integrate     done") for line in shown)
    assert any(line.startswith("02_understand    failed") and "in code cell 6" in line for line in shown)


def test_repairing_the_notebook_runs_only_what_is_missing_and_names_reused_runs(world):
    home, first, client, _ = world
    toys.write_notebook(home / "nb", "02_understand", "UnderstandParams", toys.understand())
    import io

    from rich.console import Console

    from dangol import sources
    from dangol.runner.run import Options, run
    from dangol.runner.settings import Request

    request, options = Request(None, "full", ("seed=5",)), Options(notebooks=home / "nb")
    result = run(request, options, Console(file=io.StringIO()), sources.fetch)
    assert [stage.status for stage in result.stages] == ["unchanged", "done", "unchanged", "done"]
    parent = client.get_run(result.parent_id)
    assert parent.info.status == "FINISHED"
    assert parent.data.tags["reused.01_integrate"] == first.stages[0].run_id


def test_a_kernel_that_dies_is_a_failure_with_advice(run_toys, home, monkeypatch):
    monkeypatch.setattr("dangol.runner.run.Tracker", toys.FakeTracker)
    toys.write_toys(home / "nb", integrate=["import os\nos._exit(9)"])
    result = run_toys(only=("01",))
    assert result.stages[0].message.splitlines()[0] == "in code cell 5: import os"
    assert "Try --workers 1" in result.stages[0].message
