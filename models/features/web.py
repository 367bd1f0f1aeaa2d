"""Web: visits to the documentation, advanced pages against basic ones."""

from functools import partial

from models.features.activity_rows import activity, amount
from models.features.expect import PERCENT
from models.features.expressions import PERIOD, percent
from models.features.feature import Feature
from models.features.wording import NO_ACTIVITY, Wording

_feature = partial(
    Feature, family="web", sources=("activity",), owner="marketing", rows=activity, direction=+1
)


def _visits(days: int) -> Feature:
    return _feature(
        name=f"web_visits_{days}d",
        label=f"visits to the documentation in {PERIOD[days]}",
        unit="visits",
        meaning=f"Visits to basic and advanced documentation in the {days} days before the cut. Zero "
        "when there were none; missing when no activity of any kind was ever landed.",
        wording=Wording(
            some=f"Visited our documentation {{v:time|times}} in {PERIOD[days]}",
            missing=NO_ACTIVITY,
            none=f"Did not visit our documentation in {PERIOD[days]}",
            others_none="did not",
        ),
        value=lambda t: amount(t, "web_advanced", days) + amount(t, "web_basic", days),
    )


FEATURES = (
    *(_visits(days) for days in (28, 90)),
    _feature(
        name="web_advanced_percent_90d",
        label="share of advanced pages in documentation visits over the last 90 days",
        unit="%",
        meaning="Visits to advanced documentation in percent of all documentation visits of the 90 days "
        "before the cut. Missing when there were none.",
        expect=PERCENT,
        wording=Wording(
            some="Read advanced pages in {v:percent} of its documentation visits of the last 90 days",
            missing="We saw no documentation visit in the last 90 days to judge the pages by",
            none="Read no advanced documentation in the last 90 days",
            others_none="read none",
            more="a higher share",
            less="a lower share",
        ),
        value=lambda t: percent(
            amount(t, "web_advanced", 90), amount(t, "web_advanced", 90) + amount(t, "web_basic", 90)
        ),
    ),
)
