"""Learning: events, webinars and trainings attended."""

from functools import partial

from models.features.activity_rows import activity, amount, times
from models.features.expect import NOT_NEGATIVE
from models.features.expressions import PERIOD
from models.features.feature import Feature
from models.features.wording import NO_ACTIVITY, Wording

_feature = partial(Feature, family="learning", sources=("activity",), owner="marketing", rows=activity)


def _attended(kind: str, days: int) -> Feature:
    return _feature(
        name=f"{kind}s_{days}d",
        label=f"{kind}s attended in {PERIOD[days]}",
        unit=f"{kind}s",
        meaning=f"{kind.capitalize()}s that somebody of the account attended in the {days} days before "
        "the cut. Zero when there were none; missing when no activity of any kind was ever landed.",
        direction=+1,
        expect=NOT_NEGATIVE,
        wording=Wording(
            some=f"Attended {{v:{kind}|{kind}s}} in {PERIOD[days]}",
            missing=NO_ACTIVITY,
            none=f"Attended no {kind} in {PERIOD[days]}",
            others_none="attended none",
            less="fewer",
        ),
        value=lambda t: times(t, kind, days),
    )


FEATURES = (
    *(_attended("webinar", days) for days in (90, 365)),
    *(_attended("training", days) for days in (90, 365)),
    _attended("event", 365),
    _feature(
        name="learning_seats_365d",
        label="attendees of trainings, webinars and events of the last year",
        unit="attendees",
        meaning="Attendees of the trainings, webinars and events of the 365 days before the cut, who came "
        "twice counting twice. Zero when there were none; missing when no activity of any kind was ever "
        "landed.",
        direction=+1,
        expect=NOT_NEGATIVE,
        wording=Wording(
            some="Had {v:attendee|attendees} at trainings, webinars and events of the last year",
            missing=NO_ACTIVITY,
            none="Sent nobody to a training, webinar or event in the last year",
            others_none="sent nobody",
            less="fewer",
        ),
        value=lambda t: amount(t, "training", 365) + amount(t, "webinar", 365) + amount(t, "event", 365),
    ),
    _feature(
        name="learning_days_since_last",
        label="time since anybody last attended a training, webinar or event",
        unit="days",
        meaning="Days from the last training, webinar or event attended to the cut. "
        "Missing when none ever was.",
        direction=-1,
        expect=NOT_NEGATIVE,
        wording=Wording(
            some="Last attended a training, webinar or event {v:days} ago",
            missing="We have never seen this customer at a training, webinar or event",
            more="longer ago",
            less="more recently",
        ),
        value=lambda t: t.age_days.min(where=t.kind.isin(["training", "webinar", "event"])),
    ),
)
