"""A notebook in a real JupyterLab in a headless browser: "Run all" ends without an error or a warning."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from dangol.workspace import project_root

pytestmark = pytest.mark.slow

DATASET, WORD = "simulator-300", "lab-of-a-test"
# all of them with LAB_NOTEBOOKS=01_integrate,02_understand,…; each reads what the ones before it have left
NOTEBOOKS = os.environ.get("LAB_NOTEBOOKS", "01_integrate").split(",")
SHOTS = os.environ.get("LAB_SHOTS")  # folder for pictures of the screen
RUN_ALL = """() => {
    window.hasRun = false;
    window.jupyterapp.commands.execute('notebook:run-all-cells').finally(() => { window.hasRun = true; });
}"""
RUN_SECONDS = 400
SAVE = "() => window.jupyterapp.commands.execute('docmanager:save')"
SHUT_DOWN = "() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()"
SCROLL_TO = "place => window.jupyterapp.shell.currentWidget.content.scrollToItem(place, 'center')"
SHOW_CONTENTS = "() => window.jupyterapp.commands.execute('toc:show-panel')"
# the notebook before may still be the one in front
IS_READY = """name => {
    const panel = window.jupyterapp?.shell?.currentWidget;
    return panel?.context?.path === `notebooks/${name}.ipynb` &&
        panel.sessionContext?.session?.kernel?.status === 'idle' && panel.content.widgets.length > 3;
}"""


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """A folder to work in: copies of the notebooks that name a small simulated company, and its raw files."""
    from dangol.sources import fetch

    home = tmp_path_factory.mktemp("lab")
    (home / "notebooks").mkdir()
    for path in sorted((project_root() / "notebooks").glob("*.ipynb")):
        text = path.read_text(encoding="utf-8").replace('\\"complete_journey\\"', f'\\"{DATASET}\\"')
        (home / "notebooks" / path.name).write_text(text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DANGOL_HOME", str(home))
        fetch(DATASET)
    return home


@pytest.fixture(scope="module")
def lab(home) -> Iterator[str]:
    """Address of a JupyterLab that serves the folder, as ``make lab`` starts it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--no-browser", "--allow-root", f"--port={port}", f"--notebook-dir={home}"]
    options += [f"--IdentityProvider.token={WORD}", "--LabApp.expose_app_in_browser=True"]
    surroundings = {**os.environ, "DANGOL_HOME": str(home), "JUPYTER_CONFIG_DIR": str(home / "config")}
    surroundings |= {"JUPYTERLAB_SETTINGS_DIR": str(home / "s"), "JUPYTERLAB_WORKSPACES_DIR": str(home / "w")}
    surroundings["JUPYTER_CONFIG_PATH"] = str(project_root() / ".jupyter")
    with (home / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options], env=surroundings, cwd=home, stdout=log, stderr=log
        )
        address = f"http://127.0.0.1:{port}"
        try:
            _wait_for(f"{address}/api/status?token={WORD}", server)
            yield address
        finally:
            server.terminate()
            server.wait(30)


def _wait_for(address: str, server: subprocess.Popen) -> None:
    end = time.monotonic() + 90
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.3)
    pytest.fail("JupyterLab did not start")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no Chromium found. Install it: apt-get install -y chromium")
    with sync_playwright() as playwright:
        args = ["--headless", "--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=path, args=args)
        yield browser
        browser.close()


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_run_all_ends_without_an_error_or_a_warning(lab, home, browser, name):
    page = browser.new_page(viewport={"width": 1440, "height": 900}, device_scale_factor=2)
    page.set_default_timeout(90_000)
    page.goto(f"{lab}/lab/tree/notebooks/{name}.ipynb?token={WORD}")
    page.wait_for_function(IS_READY, arg=name)
    page.evaluate(RUN_ALL)
    page.wait_for_function("() => window.hasRun", timeout=RUN_SECONDS * 1000)
    page.evaluate(SAVE)
    content = json.loads((home / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))
    _pictures(page, name, content["cells"])
    assert page.locator(".jp-Dialog, .Toastify__toast").all_inner_texts() == []
    page.evaluate(SHUT_DOWN)
    page.close()
    code = [cell for cell in content["cells"] if cell["cell_type"] == "code"]
    outputs = [output for cell in code for output in cell["outputs"]]
    assert [output for output in outputs if output["output_type"] == "error"] == []
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    said = ["".join(output["text"]) for output in outputs if output["output_type"] == "stream"]
    assert said == []
    assert sum(output["output_type"] in ("display_data", "execute_result") for output in outputs) >= 3


def _pictures(page: Page, name: str, cells: list[dict]) -> None:
    """What a person sees: the parameters and the last figure, beside the table of contents."""
    if not SHOTS:
        return
    page.evaluate(SHOW_CONTENTS)
    drawn = [place for place, cell in enumerate(cells) if "image/png" in json.dumps(cell.get("outputs", []))]
    for what, place in (("parameters", 2), ("figure", (drawn or [0])[-1])):
        page.evaluate(SCROLL_TO, place)
        page.wait_for_timeout(1_500)
        page.screenshot(path=f"{SHOTS}/{name}_{what}.png")
