"""The fleet's best serves; an account leaves it only on clear evidence."""

import numpy as np

from models.forecast.baselines import weekday_median
from models.forecast.paths import Paths
from models.forecast.serving import LSTM, MEAN, NONE, PROFILE, STOPPED, choose, serve, stopped_from
from tests.models.forecast.worlds import of, steady

ACCOUNTS = 40


def errors(profile: float, mean: float, network: float) -> dict[str, np.ndarray]:
    """Three windows in which the candidates have these errors, give or take."""
    noise = np.random.default_rng(0).normal(0, 0.05, (3, ACCOUNTS)).astype(np.float32)
    return {PROFILE: profile + noise, MEAN: mean + noise, LSTM: network + noise[:, ::-1]}


def test_the_network_serves_where_it_is_clearly_better() -> None:
    assert set(choose(errors(1.0, 0.95, 0.8))) == {LSTM}


def test_what_is_simpler_serves_where_the_gain_is_within_noise() -> None:
    assert set(choose(errors(1.0, 1.0, 0.999))) == {PROFILE}


def test_three_accounts_must_agree_more_than_forty() -> None:
    """Their gains differ as much; a mean of three says less."""
    gains = np.resize(np.array([0.02, 0.06, 0.14], dtype=np.float32), ACCOUNTS)
    profile = np.ones((3, ACCOUNTS), dtype=np.float32)

    few, many = ({PROFILE: profile[:, :n], LSTM: profile[:, :n] - gains[:n]} for n in (3, ACCOUNTS))

    assert set(choose(few)) == {PROFILE}
    assert set(choose(many)) == {LSTM}


def test_one_account_leaves_the_fleet_only_if_better_in_every_window() -> None:
    found = errors(1.0, 0.95, 0.8)
    found[PROFILE][:, 7] = 0.4
    found[PROFILE][:2, 8] = 0.2
    found[PROFILE][2, 8] = 1.0

    chosen = choose(found)

    assert chosen[7] == PROFILE
    assert chosen[8] == LSTM


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
