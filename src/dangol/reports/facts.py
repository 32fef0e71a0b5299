"""The recorded figures of a run, each with where it comes from."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

from dangol.customer_rules import STATE_SUMS
from dangol.records import MetricValue
from dangol.small_cells import MANY, hidden_cells, is_small, share_text, tens_text

# words in the names of metrics that count people, and of those that count things
PEOPLE = {
    "customers", "customer", "households", "people", "persons", "contacts", "contacted", "holdout",
    "suppressed", "responders", "treated", "control", "lapse", "lapsed", "lost", "dormant", "new", "risk",
    "active", "reactivated", "members", "buyers",
}  # fmt: skip
_THINGS = {
    "rows", "orders", "lines", "products", "stores", "faults", "fault", "months", "segments", "rules",
    "offers", "campaigns", "campaign", "features", "epochs", "snapshots", "boot", "models", "categories",
    "departments", "tables", "columns", "baskets", "days", "types", "grades", "clusters", "cells",
    "coupons", "kinds", "cohorts", "points", "outcomes", "states", "parameters", "responses",
    "redemptions", "lessons", "combinations", "keys", "pairs", "folds", "seeds",
}  # fmt: skip
# notebook 03: state of the life cycle and the metric that counts it
_STATES = {
    "new": "n_new", "growing": "n_growing_customers", "reactivated": "n_reactivated", "at risk": "n_at_risk",
    "dormant": "n_dormant", "lost": "n_lost",
}  # fmt: skip
# counts of people that are part of another one
_PARTS = {
    "08.n_compared_holdout": "08.n_holdout",
    "08.n_at_risk_contacted": "03.n_at_risk",
    "04.n_due_customers": "03.n_customers",
}
# everybody in the data, those included who came after the snapshot, and those known by then
_EVERYBODY = {"01.n_customers": "03.n_customers", "01.n_buyers": "02.n_buyers"}


@dataclass(frozen=True)
class Fact:
    """One recorded figure.

    Attributes:
        notebook: two-digit number of the notebook that recorded it.
        name: of the metric, as in MLflow.
        value: the figure.
        run_id: of the notebook's MLflow run, if it has one.
    """

    notebook: str
    name: str
    value: MetricValue
    run_id: str | None = None

    @property
    def origin(self) -> str:
        """Where the figure comes from, for a tooltip."""
        run = f" · run {self.run_id}" if self.run_id else ""
        return f"notebook {self.notebook} · {self.name}{run}"


@dataclass(frozen=True)
class Facts:
    """All recorded figures of a run.

    Attributes:
        metrics: notebook number to its figures by name.
        run_ids: notebook number to its MLflow run, where there is one.
    """

    metrics: Mapping[str, Mapping[str, MetricValue]]
    run_ids: Mapping[str, str | None]

    def only(self, notebooks: Collection[str]) -> "Facts":
        """The figures of some notebooks."""
        kept = {number: figures for number, figures in self.metrics.items() if number in notebooks}
        return Facts(kept, self.run_ids)

    def find(self, reference: str, notebook: str) -> Fact | None:
        """The figure ``name`` of ``notebook``, or ``NN.name`` of another one; None if it was not recorded."""
        number, dot, name = reference.partition(".")
        if not dot:
            number, name = notebook, reference
        value = self.metrics.get(number, {}).get(name)
        return None if value is None else Fact(number, name, value, self.run_ids.get(number))

    def every(self) -> list[Fact]:
        """All figures, by notebook."""
        return [
            Fact(number, name, value, self.run_ids.get(number))
            for number, figures in self.metrics.items()
            for name, value in figures.items()
        ]

    def bounds(self, fact: Fact) -> tuple[Fact, Fact] | None:
        """The ends of the interval recorded with a figure: ``<name>_low`` and ``<name>_high``.

        ``expected_value_total`` finds ``expected_value_low``: the last word may be left out.
        """
        for stem in (fact.name, fact.name.rpartition("_")[0]):
            low = self.find(f"{fact.notebook}.{stem}_low", fact.notebook)
            high = self.find(f"{fact.notebook}.{stem}_high", fact.notebook)
            if stem and low is not None and high is not None:
                return low, high
        return None

    def hidden_text(self, fact: Fact) -> str | None:
        """What stands in place of a count that must not be told; None if it may be.

        Numbers of customers in each state add up to all customers, so that a small one takes another
        with it, the same as in the figures of notebook 03.
        """
        return self._hidden.get((fact.notebook, fact.name))

    @cached_property
    def _hidden(self) -> dict[tuple[str, str], str]:
        return self._states() | self._top_grade() | self._parts() | self._everybody()

    def _everybody(self) -> dict[tuple[str, str], str]:
        """All customers, to the nearest ten where a few of them came after the snapshot."""
        hidden = {}
        for everybody, known in _EVERYBODY.items():
            count, before = self.number(everybody), self.number(known)
            if count is not None and before is not None and is_small(count - before):
                number, _, name = everybody.partition(".")
                hidden[number, name] = f"\N{ALMOST EQUAL TO}{tens_text(count)}"
        return hidden

    def _parts(self) -> dict[tuple[str, str], str]:
        """Counts that leave a few people over, subtracted from a count shown elsewhere."""
        hidden = {}
        for part, whole in _PARTS.items():
            count, total = self.number(part), self.number(whole)
            if count is not None and total is not None and is_small(total - count) and not is_small(count):
                number, _, name = part.partition(".")
                hidden[number, name] = MANY
        return hidden

    def _states(self) -> dict[tuple[str, str], str]:
        counts = {state: self.number(f"03.{name}") for state, name in _STATES.items()}
        n_active = self.number("03.n_active")  # the growing are among them
        known = {state: int(count) for state, count in counts.items() if count is not None}
        if n_active is None or len(known) < len(counts):
            return {}
        cells = known | {"active": int(n_active) - known["growing"]}
        texts = hidden_cells(cells, STATE_SUMS)
        return {("03", name): texts[state] for state, name in _STATES.items() if state in texts}

    def _top_grade(self) -> dict[tuple[str, str], str]:
        """The share of the highest grade, where it stands for a few people."""
        share, n_customers = self.number("03.top_grade_share"), self.number("03.n_customers")
        if share is None or not n_customers or not is_small(n_top := round(share * n_customers)):
            return {}
        return {("03", "top_grade_share"): share_text(n_top, int(n_customers))}

    def number(self, reference: str) -> float | None:
        """``NN.name`` as a number; None if it was not recorded or is text."""
        fact = self.find(reference, "")
        return float(fact.value) if fact is not None and isinstance(fact.value, int | float) else None

    def text(self, reference: str) -> str | None:
        """``NN.name`` as text; None if it was not recorded."""
        fact = self.find(reference, "")
        return None if fact is None else str(fact.value)


def counts_people(name: str) -> bool:
    """Whether a metric counts people, so that small counts must not be told apart.

    A count whose name says neither is taken to count people.

    >>> counts_people("n_at_risk"), counts_people("n_orders"), counts_people("n_something")
    (True, False, True)
    """
    words = name.split("_")
    if words[0] != "n":
        return False
    return bool(PEOPLE & set(words)) or not _THINGS & set(words)
