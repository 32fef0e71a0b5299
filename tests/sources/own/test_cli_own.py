"""The commands: exit codes, and one readable block whatever is wrong."""

from dataclasses import dataclass

import pytest
from own_shop import transactions

from dangol import sources
from dangol.cli import main
from dangol.runner.settings import Request, resolve

pytestmark = pytest.mark.usefixtures("home")


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str


@pytest.fixture
def dangol(monkeypatch, capsys):
    """The command, from its entry point to its exit code, in this process."""
    monkeypatch.setattr("dangol.cli.signal.signal", lambda *_: None)

    def run(*arguments: str) -> Ended:
        monkeypatch.setattr("sys.argv", ["dangol", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        return Ended(ended.value.code, said.out, said.err)

    return run


def test_init_and_check_end_with_their_exit_codes(place, write_spec, dangol):
    made = dangol("init", str(place / "orders.csv"))
    assert (made.code, "place(s) to fill in" in made.out) == (0, True)
    again = dangol("init", str(place / "orders.csv"))
    assert (again.code, "is there already" in again.err) == (2, True)
    blank = dangol("check", str(place / "orders.yaml"))
    assert (blank.code, "origin: to be filled in" in blank.err) == (2, True)
    sound = dangol("check", str(write_spec()))
    assert (sound.code, "transactions, orders.csv: 6 rows, 5 usable" in sound.out) == (0, True)
    wrong = dangol("check", str(write_spec(transactions=transactions(file=["orders.csv", "../x.csv"]))))
    assert (wrong.code, "lies outside the spec's folder" in wrong.out) == (2, True)


def test_a_run_of_a_spec_carries_its_name_and_dates(write_spec):
    settings = resolve(Request(dataset=str(write_spec())), [], sources.fetch)
    assert (settings.dataset, settings.as_of) == ("toy_shop", "2024-02-16")
    assert resolve(Request(dataset="toy_shop"), [], sources.fetch) == settings
