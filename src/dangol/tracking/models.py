"""Networks in MLflow: logged with signature and example, loaded back through `_load_pyfunc`."""

from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from dangol.tracking.registry import MODEL_FILE, load_estimator, register
from dangol.workspace import RunFolder

EXAMPLE_FILE = "example.parquet"
_REQUIRED = ("keras", "numpy", "pandas", "scikit-learn", "tensorflow-cpu")


def log_models(client: Any, run_id: str, folder: RunFolder) -> None:
    """Log every model a notebook recorded to its run.

    Args:
        client: of the store; its URI is MLflow's current one.
        run_id: of the notebook's child run.
        folder: the run, as seen by the notebook.
    """
    for path in sorted((folder.records / "models").glob(f"*/{MODEL_FILE}")):
        model_id = _log_model(client, run_id, path.parent)
        register(client, run_id, model_id, path.parent, f"{folder.dataset}.{path.parent.name}")


def _log_model(client: Any, run_id: str, source: Path) -> str:
    """Log one model; its id."""
    from mlflow.models import Model, ModelSignature

    example = _without_categories(pd.read_parquet(source / EXAMPLE_FILE))
    experiment_id = client.get_run(run_id).info.experiment_id
    logged = client.create_logged_model(
        experiment_id, source.name, source_run_id=run_id, model_type="network"
    )
    Model.log(
        artifact_path=None,
        model_id=logged.model_id,
        flavor=_Flavor,
        run_id=run_id,
        loader_module=__name__,
        data_path=str(source / MODEL_FILE),
        signature=ModelSignature(inputs=_schema(example)),
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


def _schema(example: pd.DataFrame) -> Any:
    """Column types; any value may be missing, because the networks take missing values as they are."""
    from mlflow.types import ColSpec, DataType, Schema

    kinds = {
        "b": DataType.boolean,
        "i": DataType.long,
        "u": DataType.long,
        "f": DataType.double,
        "M": DataType.datetime,
    }
    specs: list[Any] = [
        ColSpec(kinds.get(getattr(dtype, "kind", "O"), DataType.string), str(name), required=False)
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
    """A network as MLflow serves it: raw rows in, one row of predictions per row out."""

    def __init__(self, estimator: Any) -> None:
        self._estimator = estimator

    def predict(self, model_input: pd.DataFrame) -> pd.DataFrame:
        """Class probabilities of a classifier; the prediction of every task; else the prediction.

        Args:
            model_input: columns as in the signature.
        """
        if hasattr(self._estimator, "predict_proba"):
            prob = self._estimator.predict_proba(model_input)
            names = [f"{label}_prob" for label in self._estimator.classes_]
            return pd.DataFrame(prob, columns=names, index=model_input.index)
        found = self._estimator.predict(model_input)
        columns: dict[str, Any] = {}
        for name, values in (found if isinstance(found, dict) else {"prediction": found}).items():
            if values.ndim == 1:
                columns[name] = values
            else:
                columns |= {f"{name}_{label}": column for label, column in self._labelled(name, values)}
        return pd.DataFrame(columns, index=model_input.index)

    def _labelled(self, task: str, values: Any) -> Any:
        return zip(self._estimator.labels_[task], values.T, strict=True)


def _load_pyfunc(path: str) -> ServedNetwork:
    """MLflow calls this by its name; ``path`` is what ``data_path`` became."""
    place = Path(path)
    return ServedNetwork(load_estimator(place / MODEL_FILE if place.is_dir() else place))
