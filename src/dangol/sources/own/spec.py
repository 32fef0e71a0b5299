"""What a spec may say, as typed classes; unknown keys are refused."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from dangol.params import Days, Money, Name
from dangol.sources.about_data import UNKNOWN_REGION, About, currency_code
from dangol.sources.own import formula
from dangol.sources.own.fields import FIELDS, Kind

DEFAULT_MISSING = ("", "NA", "N/A", "#N/A", "NULL", "null", "None", "NaN", "nan", "NaT", "\\N")


def _as_tuple(value: object) -> object:
    return (value,) if isinstance(value, str) else value


def _product(text: str) -> str:
    formula.parse(text)
    return text


def _known_encoding(name: str) -> str:
    try:
        "".encode(name)
    except LookupError:
        raise ValueError(f"there is no encoding {name!r}; use utf-8, cp949, cp1252 or utf-16") from None
    return name


Text = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(_as_tuple)]
ColumnName = Annotated[str, StringConstraints(pattern=r"^[^\W\d]\w*$", max_length=80)]
Constant = str | bool | int | float | date
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Strict(BaseModel):
    """No key beyond the ones declared."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Format(Strict):
    """How a file is written; what is left out is found out from the file."""

    delimiter: Annotated[str, StringConstraints(min_length=1, max_length=1)] | None = None
    encoding: Annotated[str, AfterValidator(_known_encoding)] | None = None
    decimal: Literal[".", ","] = "."
    date_format: Texts = ()
    header_row: Annotated[int, Field(ge=0, le=100)] = 1  # 0: the file has no header
    sheet: Text | None = None
    missing: tuple[str, ...] = DEFAULT_MISSING


class Input(Strict):
    """Where rows come from: files below the spec's folder, or one table of a database."""

    file: Texts = ()
    database: Text | None = None
    table: Text | None = None
    sha256: Sha256 | Mapping[str, Sha256] | None = None
    format: Format = Format()


class TableSpec(Input):
    """One canonical table.

    Attributes:
        columns: canonical name to the file's name.
        constants: canonical name to one value for all rows.
        values: canonical name to replacements of values.
        kinds: how attributes are read where the content should not decide.
        key: columns that name a row, for tables that have no key of their own.
        distinct: the file holds many rows per key; the last value that is not missing counts.
    """

    columns: Mapping[ColumnName, Text] = {}
    constants: Mapping[ColumnName, Constant] = {}
    values: Mapping[ColumnName, Mapping[str, str]] = {}
    kinds: Mapping[ColumnName, Kind] = {}
    key: tuple[ColumnName, ...] = ()
    distinct: bool = False


class Transactions(TableSpec):
    """Order lines."""

    amount: Annotated[str, AfterValidator(_product)] | None = None
    cancellation_prefix: Text | None = None
    lines_without_customer: Literal["quarantine", "one_customer_per_order"] = "quarantine"


class Outcome(Strict):
    """One outcome column of a wide campaign file."""

    column: Text
    kind: Literal["binary", "count", "amount"]


class Campaign(Strict):
    """What a wide file does not say about its campaign."""

    id: Text
    start_date: date
    outcome_window_days: Days
    type: Text = "campaign"
    channel: Text = "UNKNOWN"
    contact_cost: Money | None = None
    is_randomized: bool

    @property
    def end_date(self) -> date:
        """The day after the outcome window."""
        return self.start_date + timedelta(days=self.outcome_window_days)


class CampaignFile(Input):
    """A wide campaign file: one row per customer with arm, attributes and outcomes.

    Attributes:
        customer_id: its column; left out, the customers are numbered in the order of the rows.
        campaign_id: its column if the file holds several campaigns.
        arm: its column; left out, everybody was contacted.
        control: the value of ``arm`` that means "not contacted".
        response_date: its column; left out, responses are dated on the last day of the window.
        arms: replacements of arm values.
    """

    customer_id: Text | None = None
    campaign_id: Text | None = None
    arm: Text | None = None
    control: Text | None = None
    response_date: Text | None = None
    arms: Mapping[str, Text] = {}
    attributes: Mapping[ColumnName, Text] = {}
    kinds: Mapping[ColumnName, Kind] = {}
    outcomes: Annotated[Mapping[ColumnName, Outcome], Field(min_length=1)]
    campaign: Campaign


class Spec(Strict):
    """A data set: where its files are and what their columns mean."""

    dataset: Name
    origin: Text
    licence: Text
    currency: Annotated[str, StringConstraints(max_length=10)] = ""
    phone_region: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = None
    default_as_of: date | None = None
    transactions: Transactions | None = None
    customers: TableSpec | None = None
    products: TableSpec | None = None
    stores: TableSpec | None = None
    campaigns: TableSpec | None = None
    contacts: TableSpec | None = None
    responses: TableSpec | None = None
    campaign_products: TableSpec | None = None
    events: TableSpec | None = None
    promotions: TableSpec | None = None
    people: TableSpec | None = None
    campaign_file: CampaignFile | None = None

    @property
    def about(self) -> About:
        """What holds for all tables."""
        return About(currency_code(self.currency), self.phone_region or UNKNOWN_REGION)

    @property
    def tables(self) -> dict[str, TableSpec]:
        """The tidy tables that are given, by canonical name."""
        given = {name: getattr(self, name) for name in FIELDS}
        return {name: table for name, table in given.items() if table is not None}

    @property
    def inputs(self) -> dict[str, Input]:
        """Everything that reads files, the wide file included."""
        wide = {"campaign_file": self.campaign_file} if self.campaign_file else {}
        return {**self.tables, **wide}
