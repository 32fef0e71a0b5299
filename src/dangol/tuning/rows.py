"""Rows a search learns from and is judged on: all of them before the holdout, the later ones judge."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from dangol.errors import SkipNotebookError
from dangol.evaluation.campaign_log import CampaignLog
from dangol.response import describe_all, labelled_contacts, split_contacts

_JUDGING_SHARE = 0.3


@dataclass(frozen=True)
class SearchRows:
    """Inputs and answers of contacts that notebook 07 learns from, split once more.

    Attributes:
        X_fit: what trials learn from.
        y_fit: its answers.
        X_judge: contacts of later campaigns that judge the trials; of other customers where all
            campaigns started on one day.
        y_judge: its answers.
        customer_id: of ``X_judge``, resampled as a whole.
        known_before: no contact, order or answer on or after it is seen; the holdout begins there.
        is_by_time: whether the judging contacts came later.
    """

    X_fit: pd.DataFrame
    y_fit: pd.Series
    X_judge: pd.DataFrame
    y_judge: pd.Series
    customer_id: pd.Series
    known_before: str
    is_by_time: bool


def search_rows(log: CampaignLog, as_of: str, test_days: int, seed: int) -> SearchRows:
    """Split the training contacts of notebook 07 into earlier and later campaigns.

    Args:
        log: the campaign log.
        as_of: snapshot date of the run.
        test_days: as in notebook 07: campaigns of the last so many days before ``as_of``, and all
            later ones, are its holdout and take no part.
        seed: of the lot, where there is no later.

    Raises:
        SkipNotebookError: if a part has no contacts, or all or none of them were answered.
    """
    train = split_contacts(log, as_of, test_days, seed)
    if not train.is_by_time:
        return _by_lot(log, train.train, train.test["contact_date"].max(), seed)
    test_from = f"{pd.Timestamp(as_of) - pd.Timedelta(days=test_days):%Y-%m-%d}"
    starts = np.sort(log.campaigns.merge(train.train[["campaign_id"]])["start_date"].to_numpy())
    cut = starts[int(len(starts) * (1 - _JUDGING_SHARE))]
    if cut == starts[0]:
        raise SkipNotebookError(
            f"all campaigns before {test_from} started on one day, so no later one is left to judge "
            "settings by. Choose a later as_of or a smaller test_days."
        )
    inner_from = f"{pd.Timestamp(cut):%Y-%m-%d}"
    fit, judge = labelled_contacts(log, inner_from), labelled_contacts(log, test_from, inner_from)
    return _described(log, fit, judge, test_from, True)


def _by_lot(log: CampaignLog, rows: pd.DataFrame, day: pd.Timestamp, seed: int) -> SearchRows:
    names = np.sort(rows["customer_id"].unique())
    drawn = np.random.default_rng(seed).choice(names, int(len(names) * _JUDGING_SHARE), replace=False)
    is_judge = rows["customer_id"].isin(drawn)
    fit, judge = (part.reset_index(drop=True) for part in (rows[~is_judge], rows[is_judge]))
    return _described(log, fit, judge, f"{day:%Y-%m-%d}", False)


def _described(
    log: CampaignLog, fit: pd.DataFrame, judge: pd.DataFrame, known_before: str, is_by_time: bool
) -> SearchRows:
    X_fit, X_judge = describe_all(log, [fit, judge])
    y_fit, y_judge = fit["is_answered"], judge["is_answered"]
    return SearchRows(X_fit, y_fit, X_judge, y_judge, judge["customer_id"], known_before, is_by_time)
