"""Nothing a run leaves behind holds a password, a token or a path of this machine; all of it is searched."""

import io
import json
import sqlite3

import pytest
import runner_toys as toys

pytestmark = pytest.mark.slow

PASSWORD, TOKEN = "planted/pa55 wörd", "planted-token-4711"
# what careless code does: prints the token, shows an address, and fails with all of it in the message
CARELESS = [
    "import os\n"
    "from urllib.parse import quote\n"
    "print('token', os.environ['SHOP_TOKEN'], 'in', os.getcwd())\n"
    "address = 'postgresql://ann:' + quote(os.environ['DANGOL_DATABASE_PASSWORD'], safe='') + '@db/shop'\n"
    "[address, os.environ['DANGOL_DATABASE_PASSWORD'], os.environ['DANGOL_HOME']]"
]
FAILING = [
    *CARELESS,
    "raise OSError(2, 'cannot reach ' + address + ' ' + os.environ['SHOP_TOKEN'], os.getcwd())",
]


@pytest.fixture(scope="module")
def left(tmp_path_factory):
    """Home of a run whose notebooks are careless, the result, and what was shown."""
    from rich.console import Console

    from dangol import sources
    from dangol.runner.run import Options, run
    from dangol.runner.settings import Request
    from dangol.runner.summary import show_result

    home = tmp_path_factory.mktemp("planted-home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DANGOL_HOME", str(home))
        patch.setenv("DANGOL_DATABASE_PASSWORD", PASSWORD)
        patch.setenv("SHOP_TOKEN", TOKEN)
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        toys.write_raw(home)
        toys.write_toys(home / "nb", understand=FAILING, crosssell=CARELESS)
        out = Console(file=io.StringIO(), width=200)
        options = Options(only=("01", "02", "06"), notebooks=home / "nb")
        result = run(Request(None, "full", ()), options, out, sources.fetch)
        show_result(result, out, out)
    return home, result, out.file.getvalue()


def forms(home) -> list[bytes]:
    """Everything that was planted, as it may be written."""
    texts = [PASSWORD, "planted%2Fpa55", "pa55", TOKEN, str(home), home.name]
    return [form.encode() for text in texts for form in (text, json.dumps(text)[1:-1])]


def test_the_run_did_what_it_should(left):
    _, result, _ = left
    assert {stage.number: stage.status for stage in result.stages} == {
        "01": "done",
        "02": "failed",
        "06": "done",
    }
    assert result.troubles == ()


def test_no_file_holds_what_was_planted(left):
    home, _, _ = left
    sources = home / "nb"
    files = [path for path in home.rglob("*") if path.is_file() and sources not in path.parents]
    kinds = {path.suffix for path in files}
    assert {".ipynb", ".html", ".json", ".db", ".parquet"} <= kinds
    guilty = [
        f"{path.relative_to(home)}: {form!r}"
        for path in files
        for form in forms(home)
        if form in path.read_bytes()
    ]
    assert guilty == []


def test_the_failure_is_still_told(left):
    home, result, shown = left
    message = next(stage.message for stage in result.stages if stage.number == "02")
    assert "cannot reach postgresql://ann:***@db/shop ***" in message
    assert not [form for form in forms(home) if form in (shown + message).encode()]


def test_mlflow_holds_the_message_without_the_secrets(left):
    home, _, _ = left
    with sqlite3.connect(home / "mlruns" / "mlflow.db") as database:
        messages = [
            value for (value,) in database.execute("select value from tags where key = 'dangol.message'")
        ]
    assert len(messages) == 1
    assert "postgresql://ann:***@db/shop ***" in messages[0]
