"""Networks in MLflow: logged with signature and example, loaded back through `_load_pyfunc`."""

import tempfile
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from dangol.tracking.registry import MODEL_FILE, load_estimator, register
from dangol.workspace import RunFolder

EXAMPLE_FILE, OUTPUT_FILE, REFERENCE_FILE = "example.parquet", "example_output.parquet", "reference.json"
_DATA = "network"  # folder of a logged model that holds its files
_REQUIRED = ("keras", "numpy", "pandas", "scikit-learn", "tensorflow-cpu")


def log_models(client: Any, run_id: str, folder: RunFolder, parameters: Mapping[str, Any]) -> None:
    """Log every model a notebook recorded to its run.

    Args:
        client: of the store; its URI is MLflow's current one.
        run_id: of the notebook's child run.
        folder: the run, as seen by the notebook.
        parameters: of the notebook; they stay with the model, which is scored with the same ones.
    """
    for path in sorted((folder.records / "models").glob(f"*/{MODEL_FILE}")):
        model_id = _log_model(client, run_id, path.parent, parameters)
        register(client, run_id, model_id, path.parent, f"{folder.dataset}.{path.parent.name}")


def _log_model(client: Any, run_id: str, source: Path, parameters: Mapping[str, Any]) -> str:
    """Log one model; its id."""
    from mlflow.models import Model, ModelSignature

    example = _without_categories(pd.read_parquet(source / EXAMPLE_FILE))
    experiment_id = client.get_run(run_id).info.experiment_id
    logged = client.create_logged_model(
        experiment_id, source.name, source_run_id=run_id, model_type="network"
    )
    outputs = pd.read_parquet(source / OUTPUT_FILE)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / _DATA
        data.mkdir()
        for name in (MODEL_FILE, REFERENCE_FILE):
            (data / name).symlink_to(source / name)
        Model.log(
            artifact_path=None,
            model_id=logged.model_id,
            flavor=_Flavor,
            run_id=run_id,
            loader_module=__name__,
            data_path=str(data),
            metadata=dict(parameters),
            signature=ModelSignature(_schema(example), _schema(outputs, required=True)),
            input_example=example,
            pip_requirements=[f"{name}=={version(name)}" for name in _REQUIRED],
            validate_serving_input=False,
        )
    return str(logged.model_id)


def _without_categories(example: pd.DataFrame) -> pd.DataFrame:
    """Categories as their values: MLflow's schema has no categories, and the networks take either."""
    kinds = {
        name: dtype.categories.dtype
        for name, dtype in example.dtypes.items()
        if isinstance(dtype, pd.CategoricalDtype)
    }
    return example.astype(kinds)


def _schema(example: pd.DataFrame, required: bool = False) -> Any:
    """Column types; any input may be missing, because the networks take missing values as they are."""
    from mlflow.types import ColSpec, DataType, Schema

    kinds = {
        "b": DataType.boolean,
        "i": DataType.long,
        "u": DataType.long,
        "f": DataType.double,
        "M": DataType.datetime,
    }
    specs: list[Any] = [
        ColSpec(kinds.get(getattr(dtype, "kind", "O"), DataType.string), str(name), required=required)
        for name, dtype in example.dtypes.items()
    ]
    return Schema(specs)


class _Flavor:
    """MLflow's own Python flavour without trying the model: that would load TensorFlow in the runner."""

    @staticmethod
    def save_model(*, validate_serving_input: bool, **arguments: Any) -> None:
        import mlflow

        mlflow.pyfunc.save_model(**arguments)


_Flavor.__name__ = "mlflow.pyfunc"


class ServedNetwork:
    """A network as MLflow serves it: raw rows in, one row of named predictions per row out."""

    def __init__(self, estimator: Any) -> None:
        # notebooks tell drift in their text; whoever calls a served model has nothing but the warning
        self._estimator = estimator.set_params(warn_drift=True)

    def predict(self, model_input: pd.DataFrame) -> pd.DataFrame:
        """Class probabilities of a classifier; the prediction of every task; else the prediction.

        Args:
            model_input: columns as in the signature.
        """
        return self._estimator.predict_frame(model_input)


def _load_pyfunc(path: str) -> ServedNetwork:
    """MLflow calls this by its name; ``path`` is what ``data_path`` became."""
    return ServedNetwork(load_estimator(Path(path) / MODEL_FILE))
