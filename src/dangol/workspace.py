"""Where things live: the project root, and the folder of one run.

Paths never depend on the current folder, because papermill runs in the caller's folder and
JupyterLab in the notebook's.
"""

import os
from dataclasses import dataclass
from pathlib import Path

DEFAULT_VARIANT = "full"


def project_root() -> Path:
    """The checkout: notebooks and sources."""
    return Path(__file__).resolve().parents[2]


def home() -> Path:
    """The folder that holds ``data/``, ``reports/`` and ``mlruns/``.

    The project root, unless the environment variable ``DANGOL_HOME`` names another folder
    (tests and parallel installations use it).
    """
    return Path(os.environ.get("DANGOL_HOME") or project_root()).resolve()


def raw_folder(dataset: str) -> Path:
    """``data/raw/<dataset>``, where files lie as they came in."""
    return home() / "data" / "raw" / dataset


def reports_folder(dataset: str, as_of: str, variant: str = DEFAULT_VARIANT) -> Path:
    """``reports/<dataset>/<as_of>``; runs with changed parameters get a folder below it."""
    folder = home() / "reports" / dataset / as_of
    return folder if variant == DEFAULT_VARIANT else folder / variant


@dataclass(frozen=True)
class RunFolder:
    """``data/processed/<dataset>/<as_of>/<variant>`` as seen by one notebook.

    Attributes:
        dataset: name of the data set.
        as_of: snapshot date, exclusive end of what features see, ``YYYY-MM-DD``.
        variant: which parameters; ``full`` for the defaults.
        notebook: two-digit number of the notebook at work; it may write only its own tables.
    """

    dataset: str
    as_of: str
    variant: str
    notebook: str

    @property
    def path(self) -> Path:
        """The folder with one Parquet file per table."""
        return home() / "data" / "processed" / self.dataset / self.as_of / self.variant

    @property
    def records(self) -> Path:
        """Metrics, epoch losses, figures and models of this notebook."""
        return self.path / "records" / self.notebook

    def of(self, notebook: str) -> "RunFolder":
        """The same run seen by another notebook."""
        return RunFolder(self.dataset, self.as_of, self.variant, notebook)
