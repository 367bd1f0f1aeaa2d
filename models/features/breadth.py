"""Breadth: technologies, people and repositories that take part."""

import re
from collections.abc import Sequence
from functools import partial

from models.features.expect import PERCENT
from models.features.expressions import PERIOD, counted, percent, within
from models.features.feature import Feature
from models.features.usage_rows import usage_by_day, usage_by_technology
from models.features.wording import TOO_LITTLE_USAGE, Wording, literal

_feature = partial(
    Feature, family="breadth", sources=("usage_daily",), owner="product analytics", direction=+1
)


def features(technologies: Sequence[str]) -> tuple[Feature, ...]:
    """The family, with a share for each of the configured technologies."""
    return (*_COUNTS, *(_share(technology) for technology in technologies))


def _share(technology: str) -> Feature:
    return _feature(
        name=f"usage_{_column(technology)}_percent_90d",
        label=f"share of {technology} in all usage over the last 90 days",
        unit="%",
        meaning=f"Events of {technology} in percent of all events of the 90 days before the cut. Zero when "
        "only others were used; missing when nothing was.",
        direction=0,
        expect=PERCENT,
        rows=usage_by_technology,
        wording=Wording(
            some=f"Did {{v:percent}} of its work with {literal(technology)} in the last 90 days",
            missing=TOO_LITTLE_USAGE,
            none=f"Did not use {literal(technology)} in the last 90 days",
            others_none="did not use it",
            more="a higher share",
            less="a lower share",
        ),
        value=lambda t: percent(
            t.events_90d.sum(where=t.technology == technology).fill_null(0.0), t.events_90d.sum()
        ),
    )


def _column(technology: str) -> str:
    """The technology as a part of a column's name: lower case, underscores for what is no letter or digit."""
    return re.sub(r"\W+", "_", technology.casefold()).strip("_")


def _used(days: int) -> Feature:
    return _feature(
        name=f"technologies_used_{days}d",
        label=f"number of technologies used in {PERIOD[days]}",
        unit="technologies",
        meaning=f"Technologies with at least one event in the {days} days before the cut. Zero when "
        "nothing was used; missing when no usage was ever landed.",
        rows=usage_by_technology,
        wording=Wording(
            some=f"Used {{v:technology|technologies}} in {PERIOD[days]}",
            missing="We have never seen this customer use the product",
            none=f"Used none of our technologies in {PERIOD[days]}",
            others_none="used none",
            less="fewer",
        ),
        value=lambda t: counted(t[f"events_{days}d"] > 0),
    )


_COUNTS = (
    _used(28),
    _used(90),
    _feature(
        name="technologies_new_90d",
        label="number of technologies taken up in the last 90 days",
        unit="technologies",
        meaning="Technologies first used in the 90 days before the cut. Zero when there was none; missing "
        "when no usage was ever landed.",
        rows=usage_by_technology,
        wording=Wording(
            some="Started to use {v:new technology|new technologies} in the last 90 days",
            missing="We have never seen this customer use the product",
            none="Started to use no new technology in the last 90 days",
            others_none="started none",
            less="fewer",
        ),
        value=lambda t: counted(t.first_used_days <= 90),
    ),
    _feature(
        name="users_peak_28d",
        label="most people using the product on one day of the last 4 weeks",
        unit="people",
        meaning="The largest daily number of users in the 28 days before the cut; of several technologies "
        "the one with the most counts. Zero when nothing was used; missing when users are not measured.",
        rows=usage_by_day,
        wording=Wording(
            some="Had up to {v:person|people} using the product on one day of the last 4 weeks",
            missing="We do not know how many people at this customer use the product",
            none="Had nobody using the product in the last 4 weeks",
            others_none="had nobody",
            less="fewer",
        ),
        value=lambda t: t.users.max(where=within(t, 28)),
    ),
    _feature(
        name="repositories_peak_28d",
        label="most repositories in use on one day of the last 4 weeks",
        unit="repositories",
        meaning="The largest daily number of repositories in the 28 days before the cut; of several "
        "technologies the one with the most counts. Zero when nothing was used; missing when repositories "
        "are not measured.",
        rows=usage_by_day,
        wording=Wording(
            some="Used up to {v:repository|repositories} on one day of the last 4 weeks",
            missing="We do not know how many repositories this customer uses",
            none="Used no repository in the last 4 weeks",
            others_none="used none",
            less="fewer",
        ),
        value=lambda t: t.repositories.max(where=within(t, 28)),
    ),
)
