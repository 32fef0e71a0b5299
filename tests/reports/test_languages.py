"""The report in Korean: the same facts, nothing left in English, every character in the font."""

import base64
import io
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from string import Formatter

import pytest
from fontTools.ttLib import TTFont

from dangol.fonts import characters, font_face, font_file
from dangol.plots import house_style
from dangol.records import record_figure
from dangol.reports import write_report
from dangol.reports.messages import catalogue, phrases
from dangol.stages import StageResult
from dangol.workspace import home

KOREAN = catalogue("ko")
# three words in Latin letters in a row, as no name of a thing has them here
ENGLISH = re.compile(r"[A-Za-z][a-z'’]+(?:[ ,]+[A-Za-z][a-z'’]*){2,}")
PARTICLE = re.compile(
    r"\{[^}:]+:(?!percent\}|percent_interval|plural )[^}]*\}(?:은|는|이|가|을|를|와|과|으로|로)(?=[ .,)])"
)


class Words(HTMLParser):
    """What a page says: its text, tooltips and labels; not names in code, not its style sheet."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.skipped: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag in ("style", "code"):
            self.skipped.append(tag)
        self.texts += [value for name, value in attrs if name in ("title", "aria-label", "alt")]

    def handle_endtag(self, tag):
        if self.skipped and tag == self.skipped[-1]:
            self.skipped.pop()

    def handle_data(self, data):
        if not self.skipped:
            self.texts.append(data)


def korean(built) -> str:
    english = write_report(built.run, built.stages)
    return english.with_name("index.ko.html").read_text("utf-8")


def said(html: str) -> list[str]:
    parser = Words()
    parser.feed(html)
    return parser.texts


def messages(content, key: str = "") -> Iterator[tuple[str, str]]:
    """Dotted key and text of every message of a catalogue."""
    if isinstance(content, dict):
        for name, part in content.items():
            yield from messages(part, f"{key}.{name}".strip("."))
    elif isinstance(content, list):
        for place, part in enumerate(content):
            yield from messages(part, f"{key}.{place}")
    elif isinstance(content, str):
        yield key, content


def test_both_catalogues_have_the_same_messages():
    assert KOREAN.keys() == catalogue("en").keys()
    units = re.compile(r"^formats\.units\.")
    english, other = (
        {key for key, _ in messages(catalogue(language)) if not units.match(key)} for language in ("en", "ko")
    )
    assert english == other


def fields(key: str, message: str) -> set[str]:
    """Figures a message names, with their formats; a word that follows a figure is each language's own."""
    parsed = [(name, kind) for _, name, kind, _ in Formatter().parse(message) if name is not None]
    if key.startswith("recorded."):
        return {name for name, _ in parsed}
    links = re.findall(r"\]\(#[a-z]+\)", message)
    return {f"{name}:{kind}" for name, kind in parsed if not str(kind).startswith("plural ")} | set(links)


def test_messages_name_the_same_figures_and_terms_in_both_languages():
    translations = dict(messages(KOREAN))
    english = [(key, text) for key, text in messages(catalogue("en")) if not key.startswith("formats.")]
    assert [key for key, text in english if fields(key, text) != fields(key, translations[key])] == []


def test_no_particle_depends_on_a_figure():
    found = [text for key, text in messages(KOREAN) if PARTICLE.search(text)]
    assert found == []


def test_every_sentence_of_the_report_is_korean(world):
    html = korean(world().with_state("06", "skipped", "data set 'x' has no products (one product), which "
                                     "this notebook needs. It would have answered: what goes together, and "
                                     "what do we offer whom?"))  # fmt: skip
    left = [found for text in said(html) if (found := ENGLISH.search(text))]
    assert left == []
    assert '<html lang="ko">' in html


def test_the_pages_of_both_languages_link_to_each_other(world):
    built = world()
    english = write_report(built.run, built.stages).read_text("utf-8")
    assert 'href="index.ko.html" lang="ko"' in english
    assert 'href="index.html" lang="en"' in korean(built)
    assert 'href="index.ko.html" lang="ko"' in (home() / "reports" / "index.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("changes", "english", "korean_text"),
    [
        ({"n09": {"roi_low": 0.4, "roi_high": 2.0}}, "earned back more", "비용보다 많이 벌었습니다"),
        ({"n09": {"roi_low": -2.0, "roi_high": -0.4}}, "cost more than they", "비용이 더 컸습니다"),
        (
            {"n09": {"incremental_margin_low": -9e3, "incremental_margin_high": -1e3}},
            "left customers buying less",
            "구매가 오히려 줄었습니다",
        ),
        ({"n08": {"expected_profit_low": -9e2, "expected_profit_high": -10.0}}, "Do not send", "보내지 마십"),
        ({"n08": {"expected_profit_low": 10.0}}, "to 800 customers, at a", "A(우편), 고객 800명, 비용"),
        ({"n08": {"expected_profit_low": -10.0}}, "only as a test", "시험용으로만"),
        ({"n02": {"amount_change_share": 0.12}}, "Sales are growing", "매출이 늘고 있습니다"),
        ({"n02": {"amount_change_share": -0.12}}, "Sales are falling", "매출이 줄고 있습니다"),
        ({"n05": {"lapse_auc_low": 0.8, "lapse_auc_high": 0.9}}, "well before", "일찍부터 알 수 있습니다"),
        ({"n05": {"lapse_auc_low": 0.4, "lapse_auc_high": 0.45}}, "worse than", "동전 던지기보다 못합니다"),
        ({"n03": {"n_at_risk": 0}}, "No customer is at risk", "이탈 위험에 있는 고객이 없습니다"),
        ({"n03": {"n_at_risk": 150}}, "150 customers are at risk", "고객 150명이 이탈 위험에 있습니다"),
        ({"n09": {"design": "randomized"}}, "drawn by lot, so the difference is due", "차이는 캠페인 때문"),
        ({"n09": {"design": "observational"}}, "evidence, not proof", "증명은 아닙니다"),
    ],
)  # fmt: skip
def test_opposite_figures_give_opposite_sentences_in_both_languages(world, changes, english, korean_text):
    built = world(**changes)
    pages = {"en": write_report(built.run, built.stages).read_text("utf-8"), "ko": korean(built)}
    for language, text in (("en", english), ("ko", korean_text)):
        plain = " ".join(re.sub(r"<[^>]+>", "", pages[language]).split())
        assert text in plain


@pytest.mark.parametrize(
    ("recorded", "translation"),
    [
        ("340 k", "34만"),
        ("50 k", "50,000"),
        ("12.5 M", "1,250만"),
        ("125 k", "12.5만"),
        ("\N{MINUS SIGN}1.2 M", "\N{MINUS SIGN}120만"),
        ("3 Dec 2017", "2017년 12월 3일"),
        ("last period again (baseline)", "지난 기간 그대로(기준)"),
        ("Frequent, small baskets · 41% of sales", "잦은 구매, 작은 장바구니 · 매출의 41%"),
        ("Salt, pepper", "Salt, pepper"),
        ("reactivated · 10+", "재활성 · 10+"),
        ("profit ($)", "이익($)"),
        ("profit (₩)", "이익(원)"),
        ("profit (currency)", "이익(통화)"),
        (
            "The first half of the budget earns $300 of the plan's $1,450",
            "예산의 처음 절반으로 계획 이익 $1,450 중 $300만큼을 법니다",
        ),
        ("12 Angry Men", "12 Angry Men"),
        ("김치 · 3", "김치 · 3"),
    ],
)
def test_recorded_texts_are_translated_and_names_from_the_data_stay(recorded, translation):
    assert phrases("ko").say(recorded) == translation
    assert phrases("en").say(recorded) == recorded


def test_figures_are_translated_and_keep_names_in_hangul(world):
    import matplotlib.pyplot as plt

    built = world()
    title = "Lapse: the network is as good as the best simpler model (boosted trees)"
    with house_style():
        figure, axes = plt.subplots()
        axes.barh(["김치찌개", "network"], [1, 2])
        axes.set(xlabel="mean predicted", title=title)
    record_figure(figure, "board", title, built.run.of("05"))
    plt.close(figure)
    html = korean(built)
    for text in ("김치찌개", "신경망", "평균 예측"):
        assert f">{text}</text>" in html
    assert "<figcaption>이탈: 신경망이 가장 나은 단순 모형(부스팅 트리)과 대등합니다</figcaption>" in html
    assert "mean predicted" not in html
    english = write_report(built.run, built.stages).read_text("utf-8")
    assert ">김치찌개</text>" in english
    assert set("김치찌개") <= embedded(english)["Regular"]


def embedded(html: str) -> dict[str, set[str]]:
    """Characters of the fonts set into a page, by weight."""
    found = {}
    for weights, data in re.findall(
        r"font-weight: ([0-9 ]+); src: url\(data:font/woff;base64,([^)]+)\)", html
    ):
        font = TTFont(io.BytesIO(base64.b64decode(data)))
        found["Bold" if weights.endswith("900") else "Regular"] = set(map(chr, font.getBestCmap()))
    return found


def test_the_fonts_of_a_page_hold_every_character_of_it(world):
    html = korean(world(n02={"top_department": "뷁 쀍 힣 한우/정육"}))
    shown = {character for text in said(html) for character in text if not character.isspace()}
    fonts = embedded(html)
    assert set(fonts) == {"Regular", "Bold"}
    assert shown - fonts["Regular"] == set()
    assert shown - fonts["Bold"] == set()


def test_the_bundled_font_draws_every_modern_syllable_and_is_licensed():
    assert set(map(chr, range(0xAC00, 0xD7A4))) <= characters()
    assert "SIL OPEN FONT LICENSE Version 1.1" in (font_file().parent / "OFL.txt").read_text()
    assert font_face("日本") == ""


def test_hangul_in_a_figure_leaves_no_glyph_out(tmp_path: Path):
    """Matplotlib warns of a glyph it lacks, and warnings are errors in tests."""
    import matplotlib.pyplot as plt

    with house_style():
        figure, axes = plt.subplots()
        axes.set(title="뷁 쀍 힣: 단골 고객 −3%", xlabel="매출(원)")
    figure.savefig(tmp_path / "hangul.png")
    plt.close(figure)


def test_a_failed_notebook_keeps_the_words_of_its_error(world):
    built = world().with_state("08", "failed", "cell 7: the budget is negative")
    html = korean(built)
    assert "cell 7: the budget is negative" in html
    assert "완료되지 않은 노트북: 08 계획." in html


def test_a_notebook_the_catalogue_does_not_know_is_shown_by_its_title(world):
    built = world()
    built.stages.append(StageResult("10", "extra", "10 Extra: 무엇?", "done", 1.0, "", None))
    assert "10 Extra: 무엇?" in korean(built)
