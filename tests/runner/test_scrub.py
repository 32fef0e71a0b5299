import json
import sys
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from dangol.runner.scrub import cleaner, scrub_notebook


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A home folder with the project's results in it."""
    monkeypatch.setenv("HOME", str(tmp_path / "someone"))
    monkeypatch.setenv("DANGOL_HOME", str(tmp_path / "someone" / "work"))
    return tmp_path / "someone"


def test_paths_become_relative_to_the_project_or_the_home_folder(machine):
    clean = cleaner()
    assert clean(f"open {machine}/work/data/x.parquet failed") == "open ./data/x.parquet failed"
    assert clean(f"'{machine}/.cache/x'") == "'~/.cache/x'"
    assert clean(f"File \x1b[32m{machine}/work/a.py\x1b[39m:3") == "File \x1b[32m./a.py\x1b[39m:3"
    assert clean(f"{sys.prefix}/lib/x.py") == ".venv/lib/x.py"
    assert clean("/tmp/ipykernel_12/345.py:1: UserWarning").endswith(": UserWarning")
    assert (
        clean(f"{machine}s/other and https://example.org{machine}")
        == f"{machine}s/other and https://example.org{machine}"
    )


def test_an_executed_notebook_keeps_parameters_and_loses_paths(machine):
    png = f"{machine}/work"
    executed = {
        "cells": [
            {"cell_type": "markdown", "source": ["text"]},
            {
                "cell_type": "code",
                "source": ["1"],
                "outputs": [
                    {"output_type": "stream", "text": [f"{machine}/work/data\n"]},
                    {"output_type": "error", "traceback": [f"{machine}/x.py"], "ename": "E", "evalue": ""},
                    {"output_type": "display_data", "data": {"image/png": png, "text/plain": [str(machine)]}},
                ],
            },
        ],
        "metadata": {"papermill": {"input_path": str(machine), "parameters": {"seed": 1}, "duration": 2.0}},
    }
    scrubbed = scrub_notebook(executed)
    assert scrubbed["metadata"]["papermill"] == {"parameters": {"seed": 1}, "duration": 2.0}
    outputs = scrubbed["cells"][1]["outputs"]
    assert outputs[0]["text"] == ["./data\n"]
    assert outputs[1]["traceback"] == ["~/x.py"]
    assert outputs[2]["data"] == {"image/png": png, "text/plain": ["~"]}
    assert executed["cells"][1]["outputs"][0]["text"] == [f"{machine}/work/data\n"], (
        "the argument is left alone"
    )


def test_a_root_home_folder_does_not_swallow_every_path(monkeypatch):
    monkeypatch.setattr(Path, "home", lambda: Path("/"))
    assert cleaner()("/etc/hosts") == "/etc/hosts"


SECRET = 'pä$$/wörd "9" x'


@pytest.mark.parametrize(
    "name", ["DANGOL_DATABASE_PASSWORD", "shop_token", "AWS_SECRET_ACCESS_KEY", "ApiKey"]
)
def test_values_of_secret_variables_are_hidden_however_they_are_written(monkeypatch, name):
    monkeypatch.setenv(name, SECRET)
    for form in (SECRET, quote(SECRET, ""), quote_plus(SECRET), json.dumps(SECRET), repr(SECRET)):
        assert cleaner()(f"<{form.strip(chr(34))}>") in ("<***>", "<'***'>"), form


def test_a_password_in_an_address_is_hidden_and_the_rest_of_it_stays():
    clean = cleaner()
    assert clean("postgresql://ann:hunter22@db/shop") == "postgresql://ann:***@db/shop"
    assert (
        clean("https://:token@host:80/x and http://host:80/x")
        == "https://:***@host:80/x and http://host:80/x"
    )


def test_short_and_innocent_values_are_left_alone(monkeypatch):
    monkeypatch.setenv("TOKENIZERS_PARALLELISM", "false")
    monkeypatch.setenv("SHOP_REGION", "서울특별시 강남구")
    assert cleaner()("false in 서울특별시 강남구") == "false in 서울특별시 강남구"


def test_secrets_are_hidden_in_sources_and_parameters_too(monkeypatch):
    monkeypatch.setenv("SHOP_TOKEN", "planted-token")
    cell = {"cell_type": "code", "source": ["send('planted-token')"], "outputs": []}
    content = {"cells": [cell], "metadata": {"papermill": {"parameters": {"token": "planted-token"}}}}
    assert "planted-token" not in json.dumps(scrub_notebook(content))


def test_progress_widgets_do_not_stay_in_executed_notebooks():
    bar = {"data": {"application/vnd.jupyter.widget-view+json": {}, "text/plain": "FloatProgress(value=0.0)"}}
    table = {"data": {"text/plain": "a table"}}
    content = {"metadata": {}, "cells": [{"cell_type": "code", "source": "", "outputs": [bar, table]}]}
    assert scrub_notebook(content)["cells"][0]["outputs"] == [table]
