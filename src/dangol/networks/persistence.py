"""Fitted estimators to one file and back; the file appears whole or not at all."""

import json
import pickle
import zipfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

from dangol.files import replacing

FORMAT = "dangol-network-3"
PACKAGES = ("keras", "numpy", "pandas", "scikit-learn", "tensorflow-cpu")


def save_estimator(estimator: Any, path: str | Path) -> Path:
    """Write a fitted estimator to ``path``: a zip of ``about.json`` and ``estimator.pickle``."""
    target = Path(path)
    about = {
        "format": FORMAT,
        "estimator": type(estimator).__name__,
        "versions": {name: version(name) for name in PACKAGES if _is_installed(name)},
    }
    with replacing(target) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("about.json", json.dumps(about, indent=1))
        archive.writestr("estimator.pickle", pickle.dumps(estimator))
    return target


def load_estimator(path: str | Path, expected: type) -> Any:
    """Read an estimator of class ``expected``; open only files you trust, pickles can run code.

    Raises:
        ValueError: if the file is not one that `save_estimator` wrote, or holds another estimator.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            about = json.loads(archive.read("about.json"))
            content = archive.read("estimator.pickle")
    except (zipfile.BadZipFile, KeyError, json.JSONDecodeError) as error:
        raise ValueError(
            f"{path} is not a saved network ({error}). Pass a file written by save()."
        ) from error
    if about.get("format") != FORMAT or about.get("estimator") != expected.__name__:
        raise ValueError(
            f"{path} holds {about.get('estimator')} in format {about.get('format')!r}, expected "
            f"{expected.__name__} in {FORMAT!r}. Load it with the class that saved it, "
            "or fit it again if an earlier version wrote it."
        )
    return pickle.loads(content)


def _is_installed(name: str) -> bool:
    from importlib.metadata import PackageNotFoundError

    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True
