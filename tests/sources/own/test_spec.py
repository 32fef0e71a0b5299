"""A spec: every fault at once with what was meant, and nothing in it is ever executed."""

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from own_shop import customers, spec_of, transactions

from dangol.errors import InputError
from dangol.sources.own import formula
from dangol.sources.own.reading import MAX_SPEC_BYTES, read_spec


def faults_of(path) -> str:
    with pytest.raises(InputError) as caught:
        read_spec(path)
    return str(caught.value)


def test_a_sound_spec_is_read(write_spec):
    spec = read_spec(write_spec(transactions=transactions(), customers=customers()))
    assert list(spec.tables) == ["transactions", "customers"]
    assert spec.transactions is not None
    assert spec.transactions.file == ("orders.csv",)


def test_all_faults_are_listed_at_once_with_what_was_meant(write_spec):
    table = transactions(fil="x", amount="quantity * unit_prize", format={"decimal": ";", "delimeter": ","})
    del table["columns"]["customer_id"]
    table["columns"]["custmer_id"] = "customer"
    text = faults_of(write_spec(transactions=table, custmers=customers()))
    assert "transactions.fil: unknown key; did you mean 'file'?" in text
    assert "transactions.format.delimeter: unknown key; did you mean 'delimiter'?" in text
    assert "custmers: unknown key; did you mean 'customers'?" in text
    assert "transactions.format.decimal: should be '.' or ','" in text
    assert "5 fault(s)" not in text
    assert text.count("\n  - ") == 4


def test_contradictions_are_listed_at_once(write_spec):
    table = transactions(
        amount="quantity * unit_prize",
        cancellation_prefix="C",
        kinds={"colour": "text"},
        format={"date_format": ["%d/%m/%Y", "%m/%d/%Y", "day"]},
    )
    del table["columns"]["customer_id"], table["columns"]["order_id"]
    table["columns"]["custmer_id"] = "customer"
    text = faults_of(write_spec(transactions=table))
    assert "columns.customer_id: to be filled in" in text
    assert "did you mean it by 'custmer_id'?" in text
    assert "'unit_prize' is not among the columns" in text
    assert "cancellation_prefix: needs the column order_id" in text
    assert "kinds.colour: is not among the columns" in text
    assert "read the same date in two ways" in text
    assert "expected a form like %d.%m.%Y, iso or unix, received 'day'" in text


def test_a_misspelt_column_is_no_attribute(write_spec):
    table = transactions()
    table["columns"] |= {"quantitty": "units", "decimal": ",", "colour": "item"}
    del table["columns"]["quantity"], table["amount"]
    table["columns"]["amount"] = "price"
    text = faults_of(write_spec(transactions=table))
    assert "columns.quantitty: is no column of this table; did you mean 'quantity'?" in text
    assert "columns.decimal: says how a file is written; it belongs into transactions.format" in text
    assert "colour" not in text


def test_blanks_of_a_draft_are_named(write_spec, place):
    path = write_spec()
    path.write_text(path.read_text().replace("made up", "").replace("customer_id: customer", "customer_id:"))
    text = faults_of(path)
    assert "origin: to be filled in" in text
    assert "transactions.columns.customer_id: to be filled in" in text


def test_a_spec_without_a_usable_table_says_what_is_needed(write_spec):
    assert "expected transactions, or contacts and responses, or a campaign_file" in faults_of(
        write_spec(customers=customers())
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: &x [1]\nb: *x\n", "line 2: not a readable spec: aliases"),
        (
            "a: !!python/object/apply:os.system ['echo hit']\n",
            r"line 1: not a readable spec: tags \(\S*python/object/apply:os\.system\) are not used here",
        ),
        ("a: 2017-02-30", "line 1: not a readable spec: '2017-02-30': day is out of range for month"),
        ("dataset: a\ndataset: b\n", "line 2: not a readable spec: the key 'dataset' stands twice"),
        ("[" * 500, "nested too deep"),
        ("- a\n- b\n", "expected names with values"),
        ("a: [1\n", "line 2: not a readable spec"),
        ("", "expected names with values"),
        ("#" * (MAX_SPEC_BYTES + 1), "Is this a data file?"),
        ("? [a, b]\n: 1\n", "not a readable spec|unknown key"),
    ],
    ids=["bomb", "tag", "no such day", "twice", "deep", "list", "broken", "empty", "large", "list as key"],
)
def test_hostile_or_broken_yaml_is_refused_in_one_sentence(place, text, message):
    path = place / "hostile.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        read_spec(path)


def test_a_spec_that_is_not_there_or_not_utf8_says_what_to_do(place):
    for missing in (place / "none.yaml", place):
        with pytest.raises(
            InputError, match=rf"there is no spec file {missing.name}\. Draft one with: dangol"
        ):
            read_spec(missing)
    (place / "bad.yaml").write_bytes("dataset: 가게".encode("cp949"))
    with pytest.raises(InputError, match="Save the spec as UTF-8"):
        read_spec(place / "bad.yaml")


def test_a_formula_is_a_product_and_nothing_else():
    assert formula.parse("quantity*unit_price * 0.01") == ("quantity", "unit_price", 0.01)
    assert formula.parse("수량 * 단가") == ("수량", "단가")
    for text in (
        "",
        "2 * 3",
        "a + b",
        "a * f(b)",
        "__import__('os')",
        "a; drop table b",
        "a ** b",
        "{{ a }}",
    ):
        with pytest.raises(ValueError, match="expected"):
            formula.parse(text)


FACTORS = st.sampled_from(["quantity", "unit_price", "0.5", "100", "가격", " ", "1e3", "-1", "a b"])


@given(st.text(max_size=40) | st.lists(FACTORS, min_size=1, max_size=3).map(" * ".join))
def test_whatever_stands_in_a_formula_is_a_product_or_refused(text):
    try:
        factors = formula.parse(text)
    except ValueError:
        return
    assert all(isinstance(f, float) or f.isidentifier() or f.replace("_", "a").isalnum() for f in factors)


def test_a_formula_that_is_none_is_quoted_once(write_spec):
    text = faults_of(write_spec(transactions=transactions(amount="price); drop table x")))
    assert text.count("received 'price); drop table x'") == 1


def test_a_fault_is_named_by_the_place_a_reader_knows(write_spec):
    table = transactions(constants={"date": {"b": 1}})
    table["columns"]["date"] = 5
    text = faults_of(write_spec(transactions=table, **{"e[x": 1}))
    assert "transactions.columns.date: should be a valid string, received 5" in text
    assert "transactions.constants.date: should be a valid" in text
    assert "\n  - e[x: unknown key; known are campaign_file" in text


TABLES = st.sampled_from(["transactions", "customers", "campaign_file", "people", "events", "dataset", "x"])
KEYS = st.sampled_from(
    [
        "columns",
        "constants",
        "values",
        "kinds",
        "key",
        "file",
        "format",
        "sha256",
        "date_format",
        "encoding",
        "customer_id",
        "order_id",
        "amount",
        "campaign",
        "outcomes",
        "attributes",
        "date",
        "e[x",
    ]
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.dates() | st.text(max_size=6)
JUNK = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.integers(), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(TABLES, JUNK | st.dictionaries(KEYS, JUNK, max_size=4), max_size=3))
def test_any_junk_in_a_spec_is_refused_with_every_fault_named(place, junk):
    path = place / "junk.yaml"
    path.write_text(yaml.safe_dump(spec_of(**{"transactions": transactions(), **junk})), "utf-8")
    try:
        read_spec(path)
    except InputError as error:
        first, *faults = str(error).splitlines()
        n_faults = int(first.removeprefix("junk.yaml has ").split()[0])
        assert n_faults == sum(line.startswith("  - ") for line in faults) >= 1
        assert all(fault.partition(":")[0].strip(" -") for fault in faults if fault.startswith("  - "))
