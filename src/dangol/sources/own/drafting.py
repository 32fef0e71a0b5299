"""A first spec as commented YAML: guesses with their reasons, and blanks for what cannot be known."""

import json
import re
import unicodedata
from collections.abc import Iterator, Sequence

from dangol.sources.own.alike import are_parts
from dangol.sources.own.country import currency_of, phone_region_of
from dangol.sources.own.dates import ISO
from dangol.sources.own.defaults import CONTROL
from dangol.sources.own.fields import kind_of
from dangol.sources.own.guessing import Guess, has_kind
from dangol.sources.own.sampling import ColumnSample, Source

_HEAD = """\
# Which files hold what. Drafted from names and content: read every line, fill in what is marked
# TO FILL IN, then look for faults with: dangol check {name}
# Nothing in this file is executed. All paths are relative to the folder of this file.
dataset: {dataset}
origin:  # TO FILL IN: who made these data, and how they came here
licence:  # TO FILL IN: who may use them for what
{currency}
{phone_region}# default_as_of: 2024-01-01  # date of the predictions; without it 28 days before the last order
"""
_CAMPAIGN = """\
  campaign:
    id: campaign_1  # name of the campaign
    start_date:  # TO FILL IN: day of the contact, such as 2024-03-01
    outcome_window_days:  # TO FILL IN: how many days after the contact the outcomes were counted
    contact_cost:  # TO FILL IN: what one contact costs, in your currency; left empty a cost is assumed
    is_randomized:  # TO FILL IN: true if chance decided who was contacted, else false
"""


def draft(dataset: str, name: str, guesses: Sequence[Guess]) -> str:
    """The text of a spec.

    Args:
        dataset: its name.
        name: of the file it will be written to.
        guesses: tables; of several for one table the first is written, the others as comments.
    """
    parts = [_head(dataset, name, guesses)]
    seen: dict[str, Guess] = {}
    for guess in guesses:
        text = "\n".join(_table(guess)) + "\n"
        if guess.table in seen:
            note = f"# {guess.source.label} looks like {guess.table} as well; one spec has each table once\n"
            text = note + "".join(f"# {line}\n" for line in text.splitlines())
        seen.setdefault(guess.table, guess)
        parts.append(text + _unused(guess, guesses))
    return "\n".join(parts)


def _head(dataset: str, name: str, guesses: Sequence[Guess]) -> str:
    currency, why = currency_of([guess.source for guess in guesses])
    region, because = phone_region_of(guesses, currency)
    has_phones = any("phone" in guess.columns for guess in guesses)
    blank = "phone_region:  # TO FILL IN: country of numbers without a country code, such as DE\n"
    given = f"phone_region: {quoted(region)}  # TO CHECK: {because}\n" if region else blank
    return _HEAD.format(
        dataset=dataset,
        name=name,
        currency=f"currency: {currency}  # TO CHECK: {why}" if currency else "# currency: EUR",
        phone_region=given if has_phones else "",
    )


def _unused(guess: Guess, guesses: Sequence[Guess]) -> str:
    """A comment that names the columns no table takes, below the last table of their source."""
    same = [one for one in guesses if one.source is guess.source]
    used = {name for one in same for name in (*_mapped(one), *(one.arm[:1] if one.arm else ()))}
    unused = [column.name for column in guess.source.columns if column.name not in used]
    return f"  # left unused: {', '.join(map(quoted, unused))}\n" if unused and guess is same[-1] else ""


def dataset_name(text: str) -> str:
    """A name for a data set from the name of a file or folder.

    >>> dataset_name("Online Retail (2011).xlsx")
    'online_retail_2011'
    """
    stem = re.sub(r"\.[a-zA-Z0-9]{1,8}$", "", text).replace("ß", "ss")
    bare = "".join(c for c in unicodedata.normalize("NFKD", stem) if not unicodedata.combining(c))
    made = re.sub(r"[^a-z0-9]+", "_", bare.lower()).strip("_")
    return made[:60] or "my_data"


def _table(guess: Guess) -> Iterator[str]:
    yield f"{guess.table}:  # from {guess.source.label}"
    yield from _place(guess.source)
    yield from _format(guess)
    yield from _wide(guess) if guess.table == "campaign_file" else _tidy(guess)


def _place(source: Source) -> Iterator[str]:
    if source.database:
        yield f"  database: {quoted(source.database)}  # the password comes from DANGOL_DATABASE_PASSWORD"
    else:
        files = ", ".join(map(quoted, source.files))
        doubt = "" if are_parts(source.files) else "; TO CHECK: parts of it, no returns, no copy?"
        yield (
            f"  file: {files}" if len(source.files) == 1 else f"  file: [{files}]  # alike: one table{doubt}"
        )
    if source.table:
        yield f"  table: {quoted(source.table)}"


def _format(guess: Guess) -> Iterator[str]:
    source = guess.source
    lines = [
        f"    {name}: {quoted(value)}"
        for name, value in (
            ("sheet", source.sheet),
            ("encoding", source.encoding),
            ("delimiter", source.delimiter),
        )
        if value
    ]
    mapped = [source.column(name) for name in _mapped(guess)] if source.columns else []
    if source.header_row != 1:
        lines.append(f"    header_row: {source.header_row}  # what stands above is a title")
    lines += _decimal(guess, mapped or source.columns)
    dates = _date_columns(guess, mapped)
    if forms := _date_forms(dates):
        unclear = any(column.is_ambiguous_date for column in dates)
        doubt = "  # TO CHECK: day and month could be the other way round" if unclear else ""
        lines.append(f"    date_format: [{', '.join(map(quoted, forms))}]{doubt}")
    if lines:
        yield "  format:"
        yield from lines


def _decimal(guess: Guess, columns: Sequence[ColumnSample]) -> Iterator[str]:
    """The decimal mark; a question where 1.234 may be a thousand or a little more than one."""
    if any(column.decimal == "," for column in columns):
        yield '    decimal: ","'
        return
    ids = {source for name, source in guess.columns.items() if kind_of(guess.table, name) != "number"}
    unclear = [column for column in columns if column.name not in ids and column.grouped_example]
    is_western = guess.source.delimiter == ";"  # where the comma is free, it is most likely the decimal mark
    if unclear and (is_western or "." in unclear[0].grouped_example):
        doubt = f"{unclear[0].name!r} has numbers such as {unclear[0].grouped_example}: "
        told, asked = "leave this out if '.' is the decimal mark", "state this if '.' groups thousands"
        mark, advice = ("", told) if is_western else ("# ", asked)
        yield f'    {mark}decimal: ","  # TO CHECK: {doubt}{advice}'


def _date_columns(guess: Guess, mapped: Sequence[ColumnSample]) -> list[ColumnSample]:
    """Columns read as dates, and attributes that can be nothing else."""
    known = {source for name, source in guess.columns.items() if kind_of(guess.table, name) == "date"}
    free = {*guess.attributes.values()}
    return [
        column
        for column in mapped
        if (column.name in known and column.is_date) or (column.name in free and column.is_surely_date)
    ]


def _mapped(guess: Guess) -> list[str]:
    return [*guess.columns.values(), *guess.attributes.values(), *guess.outcomes]


def _date_forms(columns: Sequence[ColumnSample]) -> list[str]:
    forms = list(dict.fromkeys(form for column in columns for form in column.date_forms))
    return [] if forms == [ISO] else forms


def _tidy(guess: Guess) -> Iterator[str]:
    if guess.distinct:
        yield "  distinct: true  # many rows per key: the last value that is not missing counts"
    yield "  columns:  # canonical name: name in the file"
    for name, source in guess.columns.items():
        yield f"    {name}: {quoted(source)}  # {guess.reasons.get(name, 'guessed')}{_doubt(guess, source)}"
    for name, source in guess.attributes.items():
        yield f"    {quoted(name)}: {quoted(source)}  # kept as an attribute"
    for name in guess.blanks:
        yield f"    {name}:  # TO FILL IN: {_choices(guess, name)}"
    yield from _constants(guess)
    yield from _kinds(guess)
    if guess.table == "transactions":
        yield from _money(guess)
    if guess.table == "contacts":
        yield from _control(guess)


def _doubt(guess: Guess, name: str) -> str:
    column = guess.source.column(name) if guess.source.columns else None
    if column is None or not column.n_rows:
        return ""
    missing = 1 - len(column.values) / column.n_rows
    return f"; {missing:.0%} of the first rows are empty" if missing >= 0.005 else ""


def _constants(guess: Guess) -> Iterator[str]:
    if guess.constants:
        inner = ", ".join(f"{name}: {quoted(value)}" for name, value in guess.constants.items())
        yield f"  constants: {{{inner}}}"


def _kinds(guess: Guess) -> Iterator[str]:
    """Attributes whose form the content alone does not tell later: 1.234,50 and 31.12.2024."""
    kinds = {}
    for name, source in guess.attributes.items():
        column = guess.source.column(source)
        if column.is_surely_date and not column.is_typed_date and column.date_forms != [ISO]:
            kinds[name] = "date"
        elif column.decimal == "," and not column.is_whole:
            kinds[name] = "number"
    if kinds:
        yield f"  kinds: {{{', '.join(f'{quoted(name)}: {kind}' for name, kind in kinds.items())}}}"


def _choices(guess: Guess, name: str) -> str:
    used = set(guess.columns.values())
    kind = kind_of(guess.table, name)
    unused = [column for column in guess.source.columns if column.name not in used]
    fitting = [column for column in unused if has_kind(column, kind)]
    free = [column.name for column in fitting or unused]
    return f"which of {', '.join(map(repr, free[:20]))}" if free else "which column"


def _money(guess: Guess) -> Iterator[str]:
    if "amount" not in guess.columns and {"quantity", "unit_price"} <= set(guess.columns):
        yield "  amount: quantity * unit_price  # the file has no column with the money of a line"
    order = guess.columns.get("order_id")
    values = guess.source.column(order).values if order and guess.source.columns else ()
    prefixes = {value[0] for value in values if value[:1].isalpha() and value[1:].isdigit()}
    if prefixes and len(prefixes) == 1 and any(value.isdigit() for value in values):
        doubt = "some order numbers start with it: are those cancellations?"
        yield f"  cancellation_prefix: {quoted(prefixes.pop())}  # {doubt}"
    for name, replacements in guess.values.items():
        pairs = ", ".join(f"{quoted(old)}: {quoted(new)}" for old, new in replacements.items())
        yield f"  values: {{{name}: {{{pairs}}}}}  # TO CHECK: {_LINE_FLAGS[name]}"
    yield "  lines_without_customer: quarantine  # or one_customer_per_order"


def _control(guess: Guess) -> Iterator[str]:
    if guess.control and guess.control != CONTROL:
        yield f"  values: {{arm: {{{quoted(guess.control)}: {CONTROL}}}}}  # this arm was not contacted"
    unknown = {"is_randomized": "true", "contact_cost": "0.10"}
    told = ", ".join(f"{name}: {value}" for name, value in unknown.items() if name not in guess.columns)
    if told:
        yield f"  # constants: {{{told}}}  # TO FILL IN: was it by chance, what did one cost?"


def _wide(guess: Guess) -> Iterator[str]:
    if "customer_id" in guess.columns:
        yield f"  customer_id: {quoted(guess.columns['customer_id'])}  # {guess.reasons['customer_id']}"
    else:
        yield "  # customer_id:  # no column names the customer: they are numbered in the order of the rows"
    if guess.arm:
        name, control = guess.arm
        yield f"  arm: {quoted(name)}  # who was treated how"
        yield f"  control: {quoted(control)}  # not contacted" if control else "  control:  # TO FILL IN"
    else:
        yield "  # arm:  # no column says who was contacted: everybody counts as contacted"
    nothing = "" if guess.attributes else " {}"
    yield f"  attributes:{nothing}  # name: name in the file; only what was known before the contact"
    yield from (f"    {quoted(name)}: {quoted(source)}" for name, source in guess.attributes.items())
    yield from _kinds(guess)
    yield "  outcomes:  # binary: 0 or 1; count; amount: money"
    for name, kind in guess.outcomes.items():
        yield f"    {quoted(outcome_name(name))}: {{column: {quoted(name)}, kind: {kind}}}"
    yield _CAMPAIGN.rstrip("\n")


def outcome_name(name: str) -> str:
    """Name of an outcome from its column."""
    return re.sub(r"\W+", "_", name).strip("_").lower() or "outcome"


def quoted(text: str) -> str:
    """A text as YAML: bare where nothing can be misread, else in double quotes."""
    is_plain = re.fullmatch(r"[A-Za-z가-힣][\w가-힣./-]*", text) and text.lower() not in _WORDS
    return text if is_plain else json.dumps(text, ensure_ascii=False)


_LINE_FLAGS = {
    "is_refund": "a line that is one gives money back",
    "is_cancelled": "a line that is one was called off: it is set aside and counts nothing",
}
_WORDS = {"true", "false", "yes", "no", "on", "off", "null", "none", "y", "n"}
