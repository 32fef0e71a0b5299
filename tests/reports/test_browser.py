"""The report and the pages in a real browser without a network."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

pytestmark = pytest.mark.slow

# below the folder of the report: 04 stopped with an error; the last ones are about several runs
PAGES = ("index", "index.ko", "01_integrate", "04_value")
ACROSS = ("../../index", "../../index.ko", "../../sweeps/monthly/index", "../../sweeps/monthly/index.ko")
HIDDEN_OR_EMPTY = """() => [...document.querySelectorAll('img, svg')]
    .filter(e => !e.checkVisibility() || e.getBoundingClientRect().width < 40
        || e.getBoundingClientRect().height < 40 || (e.tagName === 'IMG' && e.naturalWidth === 0))
    .map(e => e.outerHTML.slice(0, 120))"""
# every template in light and dark; languages share their colours
JUDGED = [(name, "light") for name in ("index.ko", "01_integrate", *ACROSS[:1], ACROSS[3])] + [
    (name, "dark") for name in ("index", "04_value", ACROSS[0])
]
SERIOUS = ("serious", "critical")
A4_WIDTH = 680  # CSS pixels between the margins
OVERFLOW = "() => document.documentElement.scrollWidth - window.innerWidth"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.fail("no Chromium found. Install it: apt-get install -y chromium")
    with sync_playwright() as playwright:
        args = ["--headless", "--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=path, args=args)
        yield browser
        browser.close()


def opened(browser: Browser, file: Path, width: int, scheme: str) -> tuple[Page, list[str], list[str]]:
    """A page loaded from its file; what it requested; what it said on the console."""
    context = browser.new_context(viewport={"width": width, "height": 820}, color_scheme=scheme)
    context.set_offline(True)
    page = context.new_page()
    requests: list[str] = []
    messages: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: messages.append(message.text))
    page.on("pageerror", lambda error: messages.append(str(error)))
    page.goto(file.as_uri())
    return page, requests, messages


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1280, "dark")])
def test_a_page_stands_alone_and_shows_everything(
    browser: Browser, drawn_home: Path, name: str, width: int, scheme: str
) -> None:
    file = (drawn_home / f"{name}.html").resolve()
    page, requests, messages = opened(browser, file, width, scheme)
    elsewhere = [url for url in requests if url != file.as_uri() and not url.startswith("data:")]
    assert elsewhere == []
    assert messages == []
    assert page.evaluate(OVERFLOW) <= 0
    assert page.evaluate(HIDDEN_OR_EMPTY) == []
    assert page.locator("img, .drawing svg").count() >= 1
    page.context.close()


@pytest.mark.parametrize("name", ACROSS)
@pytest.mark.parametrize("width", [390, 1280])
def test_a_page_about_several_runs_stands_alone(
    browser: Browser, drawn_home: Path, name: str, width: int
) -> None:
    file = (drawn_home / f"{name}.html").resolve()
    page, requests, messages = opened(browser, file, width, "dark")
    assert [url for url in requests if url != file.as_uri() and not url.startswith("data:")] == []
    assert messages == []
    assert page.evaluate(OVERFLOW) <= 0
    for target in page.evaluate("() => [...document.querySelectorAll('a')].map(a => a.getAttribute('href'))"):
        assert (file.parent / target).is_file(), target
    page.context.close()


@pytest.mark.parametrize(("name", "scheme"), JUDGED)
def test_no_page_has_a_serious_fault_of_accessibility(
    browser: Browser, drawn_home: Path, name: str, scheme: str
) -> None:
    page, _, _ = opened(browser, (drawn_home / f"{name}.html").resolve(), 1280, scheme)
    page.evaluate("() => document.querySelectorAll('details').forEach(fold => fold.open = true)")
    found = Axe().run(page).response["violations"]
    serious = [(fault["id"], fault["nodes"][0]["html"]) for fault in found if fault["impact"] in SERIOUS]
    assert serious == []
    page.context.close()


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_cut_off_on_paper(browser: Browser, drawn_home: Path, name: str) -> None:
    """A4 less its margins; what would scroll on a screen has to fit."""
    page, _, _ = opened(browser, drawn_home / f"{name}.html", A4_WIDTH, "light")
    page.emulate_media(media="print")
    assert page.evaluate(OVERFLOW) <= 0
    page.context.close()


def test_korean_text_is_set_in_the_font_of_the_page(browser: Browser, drawn_home: Path) -> None:
    page, _, _ = opened(browser, drawn_home / "index.ko.html", 1280, "light")
    loaded = "() => document.fonts.ready.then(fonts => [...fonts].filter(f => f.status === 'loaded').length)"
    assert page.evaluate(loaded) == 2
    family = "() => getComputedStyle(document.querySelector('.drawing text')).fontFamily"
    assert page.evaluate(family).startswith('"Dangol Hangul"')
    page.context.close()


def test_contents_and_ways_of_an_analysts_page_lead_on(browser: Browser, drawn_home: Path) -> None:
    page, _, _ = opened(browser, drawn_home / "02_understand.html", 1280, "light")
    assert page.locator("details.code").count() >= 5
    assert page.locator("details.code[open]").count() == 0
    assert page.locator(".parameters .chip").inner_text() == "changed"
    assert page.locator("nav.ways a", has_text="Tracked run").get_attribute("href").startswith("http")
    page.locator("aside a", has_text="2 Table").click()
    top = page.locator("h2", has_text="2 Table").bounding_box()
    assert top is not None
    assert -1 <= top["y"] < 200
    page.locator("nav.ways a[rel=next]").click()
    assert page.url.endswith("03_segment.html")
    page.locator("nav.turn a[rel=prev]").click()
    assert page.url.endswith("02_understand.html")
    page.context.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_scrolls_sideways_with_all_folds_open(browser: Browser, drawn_home: Path, width: int) -> None:
    for name in PAGES:
        page, _, _ = opened(browser, drawn_home / f"{name}.html", width, "light")
        page.evaluate("() => document.querySelectorAll('details').forEach(fold => fold.open = true)")
        assert page.evaluate(OVERFLOW) <= 0, name
        page.context.close()


def test_the_first_screen_holds_verdict_money_and_what_to_do(browser: Browser, drawn_home: Path) -> None:
    page, _, _ = opened(browser, drawn_home / "index.html", 1280, "light")
    for selector in ("h1", ".key-figures li:first-child", ".actions li:first-child"):
        box = page.locator(selector).bounding_box()
        assert box is not None
        assert box["y"] + box["height"] < 820, selector
    page.context.close()


def test_dark_and_light_differ_and_figures_follow(browser: Browser, drawn_home: Path) -> None:
    grounds, inks = set(), set()
    for scheme in ("light", "dark"):
        page, _, _ = opened(browser, drawn_home / "index.html", 1280, scheme)
        grounds.add(page.evaluate("() => getComputedStyle(document.body).backgroundColor"))
        inks.add(
            page.evaluate(
                "() => getComputedStyle(document.querySelector('.drawing svg [style*=muted]')).fill"
            )
        )
        page.context.close()
    assert len(grounds) == 2
    assert len(inks) == 2


def test_every_link_inside_the_report_leads_somewhere(browser: Browser, drawn_home: Path) -> None:
    page, _, _ = opened(browser, drawn_home / "index.html", 1280, "light")
    targets = page.evaluate("() => [...document.querySelectorAll('a')].map(a => a.getAttribute('href'))")
    ids = set(page.evaluate("() => [...document.querySelectorAll('[id]')].map(e => e.id)"))
    all_ids = page.evaluate("() => [...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(all_ids) == len(ids), "an id is used twice"
    for target in targets:
        assert (target[1:] in ids) if target.startswith("#") else (drawn_home / target).is_file(), target
    page.context.close()
