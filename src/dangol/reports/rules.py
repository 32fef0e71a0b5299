"""How figures choose sentences: each rule looks at the recorded figures and names one message, or none."""

from collections.abc import Callable

from dangol.reports.facts import Facts

Rule = Callable[[Facts], str | None]


def always(key: str) -> Rule:
    """The message, whatever the figures say; it is dropped if a figure in it is missing."""
    return lambda facts: key


def by_text(reference: str, prefix: str, values: tuple[str, ...], otherwise: str | None = None) -> Rule:
    """``prefix_<text>`` for a recorded word among ``values``; else ``prefix_<otherwise>``, if given."""

    def choose(facts: Facts) -> str | None:
        value = facts.text(reference)
        if value is None:
            return None
        chosen = value if value in values else otherwise
        return None if chosen is None else f"{prefix}_{chosen}"

    return choose


def by_flag(reference: str, prefix: str) -> Rule:
    """``prefix_yes`` or ``prefix_no``."""

    def choose(facts: Facts) -> str | None:
        value = facts.number(reference)
        return None if value is None else f"{prefix}_{'yes' if value else 'no'}"

    return choose


def by_amount(reference: str, prefix: str) -> Rule:
    """``prefix_none`` for zero, ``prefix_some`` for more."""

    def choose(facts: Facts) -> str | None:
        value = facts.number(reference)
        return None if value is None else f"{prefix}_{'some' if value > 0 else 'none'}"

    return choose


def by_change(reference: str, prefix: str, threshold: float) -> Rule:
    """``prefix_up``, ``prefix_down``, or ``prefix_flat`` within plus or minus ``threshold``."""

    def choose(facts: Facts) -> str | None:
        value = facts.number(reference)
        if value is None:
            return None
        if abs(value) <= threshold:
            return f"{prefix}_flat"
        return f"{prefix}_{'up' if value > 0 else 'down'}"

    return choose


def by_interval(low: str, high: str, prefix: str, pivot: float | str = 0.0) -> Rule:
    """``prefix_above``, ``prefix_below`` or ``prefix_around``, by where an interval lies.

    Args:
        low: reference of the interval's lower end.
        high: reference of its upper end.
        prefix: of the message.
        pivot: what it is held against, a number or the reference of one.
    """

    def choose(facts: Facts) -> str | None:
        level = facts.number(pivot) if isinstance(pivot, str) else pivot
        bottom, top = facts.number(low), facts.number(high)
        if level is None or bottom is None or top is None:
            return None
        return f"{prefix}_{'above' if bottom > level else 'below' if top < level else 'around'}"

    return choose


def by_level(reference: str, prefix: str, steps: tuple[tuple[float, str], ...], top: str) -> Rule:
    """``prefix_<word>`` of the first step whose limit lies above the figure, else ``prefix_<top>``."""

    def choose(facts: Facts) -> str | None:
        value = facts.number(reference)
        if value is None:
            return None
        return f"{prefix}_{next((word for limit, word in steps if value < limit), top)}"

    return choose


def by_comparison(reference: str, other: str, prefix: str) -> Rule:
    """``prefix_more``, ``prefix_less`` or ``prefix_same``, by one figure against another."""

    def choose(facts: Facts) -> str | None:
        value, level = facts.number(reference), facts.number(other)
        if value is None or level is None:
            return None
        return f"{prefix}_{'more' if value > level else 'less' if value < level else 'same'}"

    return choose


def is_known(reference: str) -> Callable[[Facts], bool]:
    """Whether a figure was recorded, as a condition."""
    return lambda facts: facts.find(reference, "") is not None


def is_positive(reference: str) -> Callable[[Facts], bool]:
    """Whether a figure was recorded and is above zero, as a condition."""
    return lambda facts: (facts.number(reference) or 0) > 0


def first_of(*rules: Rule) -> Rule:
    """What the first rule that has something to say says."""
    return lambda facts: next((key for rule in rules if (key := rule(facts)) is not None), None)


def only_if(condition: Callable[[Facts], bool], rule: Rule) -> Rule:
    """``rule``, but nothing unless ``condition`` holds."""
    return lambda facts: rule(facts) if condition(facts) else None
