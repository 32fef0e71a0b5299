"""What is to be read from the files of one table: the spec's mapping as a list of columns."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from dangol.sources.own import formula
from dangol.sources.own.fields import FIELDS, KEYS, Kind, kind_of
from dangol.sources.own.spec import CampaignFile, Constant, Format, Input, Spec, TableSpec

AMOUNT = "amount"


@dataclass(frozen=True)
class Column:
    """One canonical column to be.

    Attributes:
        name: canonical.
        kind: how it is read.
        source: the file's name for it; ``None`` for a constant.
        constant: the one value of all rows.
        values: replacements of values.
        needed: a row without a value is set aside.
    """

    name: str
    kind: Kind
    source: str | None = None
    constant: Constant | None = None
    values: Mapping[str, str] | None = None
    needed: bool = False


@dataclass(frozen=True)
class Plan:
    """What is read from the files of one table.

    Attributes:
        table: canonical name, or ``campaign_file``.
        given: files and format.
        columns: to be read.
        factors: whose product is the amount; empty if the amount is a column or there is none.
        money: column that holds money; empty if there is none.
        key: columns that name a row; empty if a row is named by all its values.
        distinct: the last value that is not missing counts, per key.
        cancellation_prefix: start of the order numbers of cancelled lines.
        came_in: day the files came in; nothing in them can have happened later.
    """

    table: str
    given: Input
    columns: tuple[Column, ...]
    factors: tuple[formula.Factor, ...] = ()
    money: str = ""
    key: tuple[str, ...] = ()
    distinct: bool = False
    cancellation_prefix: str | None = None
    came_in: date | None = None

    @property
    def form(self) -> Format:
        """How the files are written."""
        return self.given.format

    @property
    def takes_back(self) -> bool:
        """Whether something in the file says that a line gives money back."""
        return self.cancellation_prefix is not None or any(c.name == "is_refund" for c in self.columns)

    @property
    def names(self) -> tuple[str, ...]:
        """Columns of the staged table."""
        product = (AMOUNT,) if self.factors else ()
        return (*(column.name for column in self.columns), *product)

    def column(self, name: str) -> Column:
        """A column by its name."""
        return next(column for column in self.columns if column.name == name)


def plans_of(spec: Spec, came_in: date | None = None) -> dict[str, Plan]:
    """One plan per table of a spec; the wide file's is called ``campaign_file``.

    Args:
        spec: the mapping.
        came_in: day its files came in; ``None`` leaves open what lies in the future.
    """
    plans = {name: _tidy(name, table) for name, table in spec.tables.items()}
    if spec.campaign_file:
        plans["campaign_file"] = _wide(spec.campaign_file)
    return {name: replace(plan, came_in=came_in) for name, plan in plans.items()}


def _tidy(name: str, table: TableSpec) -> Plan:
    text = getattr(table, "amount", None)
    factors = formula.parse(text) if text else ()
    anonymous = getattr(table, "lines_without_customer", "quarantine") == "one_customer_per_order"
    needed = {field for field, what in FIELDS[name].items() if what.needed} | set(factors)
    needed -= {"customer_id"} if anonymous else set()
    columns = [
        Column(
            column,
            table.kinds.get(column) or kind_of(name, column),
            table.columns.get(column),
            table.constants.get(column),
            table.values.get(column),
            column in needed and not table.distinct,
        )
        for column in (*table.columns, *table.constants)
    ]
    money = AMOUNT if name == "transactions" else "value" if "value" in table.columns else ""
    names = {column.name for column in columns}
    key = table.key or KEYS.get(name, ())
    key = key if set(key) <= names else ()
    prefix = getattr(table, "cancellation_prefix", None)
    return Plan(name, table, tuple(columns), factors, money, key, table.distinct and bool(key), prefix)


def _wide(given: CampaignFile) -> Plan:
    optional = {
        "customer_id": ("id", given.customer_id),
        "campaign_id": ("id", given.campaign_id),
        "arm": ("text", given.arm),
        "response_ts": ("date", given.response_date),
    }
    columns = [
        Column(name, kind, source, needed=name != "response_ts")  # type: ignore[arg-type]
        for name, (kind, source) in optional.items()
        if source
    ]
    columns += [
        Column(f"outcome_{name}", "binary" if outcome.kind == "binary" else "number", outcome.column)
        for name, outcome in given.outcomes.items()
    ]
    columns += [
        Column(f"attribute_{name}", given.kinds.get(name) or kind_of("customers", name), source)
        for name, source in given.attributes.items()
    ]
    amounts = [name for name, outcome in given.outcomes.items() if outcome.kind == "amount"]
    key = tuple(column.name for column in columns if column.name in ("customer_id", "campaign_id"))
    return Plan(
        "campaign_file",
        given,
        tuple(columns),
        money=f"outcome_{amounts[0]}" if amounts else "",
        key=key if "customer_id" in key else (),
    )
