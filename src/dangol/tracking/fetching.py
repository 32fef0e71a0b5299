"""A registered model brought from the store, by name and alias or version."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dangol.errors import InputError
from dangol.tracking import store
from dangol.tracking.models import REFERENCE_FILE
from dangol.tracking.registry import CHAMPION, MODEL_FILE, load_estimator

_WANTED = re.compile(r"(?P<name>[\w.-]+)(?:@(?P<alias>[\w.-]+)|/(?P<version>\d+))?")


@dataclass(frozen=True)
class FetchedModel:
    """A version of a registered model, with what belongs to it.

    Attributes:
        name: of the registered model, ``<dataset>.<model>``.
        version: its number.
        run_id: MLflow run of the notebook that trained it.
        parameters: of that notebook.
        inputs: names of the columns it has learnt from.
        reference: counts per bin of its training rows, see `dangol.drift`, and ``constants``.
        path: its file.
    """

    name: str
    version: int
    run_id: str
    parameters: Mapping[str, Any]
    inputs: tuple[str, ...]
    reference: Mapping[str, Any]
    path: Path

    @property
    def label(self) -> str:
        """Name and version, as a person types them."""
        return f"{self.name}/{self.version}"

    def load(self) -> Any:
        """The fitted estimator."""
        return load_estimator(self.path)


def fetch_model(wanted: str, dataset: str, target: Path) -> FetchedModel:
    """Bring a model from the registry.

    Args:
        wanted: ``name``, ``name@alias`` or ``name/version``; a bare name means the champion. A name
            without a data set means that of ``dataset``.
        dataset: data set whose models a short name belongs to.
        target: folder that takes its files.

    Raises:
        InputError: if there is no such model, version or alias (names those there are), or no registry.
    """
    found = _WANTED.fullmatch(wanted.strip())
    if found is None:
        raise InputError(f"--model: expected NAME, NAME@alias or NAME/version, received {wanted!r}")
    with store.at_home():
        client = store.open_client()
        from mlflow import MlflowException

        try:
            name = _known_name(client, found["name"], dataset)
            version = found["version"] or _version_of(client, name, found["alias"] or CHAMPION)
            return _fetched(client, name, int(version), target)
        except MlflowException as error:
            raise InputError(
                f"the model registry cannot be asked ({type(error).__name__}); is its server up? "
                f"MLFLOW_TRACKING_URI names it: {store.place_to_look()}"
            ) from None


def _known_name(client: Any, asked: str, dataset: str) -> str:
    known = [model.name for model in client.search_registered_models(max_results=1000)]
    for name in (asked, f"{dataset}.{asked}"):
        if name in known:
            return name
    listed = f"known are {', '.join(sorted(known))}" if known else "the registry is empty"
    raise InputError(
        f"--model: there is no registered model '{asked}'; {listed}. "
        "A run of notebook 05 or 07 registers one: dangol run"
    )


def _version_of(client: Any, name: str, alias: str) -> str:
    aliases = client.get_registered_model(name).aliases
    if alias in aliases:
        return str(aliases[alias])
    names = {str(version): other for other, version in aliases.items()}
    known = [
        f"{number} ({names[str(number)]})" if str(number) in names else str(number)
        for number in _versions(client, name)
    ]
    why = " (no version has won the title yet)" if alias == CHAMPION else ""
    raise InputError(
        f"--model: '{name}' has no {alias}{why}; its versions are {', '.join(known)}. "
        f"Choose one: --model {name}/{known[-1].split()[0]}"
    )


def _versions(client: Any, name: str) -> list[int]:
    return sorted(int(version.version) for version in client.search_model_versions(f"name = '{name}'"))


def _fetched(client: Any, name: str, version: int, target: Path) -> FetchedModel:
    import mlflow
    from mlflow.models import Model

    if version not in (known := _versions(client, name)):
        raise InputError(f"--model: '{name}' has no version {version}; there are {known}")
    run_id = client.get_model_version(name, str(version)).run_id
    try:
        place = Path(mlflow.artifacts.download_artifacts(f"models:/{name}/{version}", dst_path=str(target)))
        about = Model.load(str(place))
        data = place / about.flavors["python_function"]["data"]
        reference = json.loads((data / REFERENCE_FILE).read_text())
    except (OSError, KeyError, mlflow.MlflowException) as error:
        raise InputError(
            f"--model: the files of {name}/{version} cannot be used ({type(error).__name__}); it was "
            "registered by an older Dangol, or its files are lost. Run its notebook again with --force."
        ) from None
    inputs = tuple(about.get_input_schema().input_names())
    return FetchedModel(name, version, run_id, about.metadata or {}, inputs, reference, data / MODEL_FILE)
