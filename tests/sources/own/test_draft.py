"""From files to a first spec, and from its check to what a person has to do."""

import re

import pytest
import yaml
from own_shop import transactions, workbook

from dangol import sources
from dangol.errors import InputError
from dangol.sources.own.checking import check
from dangol.sources.own.dates import forms_of, is_ambiguous
from dangol.sources.own.reading import read_spec
from dangol.sources.own.starting import start

KOREAN = "고객번호,주문번호,주문일자,상품코드,수량,단가,지역\n" + "".join(
    f'{i % 9},{1000 + i},2024. 1. {i % 28 + 1}.,P{i % 5},{i % 3 + 1},"{(i % 4 + 1) * 1000:,}",서울\n'
    for i in range(60)
)
GERMAN = "Kundennr;Bestelldatum;Artikelnr;Betrag\n" + "".join(
    f"{i % 9};{i % 28 + 1:02}.01.2024;A{i % 5};{i},50\n" for i in range(60)
)
FILLED = (("origin:  #", "origin: me  #"), ("licence:  #", "licence: mine  #"))


def drafted(folder, **fill: str):
    """The spec drafted from a folder, with its blanks filled in."""
    written = start([str(folder)], None, "", force=True)
    text = written.path.read_text("utf-8")
    for old, new in (*FILLED, *((f"{name}:  #", f"{name}: {value}  #") for name, value in fill.items())):
        text = text.replace(old, new)
    written.path.write_text(text, "utf-8")
    return written.path


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "My Shop"
    made.mkdir()
    return made


@pytest.mark.parametrize(
    ("text", "encoding", "amount"),
    [
        (KOREAN, "cp949", None),
        (KOREAN, "utf-8-sig", None),
        (GERMAN, "cp1252", sum(i + 0.5 for i in range(60))),
    ],
    ids=["korean cp949", "korean utf-8", "german"],
)
def test_a_draft_runs_once_its_blanks_are_filled(folder, home, text, encoding, amount):
    (folder / "orders.csv").write_bytes(text.encode(encoding))
    path = drafted(folder)
    verdict = check(path)
    assert not verdict.blocks, verdict.lines
    lines = sources.to_canonical(sources.fetch(str(path)).dataset, 0.5).tables["transactions"]
    expected = amount or sum((i % 3 + 1) * (i % 4 + 1) * 1000 for i in range(60))
    assert lines["amount"].sum() == expected
    assert lines["customer_id"].nunique() == 9
    assert f"{lines['order_ts'].min():%Y-%m-%d}" == "2024-01-01"


def test_guesses_carry_their_reason_and_what_is_unknown_is_a_blank(folder):
    (folder / "sales.csv").write_text("who_is_it,order_date,total\n1,2024-01-05,7.5\n1,2024-01-06,8\n")
    written = start([str(folder)], None, "", force=False)
    text = written.path.read_text()
    assert written.path.name == "sales.yaml"
    assert "order_ts: order_date  # by its name" in text
    assert "customer_id:  # TO FILL IN: which of 'who_is_it'" in text
    assert written.n_blanks == 3
    with pytest.raises(InputError) as caught:
        read_spec(written.path)
    assert {"origin", "licence", "transactions.columns.customer_id"} == set(
        re.findall(r"- ([\w.]+): to be filled in", str(caught.value))
    )


def test_exports_of_several_months_become_one_table(folder):
    for month in (1, 2):
        rows = "".join(f"{i % 7};{i % 28 + 1:02}.{month:02}.2024;{i},50\n" for i in range(30))
        rows = f"Kundennr;Bestelldatum;Betrag (€)\n{rows}Summe;;465,00\n"
        (folder / f"sales_{month}.csv").write_text(rows)
    text = start([str(folder)], None, "", force=False).path.read_text("utf-8")
    table = yaml.safe_load(text)["transactions"]
    assert table["file"] == ["sales_1.csv", "sales_2.csv"]
    assert table["format"]["decimal"] == ","
    assert table["columns"]["amount"] == "Betrag (€)"
    assert "looks like transactions as well" not in text


def test_single_bad_cells_do_not_hide_what_a_column_is(folder):
    amounts = ["12.000원"] * 2 + [f"{i},{i:02}" for i in range(1, 30)] + ["n/v", "k. A."]
    rows = "".join(f"{i};2024-01-{i % 28 + 1:02};{amount}\n" for i, amount in enumerate(amounts))
    (folder / "orders.csv").write_text("customer_id;date;amount\n" + rows)
    table = yaml.safe_load(start([str(folder)], None, "", force=False).path.read_text())["transactions"]
    assert table["columns"]["amount"] == "amount"
    assert table["format"]["decimal"] == ","


def test_a_title_above_the_header_is_found_in_text_and_sheets(folder):
    lines = "Sales report\n\ncustomer_id,date,amount,item\n" + "1,2024-01-05,7.5,A\n" * 5
    (folder / "orders.csv").write_text(lines)
    sheet = [["상품 목록"], [], ["상품코드", "대분류", "정가"], ["A", "식품", 1000], ["B", "식품", 900]]
    (folder / "items.xlsx").write_bytes(workbook({"표지": [["한빛상점"]], "상품": sheet}))
    path = drafted(folder)
    spec = read_spec(path)
    assert spec.transactions is not None and spec.transactions.format.header_row == 3
    assert spec.products is not None and spec.products.format.header_row == 3
    assert not check(path).blocks


def test_the_arm_that_was_not_contacted_is_named_or_asked_for(folder, write_spec, place):
    rows = "".join(f"{i},A,2024-01-05,{'대조군' if i % 2 else '발송'}\n" for i in range(9))
    (folder / "contacts.csv").write_text("회원번호,캠페인코드,발송일,그룹\n" + rows)
    text = start([str(folder)], None, "", force=False).path.read_text("utf-8")
    assert yaml.safe_load(text)["contacts"]["values"] == {"arm": {"대조군": "control"}}
    (place / "sent.csv").write_text("id,group\n7,mail\n8,nobody\n")
    contacts = {"file": "sent.csv", "columns": {"customer_id": "id", "arm": "group"}}
    lines = "\n".join(check(write_spec(transactions=transactions(), contacts=contacts)).lines)
    assert "no arm is called 'control', so everybody counts as contacted; there are 'mail', 'nobody'" in lines


def test_first_and_last_names_go_to_people_and_the_end_of_a_contract_to_events(folder):
    (folder / "kunden.csv").write_text(
        "Kundennummer;Vorname;Nachname;PLZ;Vertragsende;Umsatz\n"
        "1;Käthe;Groß;01067;31.12.2024;1,5\n2;Jürgen;Weiß;80331;30.06.2025;2,25\n",
        "utf-8",
    )
    content = yaml.safe_load(start([str(folder)], None, "", force=False).path.read_text("utf-8"))
    assert content["people"]["columns"] == {
        "source_key": "Kundennummer",
        "customer_id": "Kundennummer",
        "given_name": "Vorname",
        "surname": "Nachname",
    }
    assert content["events"]["columns"] == {"customer_id": "Kundennummer", "event_date": "Vertragsende"}
    assert content["events"]["constants"] == {"event_kind": "contract_end"}
    assert content["customers"]["columns"] == {
        "customer_id": "Kundennummer",
        "postcode": "PLZ",
        "umsatz": "Umsatz",
    }
    assert content["customers"]["kinds"] == {"umsatz": "number"}


def test_a_draft_is_never_overwritten_unasked(folder):
    (folder / "orders.csv").write_text(GERMAN)
    path = start([str(folder)], None, "", force=False).path
    path.write_text("mine")
    with pytest.raises(InputError, match="is there already"):
        start([str(folder)], None, "", force=False)
    assert path.read_text() == "mine"
    start([str(folder)], None, "", force=True)
    assert path.read_text() != "mine"


def test_a_wide_campaign_file_is_recognised(folder, home):
    (folder / "test.csv").write_text(
        "id,age,segment,visit,spend\n"
        + "".join(f"{i},{20 + i},{'No E-Mail' if i % 2 else 'Mail'},{i % 3 == 0:d},{i}\n" for i in range(40))
    )
    path = drafted(folder, start_date="2024-03-01", outcome_window_days="14", is_randomized="true")
    spec = read_spec(path).campaign_file
    assert spec is not None
    assert (spec.customer_id, spec.arm, spec.control) == ("id", "segment", "No E-Mail")
    assert {name: outcome.kind for name, outcome in spec.outcomes.items()} == {
        "visit": "binary",
        "spend": "amount",
    }
    assert dict(spec.attributes) == {"age": "age"}


def test_attributes_of_a_wide_file_are_read_as_they_are_written(folder):
    rows = "".join(
        f"{i};{i},50;{i % 28 + 1:02}.03.2023;{'Kontrolle' if i % 2 else 'Brief'};ja\n" for i in range(30)
    )
    (folder / "aktion.csv").write_text(
        "Kundennummer;Guthaben;Beginn;Gruppe;gekauft\n" + rows + "99;1;;Brief;nein\n"
    )
    content = yaml.safe_load(start([str(folder)], None, "", force=False).path.read_text("utf-8"))
    wide = content["campaign_file"]
    assert wide["kinds"] == {"guthaben": "number", "beginn": "date"}
    assert wide["format"]["date_format"] == ["%d.%m.%Y"]
    assert (wide["arm"], wide["control"]) == ("Gruppe", "Kontrolle")
    assert wide["outcomes"] == {"gekauft": {"column": "gekauft", "kind": "binary"}}


def test_what_names_a_person_goes_to_the_table_of_people_only(folder):
    (folder / "customers.csv").write_text(
        "customer_id,name,phone,city\n1,Kim,010-1234-5678,Seoul\n2,Lee,010,Busan\n"
    )
    content = yaml.safe_load(start([str(folder)], None, "", force=False).path.read_text())
    assert content["customers"]["columns"] == {"customer_id": "customer_id", "city": "city"}
    assert set(content["people"]["columns"]) == {"source_key", "customer_id", "name", "phone"}


def test_sheets_and_unreadable_files_are_told_apart(folder):
    (folder / "book.xlsx").write_bytes(
        workbook(
            {
                "주문": [["고객번호", "주문일자", "금액"], [1, "2024-01-05", 7]],
                "고객": [["고객번호", "지역"], [1, "서울"]],
            }
        )
    )
    (folder / "notes.pdf").write_bytes(b"%PDF")
    written = start([str(folder)], None, "shop", force=False)
    content = yaml.safe_load(written.path.read_text("utf-8"))
    assert content["transactions"]["format"]["sheet"] == "주문"
    assert content["customers"]["columns"] == {"customer_id": "고객번호", "region": "지역"}
    assert written.notes[0].startswith("notes.pdf: cannot be read as a table")


def test_five_planted_faults_are_all_named_with_their_rows(place, write_spec):
    (place / "orders.csv").write_text(
        "order;customer;day;item;units;price\n"
        + "".join(f"{i};7;2024-01-05;A;1;1.00\n" for i in range(10))
        + "10;7;2024-13-05;A;1;1.00\n11;;2024-01-05;A;1;1.00\n12;7;2024-01-05;A;x;1.00\n"
        + "13;7\n14;7;2024-01-05;A;1;1.2.3\n"
    )
    verdict = check(write_spec())
    assert not verdict.blocks
    text = "\n".join(verdict.lines)
    assert "15 rows, 10 usable" in text
    for fault in (
        "order_ts cannot be read, for example '2024-13-05' (rows 12)",
        "no customer_id (rows 13)",
        "quantity cannot be read, for example 'x' (rows 14)",
        "row with too few or too many fields, for example '2 fields where the header has 6' (rows 15)",
        "unit_price cannot be read, for example '1.2.3' (rows 16)",
    ):
        assert fault in text
    assert text.count("Mend:") == 5


def test_a_wrong_mapping_blocks_instead_of_setting_everything_aside(write_spec):
    table = transactions()
    table["columns"]["order_ts"] = "item"
    verdict = check(write_spec(transactions=table))
    assert verdict.blocks
    assert "6 row(s): order_ts cannot be read, for example 'A'" in "\n".join(verdict.lines)


def test_dates_in_three_forms_are_mended_at_one_go(place, write_spec):
    days = ["2024-01-05", "31.01.2024", "01/31/2024"] * 3
    rows = "".join(f"{i};7;{day};A;1;1.00\n" for i, day in enumerate(days))
    (place / "orders.csv").write_text("order;customer;day;item;units;price\n" + rows)
    text = "\n".join(check(write_spec()).lines)
    assert "Mend: add '%d.%m.%Y', '%m/%d/%Y' to transactions.format.date_format" in text


def test_a_day_that_does_not_exist_needs_no_other_form(place, write_spec):
    days = ["05.01.2024"] * 3 + ["31.02.2024", "soon"]
    rows = "".join(f"{i};7;{day};A;1;1.00\n" for i, day in enumerate(days))
    (place / "orders.csv").write_text("order;customer;day;item;units;price\n" + rows)
    table = transactions()
    table["format"] = {**table.get("format", {}), "date_format": ["%d.%m.%Y"]}
    text = "\n".join(check(write_spec(transactions=table)).lines)
    mend = "there is no such day between 1900 and 2199; correct the cells"
    assert f"'31.02.2024' (rows 5, 6). Mend: {mend}" in text


@pytest.mark.parametrize(
    ("examples", "forms", "ambiguous"),
    [
        (["2017-01-02", "2017-1-2 10:00"], ["iso"], False),
        (["1/2/2017", "1/23/2017"], ["%m/%d/%Y"], False),
        (["1/2/2017"], ["%d/%m/%Y"], True),
        (["2017. 1. 2."], ["%Y. %m. %d."], False),
        (["24.01.05", "24.02.28", "24.03.17"], ["%y.%m.%d"], False),
        (["05.01.24", "28.02.24", "17.03.24"], ["%d.%m.%y"], False),
        (["05.01.24", "99.02.07"], ["%y.%m.%d"], False),
        (["05.01.24"], ["%d.%m.%y"], True),
        (["2024-01-05", "24/01/06"], ["%y/%m/%d", "iso"], False),
        ([f"01.{m:02}.{y}" for y in range(18, 24) for m in range(1, 13)], ["%d.%m.%y"], True),
        ([f"{d:02}.03.{y:02}" for d in range(1, 29) for y in (31, 55, 80, 99, 4)], ["%d.%m.%y"], False),
        (["1704456000", "1704542400123"], ["unix"], False),
        (["2017년 1월 2일"], ["%Y년 %m월 %d일"], False),
        (["20170102", "20171231"], ["%Y%m%d"], False),
        (["2017-01-02 오후 3:04"], ["%Y-%m-%d %p %I:%M"], False),
        (["hello", "3:04", "12345"], [], False),
    ],
)
def test_forms_of_dates_by_hand(examples, forms, ambiguous):
    assert forms_of(examples) == forms
    assert is_ambiguous(examples) == ambiguous


@pytest.mark.parametrize(
    ("header", "word", "other", "sign"),
    [
        ("Art", "Gutschrift", "Rechnung", -1),
        ("거래구분", "환불", "판매", -1),
        ("Order Status", "Cancelled", "Shipped", 0),
        ("주문상태", "취소완료", "배송완료", 0),
        ("Storniert", "ja", "nein", 0),
    ],
)
def test_a_draft_counts_refunds_against_sales_and_leaves_out_sales_called_off(
    folder, home, header, word, other, sign
):
    rows = [(i, word if i % 7 == 0 else other) for i in range(60)]
    text = f"Kundennr;Datum;Betrag;{header}\n" + "".join(
        f"{i % 9};2024-01-{i % 28 + 1:02};{i},50;{kind}\n" for i, kind in rows
    )
    (folder / "orders.csv").write_text(text, "utf-8")
    path = drafted(folder)
    assert not check(path).blocks
    lines = sources.to_canonical(sources.fetch(str(path)).dataset, 0.5).tables["transactions"]
    assert lines["amount"].sum() == sum((i + 0.5) * (sign if kind == word else 1) for i, kind in rows)


def test_a_column_of_few_values_without_a_word_for_refunds_marks_nothing(folder):
    text = "Kundennr;Datum;Betrag;Art\n" + "".join(
        f"{i % 9};2024-01-{i % 28 + 1:02};{i},50;{'Web' if i % 2 else 'Laden'}\n" for i in range(60)
    )
    (folder / "orders.csv").write_text(text, "utf-8")
    assert "is_refund" not in drafted(folder).read_text("utf-8")


def test_two_columns_of_one_name_take_the_first_and_ask(folder):
    rows = "".join(f"{i % 9},2024-01-{i % 28 + 1:02},{i}.5,{i}000,{i % 7}\n" for i in range(60))
    (folder / "orders.csv").write_text(f"customer,date,Amount (EUR),Amount (KRW),Discount (%)\n{rows}")
    text = drafted(folder).read_text("utf-8")
    assert """amount: "Amount (EUR)"  # by its name; TO CHECK: or 'Amount (KRW)'""" in text
    assert "discount_amount" not in text  # a share is no money


def test_the_decimal_mark_is_that_of_the_columns_in_use(folder):
    rows = "".join(f'{i % 9};2024-01-{i % 28 + 1:02};{i}.5;"{i},5"\n' for i in range(60))
    (folder / "orders.csv").write_text(f"customer;date;amount;weight\n{rows}")
    assert "decimal" not in drafted(folder).read_text("utf-8")


def test_a_column_named_like_a_word_of_yaml_can_be_read_again(folder):
    rows = "".join(f"{i},{i % 3},{i % 2}\n" for i in range(60))
    (folder / "customers.csv").write_text(f"customer_id,No,On\n{rows}")
    spec = yaml.safe_load(drafted(folder).read_text("utf-8"))
    assert {"no", "on"} <= set(spec["customers"]["columns"])


def test_files_alike_are_one_table_and_returns_among_them_are_asked_about(folder):
    rows = "".join(f"{i % 9},2024-01-{i % 28 + 1:02},{i}.5\n" for i in range(60))
    for name in ("sales", "returns"):
        (folder / f"{name}.csv").write_text(f"customer,date,amount\n{rows}")
    assert "TO CHECK: parts of it, no returns, no copy?" in drafted(folder).read_text("utf-8")


def test_currency_and_country_are_guessed_to_be_checked(folder):
    rows = "".join(f"{i};{i % 28 + 1:02}.01.2024;{i},50;0221 55{i:04}\n" for i in range(30))
    (folder / "bestellungen.csv").write_text("Kundennr;Bestelldatum;Betrag (€);x\n" + rows, "utf-8")
    people = "".join(f"{i};Müller;0221 55{i:04}\n" for i in range(30))
    (folder / "kunden.csv").write_text("Kundennr;Nachname;Telefon\n" + people, "utf-8")
    text = start([str(folder)], None, "", force=False).path.read_text("utf-8")
    assert "currency: EUR  # TO CHECK: by the signs beside numbers and names" in text
    assert "phone_region: DE  # TO CHECK: by the language of the headers" in text
    assert "  # left unused: x\n" in text


def test_phones_with_a_country_code_name_their_country(folder):
    rows = "".join(f"{i},Lee,+44 20 7946 0{i:03}\n" for i in range(30))
    (folder / "customers.csv").write_text("customer_id,surname,phone\n" + rows)
    text = start([str(folder)], None, "", force=False).path.read_text("utf-8")
    assert "phone_region: GB  # TO CHECK: by the country codes among the numbers" in text


@pytest.mark.parametrize(
    ("delimiter", "amounts", "line"),
    [
        (
            ";",
            ["1.234", "950", "12.500"],
            """    decimal: ","  # TO CHECK: 'amount' has numbers such as 1.234""",
        ),
        (
            ",",
            ["1.234", "950", "12.500"],
            """    # decimal: ","  # TO CHECK: 'amount' has numbers such as 1.234""",
        ),
        (",", ["1.234", "9.5", "12.500"], None),
        (";", ["1.234", "9,5", "12.500"], '    decimal: ","\n'),
    ],
)
def test_a_point_that_may_group_thousands_is_asked_about(folder, delimiter, amounts, line):
    rows = "".join(f"{i}{delimiter}2024-01-{i + 1:02}{delimiter}{amounts[i % 3]}\n" for i in range(28))
    (folder / "orders.csv").write_text(delimiter.join(["customer", "date", "amount"]) + "\n" + rows)
    text = start([str(folder)], None, "", force=False).path.read_text("utf-8")
    assert "decimal" not in text if line is None else line in text


def test_a_customer_file_with_repeated_ids_stays_one(folder):
    rows = "".join(f"{i % 20},{'A' if i % 3 else 'B'},{i},Berlin\n" for i in range(30))
    (folder / "export.csv").write_text("customer_id,segment,age,city\n" + rows)
    content = yaml.safe_load(start([str(folder)], None, "", force=False).path.read_text("utf-8"))
    assert "contacts" not in content and "customers" in content


def test_what_a_contact_costs_is_left_to_fill_in(folder, home):
    rows = "".join(f"{i},{'mail' if i % 2 else 'no mail'},{i % 3 == 0:d},{i}\n" for i in range(60))
    (folder / "mailing.csv").write_text("donor_id,group,responded,donation_amount\n" + rows)
    path = drafted(folder, start_date="2024-03-01", outcome_window_days="14", is_randomized="true")
    assert "contact_cost:  # TO FILL IN" in path.read_text()
    assert "donation_amount: {column: donation_amount, kind: amount}" in path.read_text()
    verdict = check(path)
    assert not verdict.blocks
    assert "campaign.contact_cost is empty: a cost will be assumed" in "\n".join(verdict.lines)
    warehouse = sources.to_canonical(sources.fetch(str(path)).dataset, 0.5)
    contacts = warehouse.tables["contacts"]
    assert contacts.groupby("arm")["contact_cost"].unique().map(list).to_dict() == {
        "control": [0.0],
        "mail": [0.5],
    }
    told = warehouse.faults[warehouse.faults["rule"] == "absent"].set_index("fault")
    assert told.loc["no cost of a contact in the source", ["n_rows", "treatment"]].tolist() == [
        30,
        "kept: 0.50 assumed",
    ]
