"""Comparisons with an earlier time are made only where the earlier time is known."""

import math
from typing import Any

import pytest

from models.features.catalogue import Catalogue
from models.features.snapshot import build
from tests.models.features.examples import CATALOGUE
from tests.models.features.facts import CUT, Row, account, ago, make_facts

COMPARED = Catalogue(
    tuple(
        CATALOGUE[name]
        for name in (
            "web_growth_percent_90d",
            "tickets_change_90d",
            "emails_in_change_90d",
            "topics_first_raised_90d",
            "email_answered_percent_90d",
            "email_their_response_hours_90d",
            "employees_growth_percent_365d",
            "open_cases_urgent",
            "users_of_employees_percent_28d",
        )
    )
)


def features_of_a(**rows: list[Row]) -> dict[str, Any]:
    mine = {name: [{"account_id": "A", **row} for row in table] for name, table in rows.items()}
    return dict(build(make_facts({"accounts": [account("A")], **mine}), CUT, COMPARED).frame.loc["A"])


def visits(days: float, value: float) -> Row:
    return {"kind": "web_basic", "event_at": ago(days), "value": value}


def mail(key: str, days: float, direction: str = "in", reply_to: str | None = None) -> Row:
    return {"message_key": key, "event_at": ago(days), "direction": direction, "reply_to": reply_to}


@pytest.mark.parametrize("oldest", [179, 181])
def test_a_source_that_starts_is_no_growth(oldest: float) -> None:
    now = features_of_a(
        activity=[visits(oldest, 1), visits(100, 10), visits(10, 20)],
        emails=[mail("1", oldest), mail("2", 10), mail("3", 5)],
        email_topics=[
            {"message_key": "2", "event_at": ago(10), "topic": "security", "mentions": 1, "negated": 0}
        ],
    )

    seen = [now[name] for name in COMPARED.names[:4]]
    assert all(map(math.isnan, seen)) if oldest < 180 else seen == [100, 0, 2, 1]


def test_an_answer_counts_for_the_side_that_was_asked() -> None:
    now = features_of_a(
        emails=[
            mail("ours", 20, "out"),
            mail("theirs", 19, "in", "ours"),
            mail("ours again", 18, "out", "ours"),
            mail("unanswered", 3, "out"),
        ]
    )

    assert now["email_answered_percent_90d"] == pytest.approx(100 / 3)
    assert now["email_their_response_hours_90d"] == 24


def test_the_same_row_of_a_vendor_is_no_change() -> None:
    old = {"event_at": ago(400), "employees": 100.0}

    assert math.isnan(features_of_a(firmographics=[old])["employees_growth_percent_365d"])
    new = {"event_at": ago(30), "employees": 90.0}
    assert features_of_a(firmographics=[old, new])["employees_growth_percent_365d"] == -10


def test_without_priorities_nothing_is_said_about_urgent_cases() -> None:
    case = {"case_id": "1", "event_at": ago(5)}

    assert math.isnan(features_of_a(cases=[case])["open_cases_urgent"])
    assert (
        features_of_a(cases=[case, {"case_id": "2", "event_at": ago(5), "priority": "P1"}])[
            "open_cases_urgent"
        ]
        == 1
    )


def test_more_users_than_employees_is_a_mistake_and_no_adoption() -> None:
    day = {"day": ago(1).date(), "technology": "docker", "events": 5.0, "users": 30.0}

    for employees, expected in ((300.0, 10), (20.0, None)):
        company = {"event_at": ago(30), "employees": employees}
        seen = features_of_a(usage_daily=[day], firmographics=[company])["users_of_employees_percent_28d"]
        assert seen == expected or (expected is None and math.isnan(seen))
