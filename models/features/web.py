"""Web: visits to the documentation, advanced pages against basic ones."""

from functools import partial

import ibis.expr.types as ir

from models.features.activity_rows import activity, amount
from models.features.expect import NOT_NEGATIVE, PERCENT
from models.features.expressions import PERIOD, change_percent, known_since, percent, resting_on
from models.features.feature import Feature
from models.features.wording import NO_ACTIVITY, Wording

_feature = partial(
    Feature, family="web", sources=("activity",), owner="marketing", rows=activity, direction=+1
)


LEAST_VISITS = 5
"""That a share of visits rests on (J)."""


def _visits(days: int) -> Feature:
    return _feature(
        name=f"web_visits_{days}d",
        label=f"visits to the documentation in {PERIOD[days]}",
        unit="visits",
        meaning=f"Visits to basic and advanced documentation in the {days} days before the cut. Zero "
        "when there were none; missing when no activity of any kind was ever landed.",
        expect=NOT_NEGATIVE,
        wording=Wording(
            some=f"Visited our documentation {{v:time|times}} in {PERIOD[days]}",
            missing=NO_ACTIVITY,
            none=f"Did not visit our documentation in {PERIOD[days]}",
            others_none="did not",
        ),
        value=lambda t: _all(t, days),
    )


def _all(rows: ir.Table, days: int, until: int = 0) -> ir.FloatingValue:
    """Visits to either documentation in the window."""
    return amount(rows, "web_advanced", days, until) + amount(rows, "web_basic", days, until)


FEATURES = (
    *(_visits(days) for days in (28, 90)),
    _feature(
        name="web_growth_percent_90d",
        label="change of documentation visits in the last 90 days against the 90 days before",
        unit="%",
        meaning="Visits to the documentation in the 90 days before the cut against the 90 days before those. "
        "Zero when equal, -100 when they stopped; missing when there were none to compare with or the "
        "account's first activity is not 180 days ago.",
        wording=Wording(
            some="Visited our documentation {v:percent} more in the last 90 days than in the 90 before",
            missing="We have no earlier documentation visits to compare with",
            none="Visited our documentation as much in the last 90 days as in the 90 before",
            falling="Visited our documentation {v:percent} less in the last 90 days than in the 90 before",
        ),
        value=lambda t: known_since(t, 180, change_percent(_all(t, 90), _all(t, 90, until=90))),
    ),
    _feature(
        name="web_days_since_last",
        label="time since the last visit to the documentation",
        unit="days",
        meaning="Days from the last visit to the documentation to the cut. Missing when none was ever seen.",
        direction=-1,
        expect=NOT_NEGATIVE,
        wording=Wording(
            some="Last visited our documentation {v:days} ago",
            missing="We have never seen this customer in our documentation",
            more="longer ago",
            less="more recently",
        ),
        group="web_visits",
        value=lambda t: t.age_days.min(where=t.kind.isin(["web_advanced", "web_basic"])),
    ),
    _feature(
        name="web_advanced_percent_90d",
        label="share of advanced pages in documentation visits over the last 90 days",
        unit="%",
        meaning="Visits to advanced documentation in percent of all documentation visits of the 90 days "
        f"before the cut. Missing when there were under {LEAST_VISITS}.",
        expect=PERCENT,
        wording=Wording(
            some="Read advanced pages in {v:percent} of its documentation visits of the last 90 days",
            missing="We saw too few documentation visits in the last 90 days to judge the pages by",
            none="Read no advanced documentation in the last 90 days",
            others_none="read none",
            more="a higher share",
            less="a lower share",
        ),
        value=lambda t: resting_on(
            _all(t, 90), LEAST_VISITS, percent(amount(t, "web_advanced", 90), _all(t, 90))
        ),
    ),
)
