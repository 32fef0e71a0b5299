"""What is to be known of a table beyond single rows: columns, words and keys that may be meant otherwise."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from dangol.sources.own.defaults import CONTROL
from dangol.sources.own.fields import KEYS, WITH_ATTRIBUTES, near_names
from dangol.sources.own.plan import Plan
from dangol.sources.own.rows import ROW
from dangol.sources.own.spec import CampaignFile, Spec
from dangol.sources.own.staging import Problem, Staged, is_set_aside
from dangol.sources.own.words import looks_like_outcome

MAX_QUARANTINE_SHARE = 0.5
"""If more rows of a file than this cannot be used, the mapping is wrong, not the rows."""

_N_SHOWN = 8


@dataclass(frozen=True)
class Finding:
    """One thing to know about a file.

    Attributes:
        table: canonical table it concerns.
        file: its name; empty for the whole table.
        problem: what is wrong with which rows; ``None`` where the file as a whole is at fault.
        text: in words.
        mend: what to do about it; empty where the text says so.
        blocks: nothing runs until it is mended.
    """

    table: str
    file: str
    text: str
    mend: str
    blocks: bool
    problem: Problem | None = None


def of_table(plan: Plan, staged: Sequence[Staged]) -> Iterator[Finding]:
    """Findings that concern all files of a table; none of them stops the run."""
    yield from _misspelt(plan)
    yield from _like_outcomes(plan)
    yield from _repeated_names(plan, staged)
    yield from _repeated_keys(plan, staged)
    yield from _arms(plan, staged)
    yield from _cost(plan)


def of_unusable(staged: Staged) -> Finding | None:
    """More rows cannot be used than may be, though each reason alone concerns fewer."""
    n_bad = staged.n_rows - staged.n_usable
    shares = [problem.n_rows / staged.n_rows for problem in staged.problems if problem.is_quarantined]
    if n_bad <= MAX_QUARANTINE_SHARE * staged.n_rows or any(one > MAX_QUARANTINE_SHARE for one in shares):
        return None
    text = f"{n_bad:,} of {staged.n_rows:,} rows cannot be used, for the reasons counted below"
    return Finding(
        staged.plan.table, staged.name, text, "look at the mapping and the format first", blocks=True
    )


def of_snapshot(wanted: date | None, first: str, last: str) -> Iterator[Finding]:
    """A ``default_as_of`` at which there is nothing to look back on, or nothing left to come.

    Args:
        wanted: as the spec says.
        first: day of the first order, contact or response, ``YYYY-MM-DD``; empty if unknown.
        last: the last snapshot date at which all the data are seen.
    """
    if wanted is not None and first and not first < f"{wanted}" <= last:
        mend = f"choose a date after {first} and up to {last}, or leave it out"
        yield Finding("default_as_of", "", f"{wanted} lies outside the data", mend, blocks=True)


def of_phones(spec: Spec) -> Iterator[Finding]:
    """Telephone numbers without a stated country."""
    if spec.people is not None and "phone" in spec.people.columns and spec.phone_region is None:
        text = "phone_region is not stated: numbers without a country code are left out of the comparison"
        yield Finding("people", "", text, "state phone_region, such as DE", blocks=False)


def _misspelt(plan: Plan) -> Iterator[Finding]:
    """Attributes that look like a column the table has a meaning for."""
    if plan.table in WITH_ATTRIBUTES:
        for name, meant in near_names(plan.table, (column.name for column in plan.columns)).items():
            text = f"{name!r} is kept as an attribute, but looks like the column {meant!r}"
            mend = f"call it {meant} if it is meant, else give the attribute another name"
            yield Finding(plan.table, "", text, mend, blocks=False)


def _like_outcomes(plan: Plan) -> Iterator[Finding]:
    """Attributes of a wide campaign file whose names say that they came after the contact."""
    for column in plan.columns if plan.table == "campaign_file" else ():
        name = column.name.removeprefix("attribute_")
        if name != column.name and column.source and looks_like_outcome(column.source):
            text = f"the attribute {name!r} looks like an outcome: was it known before the contact?"
            mend = "if not, move it from campaign_file.attributes to campaign_file.outcomes"
            yield Finding(plan.table, "", text, mend, blocks=False)


def _repeated_names(plan: Plan, staged: Sequence[Staged]) -> Iterator[Finding]:
    """Headers in which a name that is mapped stands more than once."""
    for one in staged:
        for column in plan.columns:
            if column.source in one.repeated:
                name = column.source
                text = f"the header has {name!r} more than once; {column.name} is read from the first"
                mend = f"if another is meant, map it: {f'{name}_2'!r} is the second"
                yield Finding(plan.table, one.name, text, mend, blocks=False)


def _repeated_keys(plan: Plan, staged: Sequence[Staged]) -> Iterator[Finding]:
    """Usable rows whose key stands in another row of the table as well."""
    key = plan.key or tuple(name for name in KEYS.get(plan.table, ()) if name in plan.names)
    if not key or not staged or plan.distinct:
        return
    rows = [one.table.filter(~is_set_aside(plan, one.table)).select(*key, ROW) for one in staged]
    every = rows[0].union(*rows[1:]) if rows[1:] else rows[0]
    known = every.filter(*(every[name].notnull() for name in key))
    counts = known.group_by(*key).aggregate(n=known.count()).filter(lambda group: group["n"] > 1)
    found = counts.aggregate(n=(counts["n"] - 1).sum()).execute()["n"].iloc[0]
    if found == found and found:
        example = counts.order_by(*key).limit(1).execute().iloc[0]
        shown = ", ".join(f"{name} {example[name]!s}" for name in key)
        text = f"{int(found):,} row(s) repeat the {' and '.join(key)} of another, for example {shown}"
        kept = "first" if plan.table == "campaign_file" else "last"
        mend = f"nothing, if it is right that the {kept} of them counts; else remove the others"
        yield Finding(plan.table, "", text, mend, blocks=False)


def _cost(plan: Plan) -> Iterator[Finding]:
    """A campaign file that does not say what a contact costs."""
    if isinstance(plan.given, CampaignFile) and plan.given.campaign.contact_cost is None:
        text = "campaign.contact_cost is empty: a cost will be assumed, and every return rests on it"
        yield Finding(plan.table, "", text, "state what one contact cost; 0 if nothing", blocks=False)


def _arms(plan: Plan, staged: Sequence[Staged]) -> Iterator[Finding]:
    """Contacts of which no row says ``control``, though a word in them may mean it."""
    if plan.table != "contacts" or "arm" not in plan.names or not staged:
        return
    found = (one.table.select("arm").distinct().execute()["arm"].dropna() for one in staged)
    words = sorted({word for arms in found for word in arms})
    if CONTROL not in words:
        shown = ", ".join(map(repr, words[:_N_SHOWN]))
        text = f"no arm is called '{CONTROL}', so everybody counts as contacted; there are {shown}"
        mend = "if one of them was not contacted, state contacts.values.arm, such as {holdout: control}"
        yield Finding(plan.table, "", text, mend, blocks=False)
