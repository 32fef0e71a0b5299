"""What another way of choosing contacts would have brought, from the log of the old one."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from dangol.errors import InputError
from dangol.evaluation.effect import student_interval
from dangol.evaluation.intervals import Array

MIN_EFFECTIVE = 30.0


def policy_value(
    action: npt.ArrayLike,
    outcome: npt.ArrayLike,
    propensity: pd.DataFrame,
    policy: npt.ArrayLike | pd.DataFrame,
    expected: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Mean outcome per customer had another policy chosen the actions.

    Args:
        action: what was done to each customer (arm).
        outcome: what came of it.
        propensity: chance with which the old policy took each action, one column per action, rows
            summing to 1.
        policy: the new policy: one action per customer, or a frame like ``propensity``.
        expected: expected outcome of each action, one column per action, by a model that has not seen
            the customer; needed for the doubly robust estimate.

    Returns:
        One row per ``method``: ``ips`` (inverse propensity), ``snips`` (self-normalised), ``dr``
        (doubly robust, if ``expected`` is given) and ``logged`` (the old policy as it was):
        ``estimate``, ``low``, ``high`` (95 %), ``n_effective`` (equally weighted customers the
        weighted ones are worth) and ``warning``.

    Raises:
        InputError: if the new policy takes an action the old one never could: nothing in the log
            tells what would have come of it.

    Source:
        Horvitz & Thompson (1952), J. American Statistical Association 47; Swaminathan & Joachims
        (2015), NeurIPS; Dudík, Erhan, Langford & Li (2014), Statistical Science 29(4).
    """
    y = np.asarray(outcome, dtype=np.float64)
    names = list(propensity.columns)
    wanted = _as_shares(policy, names)
    logged = propensity.to_numpy(dtype=np.float64)
    place = pd.Index(names).get_indexer(pd.Index(np.asarray(action)))
    _check(wanted, logged, place, y, names)
    rows = np.arange(len(y))
    weight = wanted[rows, place] / logged[rows, place]
    effective = float(weight.sum() ** 2 / (weight**2).sum()) if weight.any() else 0.0
    ratio = float(weight @ y / weight.sum()) if weight.any() else float("nan")
    terms = {"ips": weight * y, "snips": ratio + weight * (y - ratio) / weight.mean()}
    if expected is not None:
        model = expected[names].to_numpy(dtype=np.float64)
        terms["dr"] = (wanted * model).sum(axis=1) + weight * (y - model[rows, place])
    found = [(name, *_mean(values), effective) for name, values in terms.items()]
    table = pd.DataFrame(
        [*found, ("logged", *_mean(y), float(len(y)))],
        columns=["method", "estimate", "low", "high", "n_effective"],
    )
    doubt = (
        f"few customers were treated as the new policy would: fewer than {MIN_EFFECTIVE:.0f} effective ones"
    )
    return table.assign(warning=np.where(table["n_effective"] < MIN_EFFECTIVE, doubt, ""))


def _as_shares(policy: npt.ArrayLike | pd.DataFrame, names: list[Any]) -> Array:
    if isinstance(policy, pd.DataFrame):
        return policy.reindex(columns=names, fill_value=0.0).to_numpy(dtype=np.float64)
    chosen = np.asarray(policy)
    return np.column_stack([chosen == name for name in names]).astype(np.float64)


def _check(wanted: Array, logged: Array, place: Any, y: Array, names: list[Any]) -> None:
    faults = []
    if not len(y) == len(place) == len(wanted) == len(logged):
        raise InputError(
            "action, outcome, propensity and policy differ in length; expected one row per customer in each."
        )
    if (place < 0).any():
        faults.append(f"{int((place < 0).sum())} logged actions have no column in propensity")
    if not np.allclose(logged.sum(axis=1), 1, atol=1e-6) or (logged < 0).any():
        faults.append("propensities must be at least 0 and sum to 1 in every row")
    if not np.allclose(wanted.sum(axis=1), 1, atol=1e-6):
        faults.append(
            f"the policy names actions other than {', '.join(map(str, names))}, or shares not summing to 1"
        )
    if not np.isfinite(y).all():
        faults.append(f"{int((~np.isfinite(y)).sum())} outcomes are missing")
    never = (wanted > 0) & (logged <= 0)
    for k in np.flatnonzero(never.any(axis=0)):
        n = int(never[:, k].sum())
        faults.append(f"'{names[k]}' was never possible for {n} customers the policy chooses it for")
    if faults:
        lines = "\n".join(f"  - {fault}" for fault in faults)
        raise InputError(f"the value of the policy cannot be told from this log:\n{lines}")


def _mean(values: Array) -> tuple[float, float, float]:
    n = len(values)
    estimate = float(values.mean())
    influence = (values - estimate) / np.sqrt(n * (n - 1))
    low, high, _ = student_interval(estimate, influence, n - 1)
    return estimate, low, high
