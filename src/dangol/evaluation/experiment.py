"""A randomized test as one frame: customer, arm, outcomes, covariates in; effects, checks, verdicts out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dangol.evaluation.checks import MIN_P_VALUE, balance_p_value, presumed_shares, sample_ratio_p_value
from dangol.evaluation.covariates import design_matrix
from dangol.evaluation.effect import Effect
from dangol.evaluation.experiment_input import check_experiment, remarks
from dangol.evaluation.randomized import adjusted_to_treat, intention_to_treat, winsorized, without_covariates
from dangol.evaluation.segment_effects import segment_effects
from dangol.evaluation.shrinkage import holm

ALPHA = 0.05


@dataclass(frozen=True)
class Experiment:
    """What a randomized test showed.

    Attributes:
        effects: one row per outcome × arm: ``outcome``, ``arm``, ``n_treated``, ``n_control``,
            ``mean_treated``, ``mean_control``; ``estimate`` with ``low`` and ``high`` (95 %), adjusted
            for the covariates where there are any; ``p_value``, and ``p_adjusted`` for the number of
            arms (Holm); ``relative`` with its interval (change over the controls' mean); the plain
            difference ``unadjusted`` with its interval; ``winsorized`` with its interval (largest
            values cut, another question: it leaves out what a few large buyers do); ``verdict``:
            ``positive``, ``negative``, ``unclear`` or ``withheld: …``.
        checks: one row per check: ``check``, ``arm``, ``p_value``, ``is_passed``, ``statement``.
        segments: one row per outcome × arm × column × segment, as in `segment_effects`.
        statements: what a reader should know, in sentences.
    """

    effects: pd.DataFrame
    checks: pd.DataFrame
    segments: pd.DataFrame
    statements: tuple[str, ...]

    @property
    def is_withheld(self) -> bool:
        """Whether a check failed, so that no verdict is given."""
        return not bool(self.checks["is_passed"].all())


def evaluate_experiment(
    frame: pd.DataFrame,
    *,
    arm: str = "arm",
    control: Any = "control",
    outcomes: str | Sequence[str],
    covariates: Sequence[str] = (),
    segments: Sequence[str] = (),
    customer: str | None = None,
    planned_shares: Mapping[Any, float] | None = None,
) -> Experiment:
    """Evaluate a test in which customers were assigned to arms by lot.

    Everybody counts in the arm they were assigned to, whether or not they were reached (intention to
    treat). Sample ratio and balance are checked first; a failed check withholds every verdict.

    Args:
        frame: one row per customer.
        arm: column with the arm.
        control: name of the control arm; every other arm is compared with it.
        outcomes: columns with numbers or booleans, 0 if nothing happened; rates, counts and amounts.
        covariates: columns known before the lot was drawn, numbers or categories with or without
            gaps; they narrow the intervals without moving the effects.
        segments: columns known before; effects are given by their values as well.
        customer: column with the customer, to find repeated ones; None if rows are known to be unique.
        planned_shares: share of each arm in the plan, of any sum. None: equal shares are presumed if
            every arm lies within a tenth of them; otherwise the sample ratio stays unchecked.

    Raises:
        InputError: naming every fault of the frame at once.

    Source:
        Kohavi, Tang & Xu (2020), Trustworthy Online Controlled Experiments, for the order of things.
    """
    names = [outcomes] if isinstance(outcomes, str) else list(outcomes)
    check_experiment(frame, arm, control, names, [*covariates, *segments], customer, planned_shares)
    frame = frame.astype(dict.fromkeys(names, "float64"))
    x = design_matrix(frame[list(covariates)]) if covariates else pd.DataFrame(index=frame.index)
    counts = frame[arm].value_counts()
    arms = [name for name in sorted(counts.index, key=str) if name != control and counts[name]]
    checks = pd.DataFrame(
        [*_ratio_check(frame, arm, planned_shares), *_balance_checks(frame, arm, control, arms, x)]
    )
    failed = checks.loc[~checks["is_passed"], "check"]
    rows, parts = [], []
    for outcome in names:
        for name in arms:
            pair = frame[arm].isin([name, control])
            is_treated = (frame.loc[pair, arm] == name).to_numpy()
            y, own = frame.loc[pair, outcome].to_numpy(), x.loc[pair].to_numpy()
            rows.append({"outcome": outcome, "arm": name, **_row(y, own, is_treated)})
            for column in segments:
                plain = without_covariates(y, own, is_treated) if own.shape[1] else y
                found = segment_effects(plain, is_treated, frame.loc[pair, column], own.shape[1])
                parts.append(found.assign(outcome=outcome, arm=name, column=column))
    effects = _with_verdicts(pd.DataFrame(rows), failed.iloc[0] if len(failed) else "")
    found = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    said = (*checks["statement"], *remarks(frame, arm, control, names))
    return Experiment(effects, checks, found, said)


def _row(y: np.ndarray, x: np.ndarray, is_treated: np.ndarray) -> dict[str, float]:
    plain = intention_to_treat(y, is_treated)
    best = adjusted_to_treat(y, x, is_treated) if x.shape[1] else plain
    cut = intention_to_treat(winsorized(y), is_treated)
    return {
        "n_treated": plain.n_treated,
        "n_control": plain.n_control,
        "mean_treated": float(y[is_treated].mean()),
        "mean_control": float(y[~is_treated].mean()),
        **_interval(best, "estimate", ""),
        "p_value": best.p_value,
        "relative": best.relative,
        "relative_low": best.relative_low,
        "relative_high": best.relative_high,
        **_interval(plain, "unadjusted", "unadjusted_"),
        **_interval(cut, "winsorized", "winsorized_"),
    }


def _interval(effect: Effect, name: str, prefix: str) -> dict[str, float]:
    return {name: effect.estimate, f"{prefix}low": effect.low, f"{prefix}high": effect.high}


def _with_verdicts(effects: pd.DataFrame, failed: str) -> pd.DataFrame:
    adjusted = effects.groupby("outcome", sort=False)["p_value"].transform(lambda p: holm(p.to_numpy()))
    effects.insert(list(effects.columns).index("p_value") + 1, "p_adjusted", adjusted)
    clear = np.where(effects["estimate"] > 0, "positive", "negative")
    verdict = pd.Series(np.where(adjusted < ALPHA, clear, "unclear"), dtype="str")
    return effects.assign(verdict=f"withheld: {failed}" if failed else verdict)


def _ratio_check(
    frame: pd.DataFrame, arm: str, planned_shares: Mapping[Any, float] | None
) -> Iterator[dict[str, Any]]:
    counts = {name: int(n) for name, n in frame[arm].value_counts(sort=False).items() if n}
    planned = dict(planned_shares) if planned_shares else presumed_shares(counts)
    seen = ", ".join(f"{n:,} in {name}" for name, n in counts.items())
    row: dict[str, Any] = {"check": "sample ratio", "arm": "all", "p_value": np.nan, "is_passed": True}
    if planned is None:
        yield row | {"statement": f"sample ratio not checked: no planned shares were given ({seen})."}
        return
    p_value = sample_ratio_p_value(counts, planned)
    is_passed = p_value >= MIN_P_VALUE
    total = sum(planned.values())
    plan = ", ".join(f"{share / total:.1%} {name}" for name, share in planned.items())
    source = "planned" if planned_shares else "presumed plan"
    word = "fits" if is_passed else "does not fit"
    consequence = "" if is_passed else " Customers were lost or added after the lot: no verdict is given."
    statement = f"the split ({seen}) {word} the {source} ({plan}), p = {p_value:.2g}.{consequence}"
    yield row | {"p_value": p_value, "is_passed": is_passed, "statement": statement}


def _balance_checks(
    frame: pd.DataFrame, arm: str, control: Any, arms: list[Any], covariates: pd.DataFrame
) -> Iterator[dict[str, Any]]:
    if covariates.empty:
        return
    for name in arms:
        pair = frame[arm].isin([name, control])
        p_value = balance_p_value(covariates.loc[pair], frame.loc[pair, arm] == name)
        is_passed = p_value * len(arms) >= MIN_P_VALUE
        word = "were alike" if is_passed else "differed more than a lot makes them: no verdict is given"
        statement = f"{name} and {control} {word} in {covariates.shape[1]} covariates, p = {p_value:.2g}."
        yield {
            "check": "arms differed before",
            "arm": name,
            "p_value": p_value,
            "is_passed": is_passed,
            "statement": statement,
        }
