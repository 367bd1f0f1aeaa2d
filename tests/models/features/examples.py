"""Three customers by hand: A has everything, B nothing, C only things too old to count.

`FACTS` is what is known about them at CUT, `LATER` what happens at the cut or after it, and `VALUES` what
each feature says of A, B and C at CUT, worked out by hand.
"""

from collections.abc import Mapping

import numpy as np

from models.features.catalogue import catalogue
from tests.models.features.facts import Row, Rows, account, ago, day_ago, usage

TOPICS = ("multi_site", "security", "automation")
TECHNOLOGIES = ("docker", "npm", "Apt/Yum")
CATALOGUE = catalogue(TOPICS, TECHNOLOGIES)


def _activity(account_id: str, kind: str, days: float, value: float | None = 1.0) -> Row:
    return {"account_id": account_id, "kind": kind, "event_at": ago(days), "value": value}


def _mail(
    account_id: str, key: str, days: float, reply_to: str | None = None, hours: float = 0, person: str = "p"
) -> Row:
    """A customer's mail, or our answer so many hours after that day."""
    return {
        "account_id": account_id,
        "message_key": key,
        "event_at": ago(days, hours=-hours),
        "direction": "out" if key.startswith("out") else "in",
        "reply_to": reply_to,
        "person": person,
    }


def _topic(account_id: str, key: str, days: float, topic: str, mentions: int, negated: int = 0) -> Row:
    return {
        "account_id": account_id,
        "message_key": key,
        "event_at": ago(days),
        "topic": topic,
        "mentions": mentions,
        "negated": negated,
    }


FACTS: Rows = {
    "accounts": [
        account("A", region="EMEA", segment="SMB", tier="Enterprise"),
        account("B", tier="Free", created_on=None),
        account("C", created_on=day_ago(100)),
    ],
    "tiers": [
        {"account_id": "A", "tier": "Team", "event_at": ago(300)},
        {"account_id": "A", "tier": "Business", "event_at": ago(40)},
    ],
    "contacts": [
        {"account_id": "A", "contact_id": "1", "role": "admin", "event_at": ago(400)},
        {"account_id": "A", "contact_id": "2", "role": "admin", "event_at": ago(50)},
        {"account_id": "A", "contact_id": "3", "role": None, "event_at": ago(10)},
    ],
    "cases": [
        {"account_id": "A", "case_id": "1", "event_at": ago(20), "priority": "High"},
        {"account_id": "A", "case_id": "2", "event_at": ago(30), "closed_at": ago(20), "priority": "High"},
        {"account_id": "A", "case_id": "3", "event_at": ago(400), "closed_at": ago(-1), "priority": "Low"},
    ],
    "usage_daily": [
        *usage("A", range(1, 29), 10.0, users=4.0, repositories=3.0),
        *usage("A", range(1, 15), 10.0, "npm", users=6.0, repositories=1.0),
        *usage("A", range(29, 30), 5.0, "cargo", users=2.0, repositories=2.0),
        *usage("A", range(30, 140), 5.0, users=2.0, repositories=2.0),
        *usage("A", range(140, 141), 5.0, "npm", users=2.0, repositories=2.0),
        *usage("A", range(141, 142), 5.0, "Apt/Yum", users=2.0, repositories=2.0),
        *usage("A", range(142, 411), 5.0, users=2.0, repositories=2.0),
        *usage("C", range(400, 411), 5.0, users=2.0, repositories=1.0),
    ],
    "activity": [
        _activity("A", "web_advanced", 10, 30),
        _activity("A", "web_advanced", 60, 10),
        _activity("A", "web_basic", 5, 10),
        _activity("A", "web_basic", 80, 50),
        _activity("A", "web_basic", 100, 80),
        *(_activity("A", "webinar", days) for days in (20, 100, 364)),
        *(_activity("A", "training", days) for days in (50, 200)),
        _activity("A", "event", 300),
        _activity("A", "survey", 30, 8),
        _activity("A", "survey", 200, 6),
        _activity("A", "survey", 366, 1),
        _activity("A", "ticket", 1, 4),
        _activity("A", "ticket", 80, None),
        _activity("A", "ticket", 89, 8),
        _activity("C", "web_basic", 500, 3),
    ],
    "emails": [
        _mail("A", "in1", 10),
        _mail("A", "out1", 10, "in1", hours=3),
        _mail("A", "out2", 9, "in1"),
        _mail("A", "in2", 60),
        _mail("A", "out3", 59, "in2"),
        _mail("A", "in3", 5, "out2", person="q"),
        _mail("A", "in0", 200, person="r"),
        _mail("A", "in4", 100),
        _mail("A", "out4", 100, "in4", hours=1),
        _mail("A", "in5", 2),
        _mail("A", "out5", 2, "in5", hours=5),
        _mail("C", "out6", 400),
    ],
    "email_topics": [
        _topic("A", "in1", 10, "multi_site", 3, negated=1),
        _topic("A", "in2", 60, "multi_site", 2),
        _topic("A", "in4", 100, "automation", 1),
        _topic("A", "in5", 2, "security", 1, negated=1),
        _topic("A", "out5", 2, "security", 5),
    ],
    "firmographics": [
        {"account_id": "A", "event_at": ago(400), "employees": 100.0, "devops_engineers": 4.0},
        {
            "account_id": "A",
            "event_at": ago(30),
            "employees": 200.0,
            "devops_engineers": 10.0,
            "is_public": True,
            "industry": "Finance",
        },
        {"account_id": "C", "event_at": ago(10), "devops_engineers": 5.0, "is_public": False},
    ],
}

Value = float | str | None

_DAYS = np.arange(365)
SLOPE_365 = 3000 * np.polyfit(-_DAYS, np.select([_DAYS < 14, _DAYS < 28], [20, 10], 5), 1)[0] / (2105 / 365)

VALUES: Mapping[str, tuple[Value, Value, Value]] = {
    # 20 events a day for 14 days, 10 for 14, 5 before, on two days of those with rare technologies; C
    # stopped 400 days ago
    "usage_events_per_day_7d": (20, None, 0),
    "usage_events_per_day_28d": (15, None, 0),
    "usage_events_per_day_90d": (730 / 90, None, 0),
    "usage_events_per_day_365d": (2105 / 365, None, 0),
    "usage_active_days_percent_28d": (100, None, 0),
    "usage_active_days_percent_90d": (100, None, 0),
    "usage_active_days_percent_365d": (100, None, 0),
    "usage_days_since_last": (1, None, 400),
    "usage_events_per_user_28d": (420 / 140, None, None),
    "usage_events_per_repository_28d": (420 / (14 * 4 + 14 * 3), None, None),
    "usage_busiest_technology_percent_90d": (100 * 585 / 730, None, None),
    "usage_growth_percent_7d": (100 * (20 - 11.25) / 11.25, None, None),
    "usage_growth_percent_28d": (200, None, None),
    "usage_growth_percent_90d": (100 * (730 / 90 - 5) / 5, None, None),
    "usage_slope_percent_90d": (58.82005, None, None),
    "usage_slope_percent_365d": (SLOPE_365, None, None),
    "usage_year_on_year_percent": (200, None, None),
    "usage_of_best_percent_365d": (100, None, None),
    "usage_users_growth_percent_28d": (150, None, None),
    "usage_users_growth_percent_90d": (100 * (264 / 90 - 2) / 2, None, None),
    "usage_repositories_growth_percent_90d": (100 * (222 / 90 - 2) / 2, None, None),
    "usage_variation_percent_28d": (100 * 5 / 15, None, None),
    "usage_variation_percent_90d": (66.63225, None, None),
    "usage_quietest_percent_365d": (100 * 5 / (2100 / 364), None, None),
    "usage_longest_pause_days_90d": (0, None, 90),
    "usage_weekend_percent_90d": (100 * 210 / 730, None, None),
    "usage_busiest_day_times_90d": (20 / (730 / 90), None, None),
    "technologies_used_28d": (2, None, 0),
    "technologies_used_90d": (3, None, 0),
    "technologies_new_90d": (1, None, 0),
    "technologies_dropped_90d": (1, None, 0),
    "users_per_day_28d": (5, None, 0),
    "users_peak_28d": (6, None, 0),
    "repositories_peak_28d": (4, None, 0),
    "users_of_employees_percent_28d": (3, None, None),
    "users_per_devops_engineer_28d": (0.6, None, 0),
    "usage_docker_percent_90d": (100 * 585 / 730, None, None),
    "usage_npm_percent_90d": (100 * 140 / 730, None, None),
    "usage_apt_yum_percent_90d": (0, None, None),
    "usage_docker_shift_percent_90d": (100 * (585 / 730 - 440 / 450), None, None),
    "usage_npm_shift_percent_90d": (100 * (140 / 730 - 5 / 450), None, None),
    "usage_apt_yum_shift_percent_90d": (100 * -5 / 450, None, None),
    # C visited once, long ago: it is known, and did nothing since
    "web_visits_28d": (40, None, 0),
    "web_visits_90d": (100, None, 0),
    "web_advanced_percent_90d": (40, None, None),
    "web_growth_percent_90d": (25, None, None),
    "web_days_since_last": (5, None, 500),
    "webinars_90d": (1, None, 0),
    "webinars_365d": (3, None, 0),
    "trainings_90d": (1, None, 0),
    "trainings_365d": (2, None, 0),
    "events_365d": (1, None, 0),
    "learning_seats_365d": (6, None, 0),
    "learning_days_since_last": (20, None, None),
    "satisfaction_365d": (7, None, None),
    "satisfaction_latest": (8, None, None),
    "satisfaction_change_180d": (2, None, None),
    "surveys_365d": (2, None, 0),
    "tickets_90d": (3, None, 0),
    "tickets_change_90d": (3, None, 0),
    "ticket_days_since_last": (1, None, None),
    "ticket_first_response_hours_90d": (6, None, None),
    "ticket_slowest_response_hours_90d": (8, None, None),
    # answered after 3, 24 and 5 hours, and once by A after 4 days; to C we wrote once, it never did
    "emails_in_28d": (3, None, 0),
    "emails_in_90d": (4, None, 0),
    "emails_in_change_90d": (3, None, 0),
    "email_people_90d": (2, None, 0),
    "emails_out_90d": (4, None, 0),
    "email_days_since_last": (2, None, None),
    "email_our_response_hours_90d": (5, None, None),
    "email_their_response_hours_90d": (96, None, None),
    "email_answered_percent_90d": (25, None, None),
    "topic_multi_site_180d": (2 - 1 + 2, None, 0),
    "topic_security_180d": (-1, None, 0),
    "topic_automation_180d": (1, None, 0),
    "topics_raised_180d": (2, None, 0),
    "topics_first_raised_90d": (1, None, 0),
    "topics_declined_180d": (2, None, 0),
    # the CRM was asked about all three
    "contacts": (3, 0, 0),
    "contact_roles": (1, 0, 0),
    "contacts_new_365d": (2, 0, 0),
    "open_cases": (2, 0, 0),
    "open_cases_urgent": (1, 0, 0),
    "case_oldest_open_days": (400, 0, 0),
    "case_close_days_365d": (10, None, None),
    "cases_365d": (2, 0, 0),
    "tier": ("Business", "Free", None),
    "tier_days": (40, None, None),
    "account_age_days": (730, None, 100),
    "region": ("EMEA", None, None),
    "segment": ("SMB", None, None),
    "employees": (200, None, None),
    "devops_engineers": (10, None, 5),
    "devops_percent": (5, None, None),
    "employees_growth_percent_365d": (100, None, None),
    "devops_engineers_change_365d": (6, None, None),
    "ownership": ("publicly traded", None, "privately held"),
    "industry": ("Finance", None, None),
}

_EVERYBODY = ("A", "B", "C")
_KINDS = ("web_advanced", "web_basic", "webinar", "training", "event", "survey", "ticket")

FIRST_LATER = {"A": -6, "B": -27, "C": -27}
"""A stops after a week."""

LATER: Rows = {
    "accounts": [account("D", created_on=day_ago(-1), region="APAC", tier="Team")],
    "tiers": [{"account_id": one, "tier": "Free trial", "event_at": ago(0)} for one in _EVERYBODY],
    "contacts": [
        {"account_id": one, "contact_id": f"{one}9", "role": "owner", "event_at": ago(0)}
        for one in _EVERYBODY
    ],
    "cases": [
        {
            "account_id": one,
            "case_id": f"{one}{closed_after}",
            "event_at": ago(0),
            "closed_at": closed_after and ago(-closed_after),
            "priority": "critical",
        }
        for one in _EVERYBODY
        for closed_after in (None, 5)
    ],
    "usage_daily": [
        row
        for one in _EVERYBODY
        for number, technology in enumerate(("docker", "npm", "Apt/Yum", "new"))
        for row in usage(
            one,
            range(FIRST_LATER[one] + number, 1),
            900.0 - 90 * number,
            technology,
            users=90.0,
            repositories=90.0,
        )
    ],
    "activity": [
        _activity(one, kind, days, 9 - days)
        for one in _EVERYBODY
        for kind in _KINDS
        for days in (0.0, -0.5, -2.0)
    ],
    "emails": [
        row
        for one in _EVERYBODY
        for row in (
            _mail(one, f"in{one}", 0, person="s"),
            _mail(one, f"out{one}", -1, f"in{one}"),
            _mail(one, f"out{one}3", 0, "in3"),
            _mail(one, f"in{one}4", -2, f"out{one}", person="t"),
            _mail(one, f"in{one}5", 0, "out1"),
        )
    ],
    "email_topics": [
        _topic(one, f"in{one}", 0, topic, 4, negated=1)
        for one in _EVERYBODY
        for topic in (*TOPICS, "another")
    ],
    "firmographics": [
        {
            "account_id": one,
            "event_at": ago(0),
            "employees": 9999.0,
            "devops_engineers": 999.0,
            "is_public": one == "C",
            "industry": "Mining",
        }
        for one in _EVERYBODY
    ],
}
