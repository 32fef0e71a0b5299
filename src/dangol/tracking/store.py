"""The MLflow store below the home folder: made once, by one process, without a machine's paths in it."""

import contextlib
import fcntl
import logging
import os
import sqlite3
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from dangol.files import replacing
from dangol.workspace import home

_DATABASE = "mlruns/mlflow.db"
_ARTIFACTS = "mlruns/artifacts"
_UI = "http://127.0.0.1:5000"
_QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",  # it would print a server's password with it
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_RECORD_ENV_VARS_IN_MODEL_LOGGING": "false",
    "GIT_PYTHON_REFRESH": "quiet",
}


def tracking_uri() -> str:
    """``MLFLOW_TRACKING_URI`` if set, else the database below the home folder."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{home() / _DATABASE}"


def run_url(experiment_id: str, run_id: str) -> str:
    """Where a browser finds a run: on the tracking server, or in ``make ui``."""
    uri = tracking_uri()
    base = _without_user(uri) if uri.startswith(("http://", "https://")) else _UI
    return f"{base}/#/experiments/{experiment_id}/runs/{run_id}"


def place_to_look() -> str:
    """Where a person finds the runs: the tracking server that was named, or the command that starts one."""
    uri = tracking_uri()
    return _without_user(uri) if uri.startswith(("http://", "https://")) else "make ui"


def _without_user(address: str) -> str:
    """A server's address without name and password: links are for everybody who reads a page."""
    parts = urlsplit(address)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])).rstrip("/")


@contextlib.contextmanager
def at_home() -> Iterator[None]:
    """Work in the home folder: the database names artifacts relative to it."""
    with contextlib.chdir(home()):
        yield


def open_client() -> Any:
    """A client of the store; a fresh database is made by one process while others wait.

    Two processes that make the tables of one database at the same time corrupt it for good.
    """
    os.environ.update({name: value for name, value in _QUIET.items() if name not in os.environ})
    warnings.filterwarnings("ignore", module=r"mlflow\b")  # about MLflow's own code, on its import
    import mlflow

    # an error reaches the caller, who says it in one line; the logs would add its traceback
    for name in ("mlflow", "alembic", "sqlalchemy"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    uri, is_named = tracking_uri(), "MLFLOW_TRACKING_URI" in os.environ
    mlflow.set_tracking_uri(uri)
    if not is_named:  # MLflow leaves it in the environment, which would bind runs of other homes to this one
        os.environ.pop("MLFLOW_TRACKING_URI", None)
    if not _is_own_database(uri):
        return mlflow.MlflowClient(uri)
    folder = home() / "mlruns"
    folder.mkdir(parents=True, exist_ok=True)
    with _locked(folder / ".lock"):
        if not (home() / _DATABASE).exists():
            _create_database(home() / _DATABASE)
    return mlflow.MlflowClient(uri)


def experiment_of(client: Any, dataset: str) -> str:
    """Id of the data set's experiment, made when missing."""
    found = client.get_experiment_by_name(dataset)
    if found is not None:
        return str(found.experiment_id)
    if not _is_own_database(tracking_uri()):
        return str(client.create_experiment(dataset))
    with _locked(home() / "mlruns" / ".lock"):
        found = client.get_experiment_by_name(dataset)
        experiment_id = found.experiment_id if found else client.create_experiment(dataset)
        _make_artifacts_relative(home() / _DATABASE)
    return str(experiment_id)


def _create_database(target: Path) -> None:
    """Make all tables elsewhere and give the file its name last: killed half-way, nothing is there.

    The caller holds the lock: what a killed process has left half-made is removed.
    """
    import mlflow

    for part in target.parent.glob(f".{target.name}.*"):
        part.unlink()
    with replacing(target) as temporary:
        client = mlflow.MlflowClient(f"sqlite:///{temporary}")
        client.search_experiments(max_results=1)  # the first question makes the tables


def _is_own_database(uri: str) -> bool:
    return uri == f"sqlite:///{home() / _DATABASE}"


def _make_artifacts_relative(database: Path) -> None:
    """MLflow resolves every local artifact folder it is given; the column holds relative ones as well."""
    with contextlib.closing(sqlite3.connect(database, timeout=60)) as connection, connection:
        connection.execute(
            "update experiments set artifact_location = ? || experiment_id"
            " where artifact_location not like ?",
            (f"{_ARTIFACTS}/", f"{_ARTIFACTS}/%"),
        )


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield
