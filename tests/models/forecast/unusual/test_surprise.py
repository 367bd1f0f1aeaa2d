"""How rare an error is said to be, against how often it occurs."""

from datetime import date

import numpy as np
import pytest

from models.forecast import UsagePanel
from models.forecast.baselines import weekday_median
from models.forecast.unusual.habits import around_holidays
from models.forecast.unusual.rareness import Rareness, Tail
from models.forecast.unusual.sizes import of_all, off_level
from models.forecast.unusual.surprise import Surprise
from tests.models.forecast.worlds import steady

Floats = np.ndarray
RNG = np.random.default_rng
DAYS, WEEKS = Tail(0.9, 6), Tail(0.8, 12)


def normal(accounts: int, days: int, seed: int = 0) -> Floats:
    return RNG(seed).normal(size=(accounts, days)).astype(np.float32)


def test_chances_of_normal_errors_are_close_and_on_the_safe_side() -> None:
    rareness = Rareness.of([normal(100, 500)], WEEKS)

    chances = rareness.chance(normal(100, 500, seed=1))

    assert 0.05 < np.mean(chances <= 0.1) <= 0.1
    assert 0.001 < np.mean(chances <= 0.01) <= 0.01
    assert np.mean(chances <= 0.001) <= 0.001


def test_real_anomalies_in_the_sample_hardly_change_what_is_rare() -> None:
    quiet = normal(100, 500)
    struck = quiet.copy()
    struck.flat[::100] += 20

    far = np.array([[5.0]], dtype=np.float32)
    chances = [Rareness.of([sample], DAYS).chance(far)[0, 0] for sample in (quiet, struck)]

    assert chances[1] == pytest.approx(chances[0], rel=0.3)


def test_on_a_day_on_which_all_are_scattered_wider_the_same_error_is_less_rare() -> None:
    rareness = Rareness.of([normal(100, 500)], DAYS)
    today = normal(100, 2)
    today[0] = 6
    today[1:, 1] *= 3

    chances = rareness.chance(today)[0]

    assert chances[1] > 10 * chances[0]


def test_too_small_a_sample_calls_little_rare() -> None:
    rareness = Rareness.of([normal(7, 7)], DAYS)

    assert rareness.chance(np.array([[3.0]], dtype=np.float32))[0, 0] > 0.01


def test_a_day_on_which_few_are_measured_says_nothing_of_all() -> None:
    sizes = normal(9, 3)
    sizes[:2, 0] = np.nan

    assert np.isnan(of_all(sizes)).tolist() == [True, False, False]


@pytest.mark.parametrize("last", ["2024-04-30", "2024-05-01", "2024-05-02"])
def test_a_holiday_mutes_the_days_beside_it_on_the_first_morning_already(last: str) -> None:
    panel = steady(4, 200)
    until = (date.fromisoformat(last) - panel.start).days + 1

    muted = around_holidays(panel.before(until))

    assert muted[:, -1].tolist() == [True, False, True, False]  # DE, US, FR, unknown


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_chance_of_one_percent_occurs_in_about_one_percent_of_days_nothing_was_learnt_from(
    seed: int,
) -> None:
    panel = steady(100, 400, seed)

    chances = chances_of(panel, panel.days - 28)

    assert 0.002 < np.mean(chances <= 0.01) < 0.02


def test_what_served_better_than_the_profile_is_judged_more_strictly() -> None:
    panel = steady(60, 400)
    quiet = panel.before(344)
    past = panel.before(310)
    profile = weekday_median(past, 34)
    close = type(profile)(
        *(
            panel.values[:, 310:344] + (part - profile.median)
            for part in (profile.median * 1.02, profile.low, profile.high)
        )
    )

    usual, strict = (Surprise.of(quiet, [(past, paths)]).scale for paths in (profile, close))

    assert strict < 0.5 * usual


def chances_of(panel: UsagePanel, begin: int) -> Floats:
    """Chances of the days from a column on, by the profile before it."""
    past = panel.before(begin)
    surprise = Surprise.of(past, [])
    sizes = surprise.sizes(weekday_median(past, panel.days - begin), panel.values[:, begin:])
    sizes[around_holidays(panel)[:, begin:]] = np.nan
    chances = surprise.day.chance(off_level(sizes))
    return chances[np.isfinite(chances)]
