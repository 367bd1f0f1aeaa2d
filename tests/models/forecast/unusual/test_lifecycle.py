"""An anomaly's story over several mornings: raised, confirmed, over; and told once."""

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pytest

from models.forecast import AccountForecast, ForecastModel, ForecastSettings, Story, backtest, forecast
from models.forecast.unusual.anomalies import Anomaly
from models.forecast.unusual.lifecycle import Look, retold
from models.forecast.unusual.view import View
from models.forecast.words import anomaly_sentence
from tests.models.forecast.worlds import of, steady

ACCOUNTS, DAYS = 40, 300
STRUCK = 5
FROM = 240
"""Column of the first day that is changed: a Wednesday."""
SETTINGS = ForecastSettings(slow_sample=0)

Floats = np.ndarray
Change = Callable[[Floats], None]


def mornings(change: Change, looks: list[int]) -> list[tuple[Story, ...]]:
    """What is told of the struck account after so many days since the change began, look by look."""
    return [account.stories for account in judged(change, looks)]


def judged(change: Change, looks: list[int]) -> list[AccountForecast]:
    """The same, with all else that is said of the account."""
    values = steady(ACCOUNTS, DAYS).values
    change(values[STRUCK, FROM:])
    return looked([values] * len(looks), looks)


def watched(worlds: list[Floats], looks: list[int]) -> list[tuple[Story, ...]]:
    """What is told where each look is at data of its own."""
    return [account.stories for account in looked(worlds, looks)]


def looked(worlds: list[Floats], looks: list[int]) -> list[AccountForecast]:
    told: dict[str, tuple[Story, ...]] = {}
    judged_until: date | None = None
    history = []
    for values, days in zip(worlds, looks, strict=True):
        panel = of(values[:, : FROM + days])
        model = ForecastModel(panel.start + timedelta(days=150), yearly=False, held=(), finished=())
        lessons = backtest(model, panel, SETTINGS, seed=0)
        found = forecast(model, panel, lessons, SETTINGS, told=told, judged_until=judged_until)
        told = {account.account_id: account.stories for account in found.accounts}
        judged_until = panel.until
        history.append(found.accounts[STRUCK])
    return history


def days_in(story: Story) -> int:
    """Days from the change to the story's first day."""
    return (story.anomaly.day - of(np.zeros((1, FROM))).until).days


def test_a_spike_is_open_then_confirmed_and_over_the_day_after() -> None:
    def spike(ahead: Floats) -> None:
        ahead[0] *= 5

    first, second, later = mornings(spike, [1, 2, 9])

    assert [story.status for story in first] == ["open"]
    assert [(story.status, days_in(story)) for story in second] == [("recovered", 0)]
    assert second[0].back == second[0].anomaly.day + timedelta(days=1)
    assert later == second


def test_a_spike_whose_data_are_corrected_is_withdrawn() -> None:
    spiked, corrected = steady(ACCOUNTS, DAYS).values, steady(ACCOUNTS, DAYS).values
    spiked[STRUCK, FROM] *= 5

    first, second = watched([spiked, corrected], [1, 2])

    assert [story.status for story in first] == ["open"]
    assert [(story.status, story.withdrawn) for story in second] == [("recovered", True)]


def test_a_stop_is_told_after_two_days_confirmed_after_three_and_over_with_the_first_use() -> None:
    def stop(ahead: Floats) -> None:
        ahead[:8] = 0

    told = mornings(stop, [2, 3, 8, 9])

    assert [[story.anomaly.kind for story in look] for look in told] == [["stop"]] * 4
    assert [look[0].status for look in told] == ["open", "confirmed", "confirmed", "recovered"]
    assert told[-1][0].back == told[-1][0].anomaly.day + timedelta(days=8)


def test_a_silent_weekend_of_those_who_rest_then_is_no_stop() -> None:
    values = steady(ACCOUNTS, DAYS).values
    values[STRUCK, np.arange(DAYS) % 7 >= 5] = 0

    told = watched([values] * 4, [3, 4, 5, 6])

    assert told == [()] * 4


def test_days_of_zero_are_no_stop_where_they_are_usual() -> None:
    values = steady(ACCOUNTS, DAYS).values
    for start in range(10, DAYS, 23):
        values[STRUCK, start : start + 3] = 0
    values[STRUCK, FROM : FROM + 3] = 0

    told = watched([values] * 3, [2, 3, 4])

    assert not any(story.anomaly.kind == "stop" for look in told for story in look)


def test_a_drop_that_lasts_becomes_one_sustained_change_found_within_14_days() -> None:
    def halve(ahead: Floats) -> None:
        ahead *= 0.4

    told = mornings(halve, [*range(1, 15), 21, 28])

    kinds = {story.anomaly.kind for story in told[13]}
    assert kinds == {"sustained change"}
    assert len(told[-1]) == 1
    assert told[-1][0].status == "confirmed"
    assert abs(days_in(told[-1][0])) <= 3


def test_a_new_level_of_those_who_rest_at_weekends_is_found_within_14_days() -> None:
    values = steady(ACCOUNTS, DAYS).values
    values[STRUCK, np.arange(DAYS) % 7 >= 5] = 0
    values[STRUCK, FROM:] *= 2

    (told,) = watched([values], [13])

    assert [story.anomaly.kind for story in told] == ["sustained change"]


def test_health_speaks_of_a_new_level_for_as_long_as_its_story_does() -> None:
    """Two wild days hide the level from the newest week, not from the weeks since."""

    def halve(ahead: Floats) -> None:
        ahead *= 0.4
        ahead[15:17] *= 6

    *_, account = judged(halve, [12, 17])

    assert not any(one.kind == "sustained change" for one in account.anomalies)
    assert account.health.rating == "negative"
    assert account.health.sentence.startswith("Usage fell around")


def test_health_forgets_a_level_that_is_over() -> None:
    def halve(ahead: Floats) -> None:
        ahead[:12] *= 0.4

    before, after = judged(halve, [12, 19])

    assert before.health.sentence.startswith("Usage fell around")
    assert "fell around" not in after.health.sentence


@pytest.mark.parametrize(("age", "news"), [(10, False), (40, True)])
def test_a_spike_on_a_new_level_is_news_once_the_forecast_knows_the_level(age: int, news: bool) -> None:
    until = of(np.zeros((1, DAYS))).until
    off = np.full((1, 56), 2.0, dtype=np.float32)
    view = View(until, off, off, off, np.zeros((1, 56), dtype=bool))
    look = Look(np.full(DAYS, np.nan), view, view, 0, frozenset(), until - timedelta(days=1))
    level = Anomaly("sustained change", until - timedelta(days=age), age, size=1.0, chance=1e-6)
    spike = Anomaly("spike", until - timedelta(days=1), 1, size=0.9, chance=1e-6)

    stories = retold([Story(level, "confirmed")], [level, spike], look)

    assert [story.anomaly for story in stories] == [level, spike][: 1 + news]


def test_a_level_that_comes_back_recovers_and_says_since_when() -> None:
    def halve(ahead: Floats) -> None:
        ahead[:20] *= 0.4

    *_, last = mornings(halve, [10, 14, 20, 24, 28])

    (story,) = [each for each in last if each.anomaly.kind == "sustained change"]
    assert story.status == "recovered"
    assert (story.back - story.anomaly.day).days == pytest.approx(20, abs=4)


def test_what_was_no_news_at_an_earlier_look_is_not_raised_later() -> None:
    """A day that an earlier look passed over may look odd later, beside another forecast."""
    quiet, spiked = steady(ACCOUNTS, DAYS).values, steady(ACCOUNTS, DAYS).values
    spiked[STRUCK, FROM] *= 5

    _, told = watched([quiet, spiked], [10, 11])

    assert told == ()


def test_a_stop_found_together_with_a_drop_before_it_is_told_once() -> None:
    def drop_then_stop(ahead: Floats) -> None:
        ahead[0] = 0
        ahead[2:] = 0

    first, second = (
        [(story.anomaly.kind, days_in(story)) for story in look] for look in mornings(drop_then_stop, [5, 6])
    )

    assert first == second == [("drop", 0), ("stop", 2)]


def test_a_repeated_look_tells_the_same() -> None:
    def stop(ahead: Floats) -> None:
        ahead[:] = 0

    told = mornings(stop, [4, 4, 4])

    assert told[0] == told[1] == told[2]


@pytest.mark.parametrize("newest", [True, False])
def test_a_day_on_which_the_source_fails_opens_no_story(newest: bool) -> None:
    values = steady(ACCOUNTS, DAYS).values
    values[:, FROM] *= 0.05

    (told,) = watched([values], [1 if newest else 4])

    assert told == ()


def test_two_days_without_the_source_are_no_stop_of_anybody() -> None:
    values = steady(ACCOUNTS, DAYS).values
    values[:, FROM : FROM + 2] = 0

    (told,) = watched([values], [2])

    assert told == ()


def test_sentences_say_whether_it_is_over() -> None:
    def stop(ahead: Floats) -> None:
        ahead[:8] = 0

    two, three, back = (look[0] for look in mornings(stop, [2, 3, 9]))

    said = [
        anomaly_sentence(one.anomaly, sure=one.status == "confirmed", back=one.back)
        for one in (two, three, back)
    ]
    assert said == [
        "There has been no usage since 28 August.",
        "Usage stopped on 28 August.",
        "Usage stopped on 28 August and is back since 5 September.",
    ]
