"""What a source is, and what its columns mean: guessed from names and content, each with its reason."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from dangol.sources.own.fields import FIELDS, LINE_FLAGS
from dangol.sources.own.line_flags import find_line_flag
from dangol.sources.own.sampling import ColumnSample, Source
from dangol.sources.own.values import NO, YES
from dangol.sources.own.words import attribute_name, plain, vocabulary

_KEY_WORDS = {"id", "uniqueid", "rowid", "no", "nr", "key", "idx", "번호", "아이디", "순번"}
_PEOPLE = (
    "given_name",
    "surname",
    "name",
    "birth_date",
    "phone",
    "email",
    "address",
)
_MAX_ARMS = 8
_CONTROL_ANYWHERE = {"control", "holdout", "control group", "대조군", "통제군"}


@dataclass
class Guess:
    """A table to be drafted.

    Attributes:
        table: canonical name, or ``campaign_file``.
        source: where its rows come from.
        columns: canonical name to the source's name.
        reasons: canonical name to why.
        blanks: needed columns nothing was found for.
        attributes: canonical name to the source's name, for what stays an attribute.
        constants: canonical name to one value for all rows.
        distinct: many rows per key.
        arm: its column and the value that means control, for a wide file.
        outcomes: column to kind, for a wide file.
        control: the value of the column ``arm`` that means control, for contacts.
        values: canonical name to replacements of values.
    """

    table: str
    source: Source
    columns: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    blanks: list[str] = field(default_factory=list)
    attributes: dict[str, str] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    distinct: bool = False
    arm: tuple[str, str | None] | None = None
    outcomes: dict[str, str] = field(default_factory=dict)
    control: str = ""
    values: dict[str, dict[str, str]] = field(default_factory=dict)


def guesses_of(source: Source) -> list[Guess]:
    """The tables to draft from one source: usually one, more where a file holds several things."""
    if wide := _as_campaign_file(source):
        return [wide]
    table = max(FIELDS, key=lambda name: _fit(name, source))
    main = _as_table(table, source)
    others = _derived(main) if table == "transactions" else (*_people(main), *_dated_facts(main))
    return [main, *others]


def _fit(table: str, source: Source) -> float:
    """How well a source fits a canonical table: needed columns, other columns, the file's name."""
    if table in ("promotions", "campaign_products", "people"):
        return -1.0
    found = _matches(table, source)
    needed = [name for name, what in FIELDS[table].items() if what.needed]
    if table == "transactions" and "amount" not in found and {"quantity", "unit_price"} <= set(found):
        found["amount"] = ""
    label = source.table or source.label  # all tables of a database share the name of its file
    words = re.split(r"[\W_\d]+", label.casefold())
    is_named = any(plain(word) in set(vocabulary()["tables"].get(table, ())) for word in words if word)
    is_named |= any(w in label for w in vocabulary()["tables"].get(table, ()) if not w.isascii())
    if table == "contacts" and not is_named and not _tells_a_contact(found):
        return -1.0
    share = sum(name in found for name in needed) / len(needed)
    return share + 0.1 * len(found) / len(FIELDS[table]) + 0.05 * len(found) + 0.6 * is_named


def _tells_a_contact(found: Mapping[str, str]) -> bool:
    """A campaign, or a day that is called that of a contact: a customer and a group alone tell none."""
    return "campaign_id" in found or plain(found.get("contact_ts", "date")) not in ("date", "datum")


def _matches(table: str, source: Source) -> dict[str, str]:
    """Canonical columns of a table to columns of the source, by name, checked against content."""
    found: dict[str, str] = {}
    for name, what in FIELDS[table].items():
        words = [plain(word) for word in vocabulary()["columns"].get(name, ())]
        by_word: dict[str, ColumnSample] = {}
        for column in source.columns:
            if column.name not in found.values():
                by_word.setdefault(plain(column.name), column)
        for word in words:
            if word in by_word and has_kind(by_word[word], what.kind):
                found[name] = by_word[word].name
                break
    return found


def has_kind(column: ColumnSample, kind: str) -> bool:
    """Whether the content of a column can be read as a kind of value."""
    if not column.values:
        return True
    if kind == "date":
        return column.is_date
    if kind == "flag":
        return column.is_binary or {word.casefold() for word in column.values} <= {*YES, *NO}
    return column.decimal is not None if kind == "number" else True


def _as_table(table: str, source: Source) -> Guess:
    guess = Guess(table, source, _matches(table, source))
    if table == "transactions" and "amount" in guess.columns:
        guess.columns.pop("unit_price", None)
    guess.reasons = {name: _by_name(source, given) for name, given in guess.columns.items()}
    for name, what in FIELDS[table].items():
        if what.needed and name not in guess.columns and not _is_product(guess, name):
            _guess_by_content(guess, name, what.kind)
    if table == "transactions":
        _guess_line_flag(guess)
    if table in ("customers", "products", "stores", "campaigns", "contacts"):
        guess.attributes = _attributes(source, list(guess.columns.values()), list(guess.columns))
    if table == "contacts" and "arm" in guess.columns:
        levels = set(source.column(guess.columns["arm"]).values)
        guess.control = next((level for level in sorted(levels) if is_control(level, in_arm_column=True)), "")
    return guess


def _by_name(source: Source, name: str) -> str:
    alike = [c.name for c in source.columns if plain(c.name) == plain(name) and c.name != name]
    return f"by its name; TO CHECK: or {', '.join(map(repr, alike))}" if alike else "by its name"


def _guess_line_flag(guess: Guess) -> None:
    """What says which lines give money back or were called off, unless a column is named so."""
    found = find_line_flag(guess.source, {*guess.columns.values()})
    if found is None or set(LINE_FLAGS) & set(guess.columns):
        return
    flag, column, meant = found
    guess.columns[flag] = column.name
    guess.reasons[flag] = "by its values"
    guess.values[flag] = meant


def _is_product(guess: Guess, name: str) -> bool:
    return name == "amount" and {"quantity", "unit_price"} <= set(guess.columns)


def _guess_by_content(guess: Guess, name: str, kind: str) -> None:
    """The only column left whose content fits; otherwise a blank."""
    free = [c for c in guess.source.columns if c.name not in guess.columns.values() and c.values]
    fitting = [c for c in free if kind in ("date", "number") and has_kind(c, kind)]
    if kind == "number":
        fitting = [c for c in fitting if not c.is_date and not c.is_binary and c.n_distinct < c.n_rows]
    else:
        fitting = [c for c in fitting if c.is_surely_date]
    if len(fitting) == 1:
        guess.columns[name] = fitting[0].name
        guess.reasons[name] = f"the only column {'with dates' if kind == 'date' else 'left with numbers'}"
    else:
        guess.blanks.append(name)


def _attributes(source: Source, used: Sequence[str], taken: Sequence[str]) -> dict[str, str]:
    """All other columns; those that name a person are left to the table of people."""
    personal = {plain(word) for name in _PEOPLE for word in vocabulary()["columns"][name]}
    made: dict[str, str] = {}
    for column in source.columns:
        if column.name not in used and plain(column.name) not in personal:
            made[attribute_name(column.name, [*taken, *made])] = column.name
    return made


def _derived(lines: Guess) -> Iterator[Guess]:
    """Products and customers described within the order lines."""
    for table, key in (("products", "product_id"), ("customers", "customer_id")):
        if key not in lines.columns:
            continue
        known = {plain(word) for word in vocabulary()["attributes"][table]}
        given = _matches(table, lines.source) if table == "products" else {}
        used = [*lines.columns.values(), *given.values()]
        attributes = {
            attribute_name(c.name, [key, *given]): c.name
            for c in lines.source.columns
            if plain(c.name) in known and c.name not in used
        }
        columns = {
            key: lines.columns[key],
            **{k: v for k, v in given.items() if v not in lines.columns.values()},
        }
        if attributes or len(columns) > 1:
            reasons = dict.fromkeys(columns, "stands in the order lines")
            yield Guess(table, lines.source, columns, reasons, attributes=attributes, distinct=True)


def _people(customers: Guess) -> Iterator[Guess]:
    """Names, telephone numbers and addresses of a customer file: for finding who is who."""
    if customers.table != "customers" or "customer_id" not in customers.columns:
        return
    found = _matches("people", customers.source)
    columns = {name: found[name] for name in _PEOPLE if name in found}
    if columns:
        key = customers.columns["customer_id"]
        columns = {"source_key": key, "customer_id": key, **columns}
        yield Guess("people", customers.source, columns, dict.fromkeys(columns, "by its name"))


def _dated_facts(customers: Guess) -> Iterator[Guess]:
    """The day a contract ends, which stands in many customer files: a dated fact, not an attribute."""
    key = customers.columns.get("customer_id")
    words = {plain(word) for word in vocabulary()["contract_end"]}
    ends = [c for c in customers.source.columns if plain(c.name) in words and c.is_date]
    if customers.table != "customers" or key is None or not ends:
        return
    columns = {"customer_id": key, "event_date": ends[0].name}
    constants = {"event_kind": "contract_end"}
    yield Guess(
        "events", customers.source, columns, dict.fromkeys(columns, "by its name"), constants=constants
    )
    for name in [name for name, source in customers.attributes.items() if source == ends[0].name]:
        del customers.attributes[name]


def _as_campaign_file(source: Source) -> Guess | None:
    """One row per customer with an arm and outcomes; no order dates."""
    arm = _arm(source)
    outcomes = dict(_outcomes(source))
    keys = _matches("customers", source)
    keys.pop("signup_date", None)
    if unnamed := [
        c.name for c in source.columns if plain(c.name) in _KEY_WORDS and _is_unique(source, c.name)
    ]:
        keys.setdefault("customer_id", unnamed[0])
    has_orders = any(
        name in _matches("transactions", source) for name in ("order_id", "order_ts", "product_id")
    )
    is_unique = "customer_id" not in keys or _is_unique(source, keys["customer_id"])
    if not outcomes or not is_unique or (arm is None and (has_orders or "customer_id" not in keys)):
        return None
    if arm is None and "binary" not in outcomes.values():
        return None
    guess = Guess("campaign_file", source, arm=arm, outcomes=outcomes)
    if "customer_id" in keys:
        guess.columns["customer_id"] = keys["customer_id"]
        guess.reasons["customer_id"] = "by its name, each value once"
    used = [*outcomes, *([arm[0]] if arm else []), *guess.columns.values()]
    guess.attributes = _attributes(source, used, ())
    return guess


def _is_unique(source: Source, name: str) -> bool:
    column = source.column(name)
    return column.n_distinct == column.n_rows


def _arm(source: Source) -> tuple[str, str | None] | None:
    """The column that says who was treated how, and its value for "not contacted"."""
    words = [plain(word) for word in vocabulary()["columns"]["arm"]]
    by_name = [c for word in words for c in source.columns if plain(c.name) == word]
    for column in [*by_name, *(c for c in source.columns if c not in by_name)]:
        levels = sorted(set(column.values))
        if not 2 <= len(levels) <= _MAX_ARMS:
            continue
        control = [level for level in levels if is_control(level, in_arm_column=column in by_name)]
        if control or (column in by_name and column.is_binary):
            return column.name, control[0] if control else "0"
    return None


def is_control(level: str, *, in_arm_column: bool) -> bool:
    """Any word for "nothing" in a column called so; elsewhere only a plain word for control."""
    word = level.casefold()
    if not in_arm_column:
        return word in _CONTROL_ANYWHERE
    return word in {known.casefold() for known in vocabulary()["control"]} or word.startswith("no ")


def _outcomes(source: Source) -> Iterator[tuple[str, str]]:
    for column in source.columns:
        kinds = [
            kind
            for kind in ("binary", "count", "amount")
            if plain(column.name) in {plain(word) for word in vocabulary()["outcomes"][kind]}
            and (column.is_binary if kind == "binary" else column.decimal is not None)
        ]
        if kinds:
            yield column.name, kinds[0]
