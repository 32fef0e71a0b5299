import re
from pathlib import Path

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from dangol.reports import write_page
from dangol.reports.cleaning import HIDDEN, clean_html, without_paths
from dangol.reports.parameters import parameters_of
from dangol.workspace import project_root


def written(notebook: Path, tmp_path: Path, **options) -> str:
    target = tmp_path / "pages" / "03_segment.html"
    write_page(notebook, target, **({"neighbours": (None, None), "run_url": None} | options))
    return target.read_text("utf-8")


def test_a_page_names_title_parameters_and_ways(notebook, tmp_path):
    ways = {"neighbours": ("02_understand.html", "04_value.html"), "run_url": "http://127.0.0.1:5000/#/r/1"}
    html = written(notebook(), tmp_path, **ways)
    assert "<title>03 Segment: who are our customers?</title>" in html
    assert html.count("03 Segment: who are our customers?</h1>") == 1
    assert 'href="02_understand.html"' in html
    assert "04 value" in html
    assert 'href="http://127.0.0.1:5000/#/r/1"' in html
    assert "clusters, 2 to 12" in html
    assert "folder in data/raw" in html


def test_the_ends_have_one_neighbour_and_no_run_link(notebook, tmp_path):
    html = written(notebook(), tmp_path, neighbours=(None, "02_understand.html"))
    assert 'rel="prev"' not in html
    assert 'rel="next"' in html
    assert "Tracked run" not in html


def test_contents_list_every_heading_once_even_if_two_are_alike(notebook, tmp_path):
    html = written(notebook(), tmp_path)
    listed = re.findall(r'<li class="level\d"><a href="#(s\d+)">([^<]+)</a>', html)
    assert [text for _, text in listed] == ["1 Sales", "Detail", "2 Table", "1 Sales"]
    assert all(html.count(f'id="{anchor}"') == 1 for anchor, _ in listed)


def test_code_is_folded_except_where_it_failed(notebook, tmp_path):
    html = written(notebook(is_broken=True), tmp_path)
    assert html.count('<details class="code">') >= 5
    assert len(re.findall(r'<details class="code" open', html)) == 1
    assert "stopped with an error" in html
    assert "no order" in html


def test_nothing_of_the_page_acts_or_loads(notebook, tmp_path):
    html = written(notebook(), tmp_path)
    assert "<script" not in html
    assert "onclick" not in html
    assert not re.search(r'(?:src|srcset)="(?!data:)', html)
    assert not re.search(r"url\((?!#|data:)", html)


def test_no_path_of_the_machine_reaches_the_page(notebook, tmp_path):
    html = written(notebook(is_broken=True), tmp_path)
    assert "/home/kim" not in html
    assert "/tmp/" not in html
    assert "…/orders.csv" in html


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("see /home/kim/data/a.csv, line 3", "see …/a.csv, line 3"),
        (f"{project_root()}/notebooks/01.ipynb", "notebooks/01.ipynb"),
        (r"in C:\Users\kim\a.csv", "in …/a.csv"),
        ("https://example.org/home/kim/a.csv", "https://example.org/home/kim/a.csv"),
        ("FROZEN/ICE CREAM and 1/2", "FROZEN/ICE CREAM and 1/2"),
    ],
)
def test_paths_are_cut_and_other_text_is_kept(raw, shown):
    assert without_paths(raw) == shown


def test_columns_that_identify_people_are_blanked():
    html = clean_html(
        "<table><thead><tr><th></th><th>customer_id</th><th>amount</th></tr></thead>"
        "<tbody><tr><th>0</th><td>990017</td><td>12.5</td></tr></tbody></table>"
    )
    assert "990017" not in html
    assert HIDDEN in html
    assert "12.5" in html


def test_an_index_of_customer_ids_is_blanked():
    html = clean_html(
        "<table><thead><tr><th></th><th>amount</th></tr><tr><th>customer_id</th><th></th></tr></thead>"
        "<tbody><tr><th>990017</th><td>12.5</td></tr></tbody></table>"
    )
    assert "990017" not in html
    assert "12.5" in html


def test_columns_of_words_are_told_from_columns_of_numbers():
    frame = pd.DataFrame({"name": ["a b"], "n": [1], "share": ["12.5%"], "low": [-1.5e-7]})
    html = clean_html(frame.to_html(index=False))
    assert re.findall(r'<t[hd] class="words">([^<]+)', html) == ["name", "a b"]


def test_parameters_take_injected_values_over_defaults():
    cells = [
        {"source": "a: int = 1  # first\nb = 'x'", "metadata": {"tags": ["parameters"]}},
        {"source": "a = 2", "metadata": {"tags": ["injected-parameters"]}},
    ]
    first, second = parameters_of(cells)
    assert (first.name, first.value, first.meaning, first.is_changed) == ("a", "2", "first", True)
    assert (second.name, second.value, second.meaning, second.is_changed) == ("b", "'x'", "", False)


def test_a_notebook_without_parameters_has_a_page(notebook, tmp_path):
    assert parameters_of([{"source": "x ===", "metadata": {"tags": ["parameters"]}}]) == []


def test_a_failed_write_leaves_the_old_page(notebook, tmp_path):
    html = written(notebook(), tmp_path)
    broken = tmp_path / "broken.ipynb"
    broken.write_text("{}")
    with pytest.raises(KeyError, match="cells"):
        write_page(broken, tmp_path / "pages" / "03_segment.html", neighbours=(None, None), run_url=None)
    assert (tmp_path / "pages" / "03_segment.html").read_text("utf-8") == html
    assert [path.name for path in (tmp_path / "pages").iterdir()] == ["03_segment.html"]


def cells_of(html: str) -> list[list[str]]:
    from dangol.reports.cleaning import clean_html

    rows = BeautifulSoup(clean_html(html), "html.parser").find_all("tr")
    return [[cell.get_text() for cell in row.find_all(["th", "td"])] for row in rows][1:]


def test_small_groups_in_tables_are_hidden_with_what_would_give_them_away():
    grades = pd.DataFrame(
        {"grade": ["Gold", "Silver", "Iron"], "n_customers": [4, 31, 2000], "share": [0.1] * 3}
    )
    assert cells_of(grades.to_html(index=False)) == [
        ["Gold", "<10", "•"],
        ["Silver", "10+", "•"],
        ["Iron", "2000", "0.1"],
    ]


def test_a_row_that_sums_up_its_group_gives_no_small_group_away():
    lessons = pd.DataFrame(
        {
            "campaign_type": ["A"] * 4 + ["B"] * 2,
            "customer_grade": ["all", "Gold", "Iron", "not graded", "all", "Gold"],
            "n_treated": [945, 340, 600, 5, 77, 77],
        }
    )
    shown = [row[2] for row in cells_of(lessons.to_html(index=False))]
    assert shown == ["945", "10+", "600", "<10", "77", "77"]


def test_counts_of_things_stay():
    faults = pd.DataFrame({"rule": ["a", "b"], "n_rows": [3, 500], "n_orphans": [2, 9]})
    assert cells_of(faults.to_html(index=False)) == [["a", "3", "2"], ["b", "500", "9"]]


def test_what_few_contacts_cost_does_not_tell_how_many_they_were():
    rows = {
        "dimension_value": ["Gold", "Iron", "Tin"],
        "n_judged": [300, 4, 25],
        "judged_cost": [150, 2, 12.5],
    }
    frame = pd.DataFrame(rows).assign(incremental_margin=-60, roi=-31, break_even_contact_cost=-15)
    shown = cells_of(frame.to_html(index=False))
    assert shown[0] == ["Gold", "300", "150.0", "-60", "-31", "-15"]
    assert shown[1] == ["Iron", "<10", "•", "-60", "•", "•"]
    assert shown[2] == ["Tin", "10+", "•", "-60", "•", "•"]


def test_small_counts_are_hidden_in_a_table_that_is_turned():
    sheet = pd.DataFrame(
        {
            "segment": ["weekend", "frequent", "rest"],
            "n_customers": [4, 310, 28],
            "customer_share": [0.01, 0.91, 0.08],
        }
    )
    shown = cells_of(sheet.set_index("segment").T.to_html())
    assert shown[0] == ["n_customers", "<10", "310.00", "10+"]
    assert shown[1] == ["customer_share", "•", "0.91", "•"]
