"""The fleet's best serves; an account leaves it only on clear evidence."""

import numpy as np

from models.forecast.baselines import weekday_median
from models.forecast.paths import Paths
from models.forecast.serving import LSTM, MEAN, NONE, PROFILE, STOPPED, Preference, serve, stopped_from
from tests.models.forecast.worlds import of, steady

ACCOUNTS = 40


def errors(profile: float, mean: float, network: float) -> dict[str, np.ndarray]:
    """Three windows in which the candidates have these errors, give or take."""
    noise = np.random.default_rng(0).normal(0, 0.05, (3, ACCOUNTS)).astype(np.float32)
    return {PROFILE: profile + noise, MEAN: mean + noise, LSTM: network + noise[:, ::-1]}


def choose(found: dict[str, np.ndarray]) -> tuple[str, ...]:
    """Who serves each of these accounts, by themselves."""
    return Preference.of(found).choose(found)


def test_the_network_serves_where_it_is_clearly_better() -> None:
    assert set(choose(errors(1.0, 0.95, 0.8))) == {LSTM}


def test_the_mean_of_both_serves_where_neither_is_better_beyond_noise() -> None:
    assert set(choose(errors(1.0, 1.0, 0.999))) == {MEAN}


def test_the_profile_serves_where_it_was_better_in_every_window() -> None:
    assert set(choose(errors(0.99, 1.0, 1.1))) == {PROFILE}


def test_ten_accounts_are_too_few_for_the_network_alone() -> None:
    few, many = (
        {name: each[:, :n] for name, each in errors(1.0, 0.95, 0.88).items()} for n in (10, ACCOUNTS)
    )

    assert set(choose(few)) == {MEAN}
    assert set(choose(many)) == {LSTM}


def test_an_account_leaves_the_fleet_only_if_better_in_every_window() -> None:
    found = errors(1.0, 0.95, 0.8)
    found[PROFILE][:, 5:8] = np.array([0.4, 0.42, 0.44])
    found[PROFILE][:2, 8] = 0.2
    found[PROFILE][2, 8] = 1.0

    chosen = choose(found)

    assert chosen[5:8] == (PROFILE,) * 3
    assert chosen[8] == LSTM


def test_nobody_leaves_the_fleet_where_those_who_would_did_no_better_in_the_window_left_out() -> None:
    """The best of two windows is often the worst of the third: then two good windows say nothing."""
    found = errors(1.0, 0.95, 0.8)
    for row in range(12):
        found[PROFILE][:, row] = 0.5
        found[PROFILE][row % 3, row] = 1.6

    assert set(choose(found)) == {LSTM}


def test_a_single_account_is_served_by_the_mean_or_by_its_profile() -> None:
    """One account shows no noise, so a network alone has to be believed by more."""
    better, worse = (
        {name: each[:, :1] for name, each in errors(1.0, mean, network).items()}
        for mean, network in ((0.9, 0.8), (1.2, 1.4))
    )

    assert choose(better) == (MEAN,)
    assert choose(worse) == (PROFILE,)


def test_without_any_evidence_the_profile_serves() -> None:
    nothing = np.full((3, 2), np.nan, dtype=np.float32)

    assert choose({PROFILE: nothing, MEAN: nothing, LSTM: nothing}) == (PROFILE, PROFILE)


def test_accounts_that_the_choice_cannot_serve_get_their_profile() -> None:
    values = steady(accounts=3, days=120).values
    values[1, -80:] = 0
    values[2] = np.nan
    panel = of(values)
    nothing = Paths(*(np.full((3, 30), np.nan, dtype=np.float32) for _ in range(3)))

    paths, served_by = serve(
        {PROFILE: weekday_median(panel, 30), LSTM: nothing, MEAN: nothing}, (LSTM,) * 3, panel
    )

    assert served_by == (PROFILE, STOPPED, NONE)
    assert (paths.median[1] == 0).all()
    assert np.isnan(paths.median[2]).all()


def test_use_ended_after_two_weeks_of_zeros_even_if_the_collector_is_gone_since() -> None:
    values = np.full((5, 200), 9, dtype=np.float32)
    values[0, 180:] = 0
    values[1, 190:] = 0  # too short
    values[2, 130:150], values[2, 150:] = 0, np.nan
    values[3, 130:] = np.nan  # not measured is not zero
    values[4, ::2], values[4, 180:] = 0, 0
    values[4, 1::4] = 0  # rarely used anyway

    assert stopped_from(values).tolist() == [180, 200, 130, 200, 200]
