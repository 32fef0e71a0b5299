"""What earlier runs of the same data set have left: lifetime values and measured effects of campaigns.

See `dangol.contracts.Table.earlier_runs`.
"""

import pandas as pd

from dangol import tables
from dangol.errors import InputError
from dangol.workspace import RunFolder

JUDGED = ("positive", "negative", "unclear")


def earlier_lifetime_values(folder: RunFolder, as_ofs: list[str]) -> pd.DataFrame:
    """The latest lifetime value known at each date, from runs before this one.

    Args:
        folder: this run.
        as_ofs: dates; those before the first earlier run are left out.

    Returns:
        One row per date × customer: ``as_of``, ``customer_id``, ``score`` (expected value, currency).

    Raises:
        InputError: if no earlier run has valued customers.
    """
    runs = tables.CUSTOMER_VALUE.earlier_runs(folder)
    if not runs:
        raise InputError(
            f"grade_basis lifetime_value needs customer_value of a run before {folder.as_of}, and data set "
            f"'{folder.dataset}' has none. Run one first, such as: dangol run --only 01,03,04 "
            f"--dataset {folder.dataset} --set as_of=<an earlier date>; or choose another grade_basis."
        )
    values = {as_of: tables.CUSTOMER_VALUE.read(run) for as_of, run in runs.items()}
    parts = []
    for as_of in as_ofs:
        known = [run for run in values if run <= as_of]
        if known:
            part = values[known[-1]][["customer_id", "expected_value"]].set_axis(
                ["customer_id", "score"], axis=1
            )
            parts.append(part.assign(as_of=as_of))
    return pd.concat(parts, ignore_index=True)[["as_of", "customer_id", "score"]]


def measured_effects(folder: RunFolder) -> pd.DataFrame:
    """Effects of campaigns on spend, as the latest earlier run judged each.

    Returns:
        One row per campaign that was judged, as in ``tables.CAMPAIGN_EFFECT``, with ``measured_as_of``;
        without rows if no earlier run has evaluated campaigns. ``estimate``, ``low`` and ``high`` are
        the shrunken ones where there are any: the largest of many effects is large partly by luck.
    """
    frames = [
        tables.CAMPAIGN_EFFECT.read(run).assign(measured_as_of=as_of)
        for as_of, run in tables.CAMPAIGN_EFFECT.earlier_runs(folder).items()
    ]
    if not frames:
        return pd.DataFrame(columns=[*tables.CAMPAIGN_EFFECT.columns, "measured_as_of"])
    effects = pd.concat(frames, ignore_index=True)
    is_judged = (
        (effects["outcome"] == "spend") & effects["verdict"].isin(JUDGED) & effects["estimate"].notna()
    )
    judged = effects[is_judged].drop_duplicates("campaign_id", keep="last").reset_index(drop=True)
    drawn = {"estimate": "shrunken", "low": "shrunken_low", "high": "shrunken_high"}
    return judged.assign(**{name: judged[own].fillna(judged[name]) for name, own in drawn.items()})
