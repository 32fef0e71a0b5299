"""What all folders of tests share: a home folder of one's own, and hypothesis that repeats itself."""

import os
import signal
from collections import Counter
from pathlib import Path

import hypothesis
import pytest

from dangol.workspace import RunFolder

# before any library reads it: OpenMP that spins while it waits makes two busy cores crawl
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

# a suite started in the background inherits a SIGINT that is ignored; tests of Ctrl-C need it
signal.signal(signal.SIGINT, signal.default_int_handler)

# the same examples on every machine, and no clock: two busy cores must not fail a test
hypothesis.settings.register_profile("dangol", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("dangol")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with the most slow tests come first, so that no worker is left alone with one at the end."""
    n_slow = Counter(item.path for item in items if "slow" in item.keywords)
    items.sort(key=lambda item: -n_slow[item.path])


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder in place of the project's."""
    monkeypatch.setenv("DANGOL_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def folder(home: Path) -> RunFolder:
    """A run as notebook 03 sees it."""
    return RunFolder("toy_shop", "2017-12-03", "full", "03")
