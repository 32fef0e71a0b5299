import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).parent))

from own_shop import CUSTOMERS, ORDERS, spec_of


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with the exports and nothing else."""
    folder = tmp_path / "exports"
    folder.mkdir()
    (folder / "orders.csv").write_text(ORDERS)
    (folder / "customers.csv").write_text(CUSTOMERS)
    return folder


@pytest.fixture
def write_spec(place: Path) -> Callable[..., Path]:
    """Writes ``shop.yaml`` beside the exports."""

    def write(**tables: object) -> Path:
        path = place / "shop.yaml"
        path.write_text(yaml.safe_dump(spec_of(**tables), allow_unicode=True, sort_keys=False), "utf-8")
        return path

    return write
