"""What followed is told from the account's own usage, and noise is no event."""

from collections.abc import Callable
from datetime import date

import numpy as np
import pytest

from models.decisions import NO, NOT_KNOWN, YES
from models.forecast.judging.aftermath import Aftermath
from models.forecast.unusual.anomalies import DROP, MISUSE, SPIKE, STOP, SUSTAINED, Anomaly
from tests.models.forecast.worlds import of, steady

DAYS, CUT = 260, 220
Change = Callable[[np.ndarray], None]


def aftermath(change: Change | None = None, days: int = DAYS, seed: int = 0, noise: float = 0.1) -> Aftermath:
    """One steady account after a change to its daily values, in place."""
    values = steady(1, DAYS, seed, noise).values[:, :days]
    if change is not None:
        change(values[0])
    panel = of(values)
    return Aftermath.of(panel, panel.day(CUT))


def scaled(start: int, end: int, factor: float) -> Change:
    def change(values: np.ndarray) -> None:
        values[start:end] *= factor

    return change


def anomaly(kind: str, column: int, days: int, size: float) -> Anomaly:
    return Anomaly(kind, of(np.zeros((1, 1))).day(column), days, size, 1e-6)


@pytest.mark.parametrize(("factor", "fell"), [(0.8, YES), (0.5, YES), (1.0, NO), (0.97, NO), (1.4, NO)])
def test_usage_fell_where_it_is_five_percent_lower_beyond_its_own_noise(factor: float, fell: int) -> None:
    assert aftermath(scaled(CUT, DAYS, factor)).fell().tolist() == [fell]


def test_steady_accounts_that_are_noisy_fall_one_time_in_twenty_at_most_by_chance() -> None:
    panel = steady(600, DAYS, seed=4, noise=0.6)

    fell = Aftermath.of(panel, panel.day(CUT)).fell()

    assert np.mean(fell == YES) < 0.07


def test_a_holiday_week_is_no_fall() -> None:
    """Christmas in Germany: the first account of a panel is there."""
    values = steady(1, 380, noise=0.02).values
    panel = of(values)
    cut = date(2024, 12, 9)
    holidays = [
        (day - panel.start).days for day in (date(2024, 12, 25), date(2024, 12, 26), date(2025, 1, 1))
    ]
    values[0, holidays] = 0

    assert Aftermath.of(panel, cut).fell().tolist() == [NO]


@pytest.mark.parametrize("days", [CUT, CUT + 10])
def test_before_three_weeks_have_been_measured_nothing_is_known(days: int) -> None:
    assert aftermath(days=days).fell().tolist() == [NOT_KNOWN]


@pytest.mark.parametrize(("until", "came_true"), [(DAYS, YES), (CUT - 3, NO)])
def test_a_sustained_change_was_one_where_it_held(until: int, came_true: int) -> None:
    later = aftermath(scaled(CUT - 12, until, 1.6))

    assert later.borne_out(0, anomaly(SUSTAINED, CUT - 12, 12, 0.6)) == came_true


@pytest.mark.parametrize(("until", "came_true"), [(DAYS, YES), (CUT + 2, NO)])
def test_a_stop_was_one_where_use_did_not_come_back(until: int, came_true: int) -> None:
    later = aftermath(scaled(CUT - 6, until, 0.0))

    assert later.borne_out(0, anomaly(STOP, CUT - 6, 6, -1.0)) == came_true


@pytest.mark.parametrize(
    ("kind", "factor", "size", "came_true"),
    [(SPIKE, 4, 3.0, YES), (DROP, 0.02, -0.98, YES), (SPIKE, 1, 0.1, NO), (MISUSE, 6, 5.0, YES)],
)
def test_a_single_day_was_one_where_it_stands_out_from_the_weeks_around_it(
    kind: str, factor: float, size: float, came_true: int
) -> None:
    later = aftermath(scaled(CUT - 9, CUT - 8, factor))

    assert later.borne_out(0, anomaly(kind, CUT - 9, 1, size)) == came_true


def test_a_spike_that_was_the_first_day_of_a_new_level_was_none() -> None:
    later = aftermath(scaled(CUT - 2, DAYS, 3.0))

    assert later.borne_out(0, anomaly(SPIKE, CUT - 2, 2, 2.0)) == NO
