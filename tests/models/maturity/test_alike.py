"""Which features are one thing to a rep."""

import numpy as np
import pandas as pd

from models.maturity.alike import alike
from tests.models.maturity.made_up import CATALOGUE

RNG = np.random.default_rng(0)
BASE = RNG.lognormal(size=400)


def noisy(share, base=BASE):
    """Numbers whose ranks follow the base, less so with a larger share of noise."""
    return np.log(base) + share * RNG.normal(size=len(base))


def grouped(together=(), **columns):
    """Groups of features by their values."""
    frame = pd.DataFrame(columns)
    return alike([CATALOGUE[name] for name in columns], frame, together)


def test_windows_and_documented_groups_are_one_whatever_the_numbers_say():
    other = RNG.normal(size=400)

    assert grouped(webinars_90d=BASE, webinars_365d=other) == ["webinars", "webinars"]
    assert grouped(contacts=BASE, contact_roles=other) == ["contacts", "contacts"]


def test_numbers_of_one_family_that_rank_accounts_alike_are_one_whatever_the_sign():
    assert len(set(grouped(users_peak_28d=BASE, repositories_peak_28d=noisy(0.1)))) == 1
    assert len(set(grouped(emails_in_90d=BASE, email_days_since_last=-noisy(0.1)))) == 1


def test_numbers_of_two_families_stay_two_things():
    assert len(set(grouped(users_peak_28d=BASE, contacts=BASE))) == 2


def test_what_hangs_together_through_a_third_is_together():
    columns = {
        "users_peak_28d": BASE,
        "technologies_new_90d": noisy(0.3),
        "repositories_peak_28d": noisy(0.1),
    }

    assert len(set(grouped(**columns))) == 1


def test_a_pair_that_was_together_parts_only_when_clearly_apart():
    """So that no pair comes and goes with every run, and with it the top reasons of every account."""
    names = ("users_peak_28d", "repositories_peak_28d")
    between = dict(zip(names, (BASE, noisy(0.8)), strict=True))
    apart = dict(zip(names, (BASE, noisy(3)), strict=True))
    last_time = {frozenset(names)}

    assert 0.7 < pd.DataFrame(between).corr(method="spearman").iloc[0, 1] < 0.8
    assert len(set(grouped(**between))) == 2
    assert len(set(grouped(last_time, **between))) == 1
    assert len(set(grouped(last_time, **apart))) == 2


def test_few_values_in_common_show_no_correlation():
    some = np.where(np.arange(400) < 20, BASE, np.nan)

    assert len(set(grouped(users_peak_28d=BASE, repositories_peak_28d=some))) == 2
