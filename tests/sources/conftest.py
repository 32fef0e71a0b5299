"""One raw folder of the real data for all tests, and copies of it that a test may harm."""

import shutil
from pathlib import Path

import pytest

from dangol import sources
from dangol.warehouse.intake import Warehouse

NAME = "complete_journey"


@pytest.fixture(scope="session")
def fetched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder that holds complete_journey; not to be changed."""
    place = tmp_path_factory.mktemp("fetched")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DANGOL_HOME", str(place))
        sources.fetch(NAME)
    return place


@pytest.fixture
def raw(fetched: Path, home: Path) -> Path:
    """A copy of the raw folder in a home of its own."""
    target = home / "data" / "raw" / NAME
    shutil.copytree(fetched / "data" / "raw" / NAME, target)
    return target


@pytest.fixture(scope="session")
def warehouse(fetched: Path) -> Warehouse:
    """The canonical tables of complete_journey."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DANGOL_HOME", str(fetched))
        return sources.to_canonical(NAME, 0.5)
