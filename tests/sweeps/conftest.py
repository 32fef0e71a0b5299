"""The runner's toys, as notebooks of a sweep."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "runner"))
import runner_toys as toys


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """A home folder with four toy notebooks in ``nb`` and a toy data set."""
    monkeypatch.setenv("DANGOL_HOME", str(tmp_path))
    toys.write_raw(tmp_path)
    toys.write_toys(tmp_path / "nb")
    return tmp_path
