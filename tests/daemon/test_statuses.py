"""The status of an account says how far to rely on its rating; a rating is never made of what we lack."""

import numpy as np
import pandas as pd
import pytest

from daemon.statuses import Status, statuses_of
from models.features.catalogue import catalogue

FEATURES = catalogue(["migration"], ["docker"])


def account(**known: float) -> dict[str, float | None]:
    return {name: known.get(name, np.nan) for name in FEATURES.names}


USAGE, MAIL, VISITS = {"usage_events_per_day_28d": 5.0}, {"emails_in_90d": 1.0}, {"web_visits_90d": 3.0}
OLD, YOUNG = {"account_age_days": 400.0}, {"account_age_days": 12.0}
SOMEBODY = {**USAGE, **MAIL, **VISITS, **OLD}


def status(*, stale: str | None = None, no_champion: str | None = None, **known: float) -> Status:
    frame = pd.DataFrame([account(**known), account(**SOMEBODY)])
    given = {"stale": stale, "no_champion": no_champion}
    return statuses_of(frame, FEATURES, least_days=28, least_evidence=2, **given)[0]  # type: ignore[arg-type]


def test_an_account_with_evidence_is_scored() -> None:
    assert status(**USAGE, **MAIL, **OLD).name == "scored"


def test_an_account_that_no_source_knows_is_unmatched() -> None:
    assert status(**OLD, employees=50.0, contacts=3.0).name == "unmatched"


def test_a_young_customer_is_not_rated_yet() -> None:
    found = status(**USAGE, **MAIL, **YOUNG)

    assert found == Status(
        "too little data", "This customer is 12 days old; a rating takes 28 days of history."
    )


def test_one_kind_of_evidence_is_too_little() -> None:
    """Else the rating leans on what is missing, and the rep reads that we have nothing, and a high score."""
    found = status(**MAIL, **OLD)

    assert found == Status(
        "too little data", "We only have e-mails of this customer, too little for a rating."
    )


def test_where_only_one_kind_is_configured_it_is_enough() -> None:
    frame = pd.DataFrame([account(**USAGE, **OLD)])

    (found,) = statuses_of(frame, FEATURES, least_days=28, least_evidence=2, stale=None, no_champion=None)

    assert found.name == "scored"


@pytest.mark.parametrize(
    ("given", "name"), [({"stale": "old"}, "stale"), ({"no_champion": "none"}, "provisional")]
)
def test_what_holds_for_all_is_said_of_each(given: dict[str, str], name: str) -> None:
    assert status(**SOMEBODY, **given) == Status(name, next(iter(given.values())))  # type: ignore[arg-type]


def test_an_account_of_the_hold_out_is_excluded_unless_there_is_nothing_to_show_anyway() -> None:
    frame = pd.DataFrame([account(**SOMEBODY), account(**SOMEBODY), account()], index=["A", "B", "C"])
    given = {"stale": None, "no_champion": None, "hold_out": {"A", "C"}}

    found = statuses_of(frame, FEATURES, least_days=28, least_evidence=2, **given)  # type: ignore[arg-type]

    assert [each.name for each in found] == ["excluded", "scored", "unmatched"]
