"""Which snapshots a model learns from, and on which it is judged."""

from dataclasses import dataclass

import pandas as pd

from dangol.errors import SkipNotebookError


@dataclass(frozen=True)
class SnapshotDates:
    """Dates as ``YYYY-MM-DD``; the label window of each is ``[date, date + horizon)``.

    Attributes:
        train: snapshots whose label windows end on or before ``test``, oldest first.
        test: snapshot the models are judged on; equals ``as_of`` if the data go on for a whole
            horizon after it, else it lies one horizon before ``as_of``.
        as_of: snapshot that is scored for use.
    """

    train: list[str]
    test: str
    as_of: str

    def told(self, horizon_days: int) -> str:
        """In words, what is judged and what is foreseen; ends are exclusive.

        >>> SnapshotDates([], "2017-01-01", "2017-01-29").told(28)
        'Judged on what came in [2017-01-01, 2017-01-29), foreseen for [2017-01-29, 2017-02-26)'
        """
        judged, foreseen = (window_text(date, horizon_days) for date in (self.test, self.as_of))
        if judged == foreseen:
            return f"Foreseen for {foreseen} and judged on what came in it, which no model has seen"
        return f"Judged on what came in {judged}, foreseen for {foreseen}"

    def test_window(self, horizon_days: int) -> dict[str, str]:
        """``test_first_date`` and ``test_last_date`` of what models are judged on, both inclusive."""
        last = pd.Timestamp(self.test) + pd.Timedelta(days=horizon_days - 1)
        return {"test_first_date": self.test, "test_last_date": f"{last:%Y-%m-%d}"}


def window_text(date: str, days: int) -> str:
    """The window ``[date, date + days)`` as text.

    >>> window_text("2017-12-03", 28)
    '[2017-12-03, 2017-12-31)'
    """
    return f"[{date}, {pd.Timestamp(date) + pd.Timedelta(days=days):%Y-%m-%d})"


def plan_snapshots(
    as_of: str,
    horizon_days: int,
    n_train: int,
    first_ts: pd.Timestamp,
    last_ts: pd.Timestamp,
    step_days: int = 14,
) -> SnapshotDates:
    """Choose snapshots so that nothing after the test date reaches the training.

    Args:
        as_of: snapshot date, exclusive end of what features see.
        horizon_days: length of the label window.
        n_train: training snapshots wanted, ``step_days`` apart; fewer if the data are short.
        first_ts: first event in the data.
        last_ts: last event in the data.
        step_days: days between training snapshots.

    Raises:
        SkipNotebookError: if not one training snapshot has four weeks of history before it.
    """
    horizon = pd.Timedelta(days=horizon_days)
    end = pd.Timestamp(as_of)
    # a log rarely ends at midnight: its last, unfinished day counts as covered
    covered_until = last_ts.normalize() + pd.Timedelta(days=1)
    test = end if end + horizon <= covered_until else end - horizon
    earliest = first_ts.normalize() + pd.Timedelta(days=28)
    train = [test - horizon - k * pd.Timedelta(days=step_days) for k in range(n_train)]
    train = sorted(date for date in train if date >= earliest)
    if not train:
        raise SkipNotebookError(
            f"too little history before {as_of}: the log starts {first_ts:%Y-%m-%d}, and learning needs "
            f"28 days of features and {horizon_days} days of outcome before the test date {test:%Y-%m-%d}. "
            "Choose a later as_of or a shorter horizon_days."
        )
    return SnapshotDates([f"{d:%Y-%m-%d}" for d in train], f"{test:%Y-%m-%d}", as_of)
