"""What a frame of a randomized test must be like, and what is worth knowing about one that is."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd
from pandas.api import types as kinds

from dangol.errors import InputError

_MIN_ARM = 2


def check_experiment(
    frame: pd.DataFrame,
    arm: str,
    control: Any,
    outcomes: Sequence[str],
    others: Sequence[str],
    customer: str | None,
    planned_shares: Mapping[Any, float] | None,
) -> None:
    """Stop if the frame cannot be evaluated.

    Args:
        frame: one row per customer.
        arm: column with the arm.
        control: name of the control arm.
        outcomes: columns with what happened.
        others: covariates and segments.
        customer: column with the customer, or None.
        planned_shares: share of each arm in the plan, or None.

    Raises:
        InputError: listing every fault.
    """
    wanted = [arm, *outcomes, *others, *([customer] if customer else [])]
    missing = [name for name in dict.fromkeys(wanted) if name not in frame.columns]
    if missing:
        faults = [
            f"no column {', '.join(map(repr, missing))}; there are {', '.join(map(str, frame.columns))}"
        ]
    else:
        faults = [
            *_arm_faults(frame[arm], control, planned_shares),
            *(fault for name in outcomes for fault in _outcome_faults(frame[name])),
            *_key_faults(frame, customer),
        ]
    if not outcomes:
        faults.append("no outcome was named")
    if faults:
        lines = "\n".join(f"  - {fault}" for fault in faults)
        raise InputError(f"the experiment cannot be evaluated:\n{lines}")


def remarks(frame: pd.DataFrame, arm: str, control: Any, outcomes: Sequence[str]) -> Iterator[str]:
    """Sentences about outcomes that are unusual but can be evaluated.

    Args:
        frame: a checked frame.
        arm: column with the arm.
        control: name of the control arm.
        outcomes: columns with what happened.
    """
    for name in outcomes:
        events = frame.loc[frame[name] != 0, arm]
        holders = set(events)
        n_negative = int((frame[name] < 0).sum())
        if not holders:
            yield f"{name}: nobody in any arm has one, so nothing can be said about it."
        elif len(holders) == 1 and control not in holders:
            yield (
                f"{name}: all {len(events):,} are in arm {events.iloc[0]}. If the others could not have one "
                "(a coupon only the contacted hold), it counts contacts and is no effect."
            )
        elif holders == {control}:
            yield f"{name}: all {len(events):,} are in arm {control}."
        if n_negative:
            yield f"{name}: {n_negative:,} customers below zero (refunds), kept as they are."


def _arm_faults(arms: pd.Series, control: Any, planned_shares: Mapping[Any, float] | None) -> Iterator[str]:
    n_missing = int(arms.isna().sum())
    if n_missing:
        yield f"{arms.name}: {n_missing:,} customers have no arm"
    counts = arms.value_counts()
    names = ", ".join(map(str, counts.index[counts > 0])) or "none"
    expected = {control, *counts.index, *(planned_shares or ())}
    for name in sorted(expected, key=str):
        n = int(counts.get(name, 0))
        if n == 0:
            yield f"arm {name!r} has no customers; there are {names}"
        elif n < _MIN_ARM:
            yield f"arm {name!r} has {n} customer; an effect needs at least {_MIN_ARM} in each arm"
    if set(counts.index) == {control}:
        yield f"there is no arm to compare with {control!r}"
    unplanned = [str(name) for name in counts.index if planned_shares and name not in planned_shares]
    if unplanned:
        yield f"planned_shares lacks the arm(s) {', '.join(unplanned)}"
    if planned_shares and min(planned_shares.values()) <= 0:
        yield "planned_shares must be above 0"


def _outcome_faults(outcome: pd.Series) -> Iterator[str]:
    if not (kinds.is_numeric_dtype(outcome.dtype) or kinds.is_bool_dtype(outcome.dtype)):
        yield f"{outcome.name}: expected numbers, received {outcome.dtype}"
        return
    n_missing = int(outcome.isna().sum() + outcome.isin([float("inf"), float("-inf")]).sum())
    if n_missing:
        yield f"{outcome.name}: {n_missing:,} customers have no finite value; put 0 where nothing happened"


def _key_faults(frame: pd.DataFrame, customer: str | None) -> Iterator[str]:
    if customer is None:
        return
    n_repeated = int(frame.duplicated(customer).sum())
    if n_repeated:
        yield f"{customer}: {n_repeated:,} repeated rows; expected one row per customer"
