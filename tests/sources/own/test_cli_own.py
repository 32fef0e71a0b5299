"""The commands: exit codes, and one readable block whatever is wrong."""

import os
import subprocess
import sys

import pytest
from own_shop import transactions

from dangol import sources
from dangol.runner.settings import Request, resolve

pytestmark = pytest.mark.usefixtures("home")


def dangol(*arguments: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-c", "from dangol.cli import main; main()", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ)


@pytest.mark.slow
def test_init_and_check_end_with_their_exit_codes(place, write_spec):
    made = dangol("init", str(place / "orders.csv"))
    assert made.returncode == 0, made.stderr
    assert "place(s) to fill in" in made.stdout
    again = dangol("init", str(place / "orders.csv"))
    assert again.returncode == 2
    assert "is there already" in again.stderr
    blank = dangol("check", str(place / "orders.yaml"))
    assert blank.returncode == 2
    assert "origin: to be filled in" in blank.stderr
    sound = dangol("check", str(write_spec()))
    assert sound.returncode == 0
    assert "transactions, orders.csv: 6 rows, 5 usable" in sound.stdout
    wrong = dangol("check", str(write_spec(transactions=transactions(file=["orders.csv", "../x.csv"]))))
    assert wrong.returncode == 2
    assert "lies outside the spec's folder" in wrong.stdout
    assert "Traceback" not in "".join(done.stderr for done in (made, again, blank, sound, wrong))


def test_a_run_of_a_spec_carries_its_name_and_dates(write_spec):
    settings = resolve(Request(dataset=str(write_spec())), [], sources.fetch)
    assert (settings.dataset, settings.as_of) == ("toy_shop", "2024-02-16")
    assert resolve(Request(dataset="toy_shop"), [], sources.fetch) == settings
