"""The shop's clock: business time runs faster on a busy day and stands almost still at night."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

SECONDS_PER_WEEK = 7 * 24 * 3600
_SECONDS_PER_HOUR = 3600

# Share of a day's orders by hour 0-23; nearly none while the shops are closed.
_HOUR_WEIGHT = np.array([0.02] * 7 + [1, 2, 3, 4, 5, 5, 4, 4, 5, 6, 7, 6, 4, 2, 1, 0.3, 0.02])
# Monday to Sunday, mean 1: the week-end is busier.
_WEEKDAY_WEIGHT = np.array([0.9, 0.85, 0.9, 0.95, 1.1, 1.3, 1.0])
_YEARLY_SWING = 0.10
_PEAK_DAY_OF_YEAR = 350


@dataclass(frozen=True)
class Clock:
    """Turns business weeks since ``start`` into calendar seconds since ``start`` and back.

    A Poisson process with a constant rate per business week has, on the calendar, the shop's
    seasons; one business week is on average one calendar week.

    Attributes:
        start: first instant of the world, midnight.
        end: exclusive end, midnight.
        is_weekly: whether week-ends are busier.
        is_yearly: whether winters are busier. With neither only the opening hours remain.
    """

    start: pd.Timestamp
    end: pd.Timestamp
    is_weekly: bool = True
    is_yearly: bool = True

    @property
    def n_days(self) -> int:
        """Whole days in the world."""
        return (self.end - self.start).days

    @property
    def n_seconds(self) -> int:
        """Seconds in the world."""
        return self.n_days * 24 * _SECONDS_PER_HOUR

    @property
    def n_weeks(self) -> float:
        """Business weeks in the world."""
        return float(self._weeks_at_hour[-1])

    @cached_property
    def _weeks_at_hour(self) -> np.ndarray:
        hours = self.start + pd.to_timedelta(np.arange(self.n_days * 24), unit="h")
        weight = (_HOUR_WEIGHT / _HOUR_WEIGHT.mean())[hours.hour]
        if self.is_weekly:
            weight = weight * _WEEKDAY_WEIGHT[hours.day_of_week] / _WEEKDAY_WEIGHT.mean()
        if self.is_yearly:
            phase = 2 * np.pi * (hours.day_of_year.to_numpy() - _PEAK_DAY_OF_YEAR) / 365.25
            weight = weight * (1 + _YEARLY_SWING * np.cos(phase))
        return np.concatenate([[0.0], np.cumsum(weight)]) / (7 * 24)

    @cached_property
    def _seconds_at_hour(self) -> np.ndarray:
        return np.arange(self.n_days * 24 + 1, dtype=float) * _SECONDS_PER_HOUR

    def weeks(self, seconds: np.ndarray | float) -> np.ndarray:
        """Business weeks since the start, for calendar seconds since the start."""
        return np.interp(seconds, self._seconds_at_hour, self._weeks_at_hour)

    def seconds(self, weeks: np.ndarray | float) -> np.ndarray:
        """Whole calendar seconds since the start (int64), for business weeks since the start."""
        exact = np.interp(weeks, self._weeks_at_hour, self._seconds_at_hour)
        return np.minimum(exact.astype(np.int64), self.n_seconds - 1)

    def timestamps(self, seconds: np.ndarray) -> np.ndarray:
        """Calendar instants (``datetime64[us]``) for seconds since the start."""
        return self.start.to_datetime64().astype("datetime64[us]") + seconds.astype("timedelta64[s]")


def timestamps_or_missing(clock: Clock, weeks: np.ndarray) -> np.ndarray:
    """Calendar instants for business weeks; NaN becomes NaT."""
    result = clock.timestamps(clock.seconds(np.nan_to_num(weeks)))
    result[np.isnan(weeks)] = np.datetime64("NaT")
    return result
