"""What a check finds beyond single cells: columns, keys, days and rows that may mean something else."""

from datetime import date, timedelta

import pytest
from own_shop import CUSTOMERS, ORDERS, customers, transactions

from dangol import sources
from dangol.errors import InputError
from dangol.sources.own.checking import check

pytestmark = pytest.mark.usefixtures("home")


def lines(path) -> str:
    return "\n".join(check(path).lines)


def test_rows_are_numbered_as_a_spreadsheet_shows_them(place, write_spec):
    head, *rows = ORDERS.splitlines()
    rows[2] = rows[2].replace("2024-01-09", "soon")
    rows[3] = rows[3] + ";x"
    text = "\n".join(["Export of May", "", head, rows[0], "", ";;;;;", "   ", *rows[1:]]) + "\n\n"
    (place / "orders.csv").write_text(text)
    table = transactions(format={"header_row": 3})
    found = lines(write_spec(transactions=table))
    assert "orders.csv: 6 rows, 3 usable" in found  # lines with nothing in them are no rows
    assert "order_ts cannot be read, for example 'soon' (rows 9)" in found
    assert (
        "row with too few or too many fields, for example '7 fields where the header has 6' (rows 10)"
        in found
    )
    assert "no customer_id (rows 11)" in found


def test_rows_without_use_for_different_reasons_count_together(place, write_spec):
    rows = [f"{i};;2024-01-05;A;1;1.00" for i in range(4)]
    rows += [f"{i};7;never;A;1;1.00" for i in range(4)]
    rows += [f"{i};7;2024-01-05;A;1;1.00" for i in range(5)]
    (place / "orders.csv").write_text("\n".join([ORDERS.splitlines()[0], *rows]) + "\n")
    verdict = check(write_spec())
    assert verdict.blocks
    assert "8 of 13 rows cannot be used, for the reasons counted below" in "\n".join(verdict.lines)


def test_orders_of_days_to_come_are_set_aside_and_shift_nothing(place, write_spec):
    later = date.today() + timedelta(days=400)
    (place / "orders.csv").write_text(f"{ORDERS}1005;7;{later};A;1;10.00\n")
    path = write_spec()
    assert "1 row(s): order_ts lies after the day the file came in (rows 8)" in lines(path)
    manifest = sources.fetch(str(path))
    assert (manifest.last_ts, manifest.default_as_of) == ("2024-03-15", "2024-02-16")
    warehouse = sources.to_canonical("toy_shop", 0.5)
    assert f"{warehouse.tables['transactions']['order_ts'].max():%Y-%m-%d}" == "2024-03-15"
    late = warehouse.quarantine[warehouse.quarantine["reason"].str.contains("after the day")]
    assert late["amount"].tolist() == [10.0]


@pytest.mark.parametrize(
    ("day", "blocks"), [("2024-01-05", True), ("2024-01-06", False), ("2024-03-17", True)]
)
def test_a_snapshot_date_outside_the_data_is_refused_with_those_that_are_possible(write_spec, day, blocks):
    path = write_spec(default_as_of=day, transactions=transactions())
    verdict = check(path)
    assert verdict.blocks == blocks
    if blocks:
        advice = f"{day} lies outside the data. Mend: choose a date after 2024-01-05 and up to 2024-03-16"
        assert advice in "\n".join(verdict.lines)
        with pytest.raises(InputError, match="lies outside the data"):
            sources.fetch(str(path))


def test_a_snapshot_date_may_lie_in_an_earlier_delivery(place, write_spec):
    path = write_spec(default_as_of="2024-02-01", transactions=transactions(file="orders*.csv"))
    sources.fetch(str(path))
    (place / "orders.csv").rename(place.parent / "orders.csv")
    (place / "orders-2.csv").write_text(ORDERS.splitlines()[0] + "\n1009;7;2024-05-05;A;1;1.00\n")
    assert not check(path).blocks
    assert sources.fetch(str(path)).last_ts == "2024-05-05"


def test_repeated_keys_are_counted_and_the_one_that_counts_is_named(place, write_spec):
    (place / "customers.csv").write_text(CUSTOMERS + "8;west;1991\n8;north;1991\n")
    path = write_spec(transactions=transactions(), customers=customers())
    found = lines(path)
    assert "customers: 2 row(s) repeat the customer_id of another, for example customer_id 8" in found
    assert "if it is right that the last of them counts" in found
    sources.fetch(str(path))
    people = sources.to_canonical("toy_shop", 0.5).tables["customers"].set_index("customer_id")
    assert people.loc[8, "region"] == "north"


def test_a_name_that_stands_twice_in_the_header_is_pointed_out(place, write_spec):
    (place / "orders.csv").write_text(ORDERS.replace("item;units", "price;units").replace(";A;", ";9;"))
    table = transactions()
    del table["columns"]["product_id"]
    found = lines(write_spec(transactions=table))
    assert "the header has 'price' more than once; unit_price is read from the first" in found
    assert "if another is meant, map it: 'price_2' is the second" in found


def test_full_width_digits_and_letters_are_read_like_plain_ones(place, write_spec):
    (place / "orders.csv").write_text(
        "order;customer;day;item;units;price\nＯ１;７;２０２４-０１-０５;Ａ;２;１．５\n"
    )
    sources.fetch(str(write_spec()))
    row = sources.to_canonical("toy_shop", 0.5).tables["transactions"].iloc[0]
    assert (row["order_id"], row["customer_id"], row["product_id"], row["amount"]) == ("O1", 7, "A", 3.0)


def test_two_digit_years_among_iso_dates_stand_first(place, write_spec):
    (place / "orders.csv").write_text(ORDERS.replace("2024-01-09", "24/01/06"))
    found = lines(write_spec())
    assert "add '%y/%m/%d' to transactions.format.date_format" in found


def test_an_attribute_that_tells_the_outcome_is_asked_about(place, write_spec):
    (place / "mail.csv").write_text("id,arm,donation_amount,age,gave\n1,a,5,30,1\n2,b,0,40,0\n")
    wide = {
        "file": "mail.csv",
        "customer_id": "id",
        "arm": "arm",
        "attributes": {"donation_amount": "donation_amount", "age": "age"},
        "outcomes": {"gave": {"column": "gave", "kind": "binary"}},
        "campaign": {
            "id": "m",
            "start_date": "2024-01-01",
            "outcome_window_days": 30,
            "is_randomized": True,
        },
    }
    found = lines(write_spec(campaign_file=wide))
    assert "the attribute 'donation_amount' looks like an outcome" in found
    assert "move it from campaign_file.attributes to campaign_file.outcomes" in found
    assert "'age'" not in found
