import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from people_toys import planted

from dangol.identity import Resolution, resolve


@pytest.fixture(scope="session")
def people():
    return planted(500, seed=3)


@pytest.fixture(scope="session")
def resolution(people) -> Resolution:
    return resolve(people)
