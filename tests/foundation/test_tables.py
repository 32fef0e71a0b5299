"""The list of all tables: one owner each, one meaning per column name."""

import re
from collections import defaultdict

import pytest

from dangol import tables

NUMBERS = {f"{number:02}" for number in range(1, 10)}
KINDS = {"id", "int", "float", "bool", "str", "datetime"}


def test_every_table_of_the_module_is_listed_once():
    names = [table.name for table in tables.ALL]
    assert len(names) == len(set(names)) > 20
    constants = {
        name: value for name, value in vars(tables).items() if value in tables.ALL and name.isupper()
    }
    assert {name.lower() for name in constants if name != "ALL"} == set(names)


@pytest.mark.parametrize("table", tables.ALL, ids=lambda table: table.name)
def test_a_contract_is_well_formed(table):
    assert table.owner in NUMBERS
    assert table.grain.startswith("one ")
    assert set(table.key) <= set(table.columns)
    assert set(table.ranges) <= set(table.columns)
    assert {kind.removesuffix("?") for kind in table.columns.values()} <= KINDS
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in table.columns)
    assert not any(table.columns[name].endswith("?") for name in table.key)


@pytest.mark.parametrize("table", tables.ALL, ids=lambda table: table.name)
def test_the_suffix_of_a_column_fits_its_kind(table):
    of_suffix = {"_id": "id", "_ts": "datetime", "_date": "datetime", "_prob": "float", "_share": "float"}
    of_suffix |= {
        "_rate": "float",
        "_amount": "float",
        "_cost": "float",
        "_logit": "float",
        "_score": "float",
    }
    of_prefix = {"n_": "int", "is_": "bool"}
    for name, kind in table.columns.items():
        for suffix, expected in of_suffix.items():
            assert not name.endswith(suffix) or kind.removesuffix("?") == expected, name
        for prefix, expected in of_prefix.items():
            assert not name.startswith(prefix) or kind.removesuffix("?") == expected, name


def test_a_column_name_has_one_kind_in_all_tables():
    kinds = defaultdict(set)
    for table in tables.ALL:
        for name, kind in table.columns.items():
            kinds[name].add(kind.removesuffix("?"))
    assert {name: found for name, found in kinds.items() if len(found) > 1} == {}


def test_results_per_customer_are_named_for_the_customer():
    for table in tables.ALL:
        if table.key == ("customer_id",) and table.owner > "01" and table.name != "campaign_plan":
            assert table.name.startswith("customer_"), table.name
