"""Which files a spec may name, and how they are written."""

import zipfile

import pyarrow.parquet as pq
import pytest
from own_shop import workbook

from dangol.errors import InputError
from dangol.sources.own import csv_rows, sheets
from dangol.sources.own.csv_rows import CsvRows
from dangol.sources.own.dialect import dialect_of
from dangol.sources.own.inputs import find, find_all
from dangol.sources.own.opening import open_rows
from dangol.sources.own.reading import read_spec
from dangol.sources.own.rows import RAGGED, ROW
from dangol.sources.own.sheets import SheetRows
from dangol.sources.own.spec import Format, Input


@pytest.mark.parametrize(
    "pattern", ["../secret.csv", "/etc/passwd", "a/../../secret.csv", "..\\secret.csv", "C:\\secret.csv"]
)
def test_a_path_outside_the_folder_of_the_spec_is_refused(place, pattern):
    (place.parent / "secret.csv").write_text("a\n1\n")
    files, faults = find(place, (pattern,))
    assert files == []
    assert "lies outside the spec's folder" in faults[0]


def test_a_link_that_leads_outside_is_refused_even_through_a_pattern(place):
    (place.parent / "secret.csv").write_text("a\n1\n")
    (place / "link.csv").symlink_to(place.parent / "secret.csv")
    files, faults = find(place, ("l*.csv",))
    assert files == []
    assert "link that leads outside" in faults[0]


def test_patterns_find_files_by_name_and_near_misses_are_named(place):
    (place / "sub").mkdir()
    (place / "sub" / "orders-2.csv").write_text("a\n1\n")
    files, faults = find(place, ("orders.csv", "sub/*.csv"))
    assert [one.name for one in files] == ["orders.csv", "sub/orders-2.csv"]
    assert faults == []
    assert find(place, ("ordres.csv",))[1] == [
        "ordres.csv: there is no such file beside the spec. Did you mean 'orders.csv'?"
    ]


def test_archives_and_empty_files_are_refused(place):
    with zipfile.ZipFile(place / "orders.zip", "w") as archive:
        archive.writestr("orders.csv", "a\n1\n")
    (place / "nothing.csv").touch()
    faults = find(place, ("orders.zip", "nothing.csv"))[1]
    assert "orders.zip: cannot be read as a table" in faults[0]
    assert faults[1] == "nothing.csv: the file is empty"


def test_a_workbook_named_like_a_text_is_refused_by_its_content(place):
    (place / "book.csv").write_bytes(workbook({"Sheet1": [["a"], [1]]}))
    with pytest.raises(InputError, match=r"book\.csv: its content is an Excel workbook \(\.xlsx\)"):
        open_rows(place / "book.csv", Input(file=("book.csv",)))


def test_copies_and_other_versions_are_refused(place, write_spec):
    (place / "orders-copy.csv").write_bytes((place / "orders.csv").read_bytes())
    from own_shop import transactions

    spec = read_spec(
        write_spec(transactions=transactions(file="orders*.csv", sha256={"orders.csv": "0" * 64}))
    )
    faults = find_all(place, spec)[1]
    assert any("orders.csv: has the same content as orders-copy.csv" in fault for fault in faults)
    assert any(
        "orders.csv: SHA-256 is" in fault and "the spec says 000000000000…" in fault for fault in faults
    )


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16", "utf-16-le"])
def test_delimiter_and_encoding_are_found(tmp_path, encoding, delimiter):
    path = tmp_path / "orders.csv"
    lines = [["고객번호", "이름", "금액"], *(["1", "홍길동", "10.5"] for _ in range(20))]
    path.write_bytes("\n".join(delimiter.join(line) for line in lines).encode(encoding))
    rows = CsvRows(path, Format())
    assert rows.dialect.delimiter == delimiter
    assert rows.names == ("고객번호", "이름", "금액")
    assert rows.stream(["이름"]).read_all()["c0"].to_pylist() == ["홍길동"] * 20


def test_western_accents_are_not_taken_for_korean(tmp_path):
    path = tmp_path / "kunden.csv"
    path.write_bytes("name;stadt\nMüller;Köln\nJürgen;Düsseldorf\nFrançois;Nîmes\n".encode("cp1252"))
    assert dialect_of(path).encoding == "cp1252"


def test_hangul_far_down_in_the_file_decides_the_encoding(tmp_path):
    path = tmp_path / "late.csv"
    path.write_bytes(b"id,name\n" + b"1,plain\n" * 900_000 + "2,홍길동\n".encode("cp949") * 20)
    assert dialect_of(path).encoding == "cp949"


def test_rows_of_another_width_keep_their_place(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_rows, "_BLOCK_BYTES", 2_000)
    path = tmp_path / "ragged.csv"
    wrong = {0: 1, 1: 4, 7: 2, 800: 5, 1_999: 2}
    widths = [wrong.get(i, 3) for i in range(2_000)]
    path.write_text("a,b,c\n" + "".join(",".join([str(i)] * width) + "\n" for i, width in enumerate(widths)))
    frame = CsvRows(path, Format()).stream(["b"]).read_all().to_pandas()
    assert frame[ROW].tolist() == list(range(2_000))
    bad = frame[frame[RAGGED].notna()]
    assert bad[ROW].tolist() == sorted(wrong)
    assert bad[RAGGED].iloc[1] == "4 fields where the header has 3"
    good = frame[frame[RAGGED].isna()]
    assert (good["c0"].astype("int64") == good[ROW]).all()


def test_titles_above_the_header_and_no_header_at_all(tmp_path):
    path = tmp_path / "titled.csv"
    path.write_text('"Report\nof May",,\n\nid,"net\namount",id\n1,2,3\n')
    rows = CsvRows(path, Format(header_row=3))
    assert rows.names == ("id", "net\namount", "id_2")
    assert rows.stream(["id_2"]).read_all()["c0"].to_pylist() == ["3"]
    path.write_text("1,2\n3,4\n")
    assert CsvRows(path, Format(header_row=0)).stream(["column_2"]).read_all()["c0"].to_pylist() == ["2", "4"]


@pytest.mark.parametrize(
    ("content", "form", "message"),
    [
        (
            "id,name\n1,홍\n2,길\n".encode("cp949"),
            {"encoding": "utf-8"},
            "the header is not|not written in utf-8",
        ),
        (b"id,name\n" + b"1,ok\n" * 9 + b"2,\xff\xff\n", {"encoding": "utf-8"}, r"first seen in line 11\)"),
        (
            b'id,name\n1,"never ends\n' + b"2,x\n" * 3_000_000,
            {},
            "opened and never closed; about 3,000,000 line",
        ),
        (b"\n\n", {}, "holds no names"),
        (b"id,name\n1,2\n", {"header_row": 9}, "row 9 holds no names"),
    ],
    ids=["header", "row", "quote", "blank", "short"],
)
def test_a_text_that_cannot_be_read_says_where_and_what_to_do(tmp_path, content, form, message):
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        rows = CsvRows(path, Format(**form))
        try:
            rows.stream(list(rows.names)).read_all()
        except Exception:
            raise rows.failure or AssertionError("another error") from None


def test_a_sheet_is_read_with_its_numbers_and_hangul(tmp_path):
    path = tmp_path / "book.xlsx"
    table = [["주문 목록"], ["번호", "이름"], [1, "홍길동"], [2.5, None], [None, None], [3, "김"]]
    path.write_bytes(workbook({"cover": [["x"]], "주문": table}))
    rows = open_rows(path, Input(file=("book.xlsx",), format=Format(sheet="주문", header_row=2)))
    assert rows.names == ("번호", "이름")
    read = rows.stream(["이름", "번호"]).read_all()
    assert read["c1"].to_pylist() == ["1", "2.5", "3"]
    assert read["c0"].to_pylist() == ["홍길동", None, "김"]
    with pytest.raises(InputError, match="there is no sheet 'none'; it has cover, 주문"):
        SheetRows(path, Format(sheet="none"))


def test_zip_bombs_and_stray_cells_are_refused_before_they_unfold(tmp_path, monkeypatch):
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 5_000_000)
    monkeypatch.setattr(sheets, "MAX_UNPACKED_BYTES", 2**20)
    with pytest.raises(InputError, match="unpacks to more than 1 MiB"):
        SheetRows(path, Format())
    monkeypatch.undo()
    content = workbook({"s": [["a"], [1]]})
    far = content  # the same book with one cell at the far end
    with zipfile.ZipFile(tmp_path / "plain.xlsx", "w") as target:
        (tmp_path / "source.xlsx").write_bytes(far)
        with zipfile.ZipFile(tmp_path / "source.xlsx") as source:
            for name in source.namelist():
                text = source.read(name).replace(b'r="A2"', b'r="XFD1048576"')
                target.writestr(name, text)
    with pytest.raises(InputError, match="reaches to row 1,048,576 and column 16,384"):
        SheetRows(tmp_path / "plain.xlsx", Format())


@pytest.mark.parametrize("name", ["a.xlsx", "a.parquet", "a.duckdb", "a.sqlite"])
def test_a_file_that_is_not_what_its_name_says_is_refused(tmp_path, name):
    (tmp_path / name).write_bytes(b"no such file, only text " * 100)
    with pytest.raises(InputError, match=r"a\.\w+: not a readable"):
        open_rows(tmp_path / name, Input(file=(name,), table="t"))


def test_a_damaged_parquet_file_is_named(tmp_path, place):
    import pandas as pd

    path = tmp_path / "a.parquet"
    pd.DataFrame({"a": range(50_000)}).to_parquet(path)
    content = bytearray(path.read_bytes())
    content[200:4_000] = b"\0" * 3_800
    path.write_bytes(content)
    assert pq.read_metadata(path).num_rows == 50_000
    rows = open_rows(path, Input(file=("a.parquet",)))
    with pytest.raises(Exception):  # noqa: B017 - the engine's own; the reader keeps what happened
        rows.stream(["a"]).read_all()
    assert "a.parquet: damaged" in str(rows.failure)
