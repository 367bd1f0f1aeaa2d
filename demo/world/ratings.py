"""Experts' ratings of some accounts, and reps' feedback on what they are shown."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from demo.world.accounts import REPS
from demo.world.chance import happens, pick, stream
from demo.world.latent import SHARES
from demo.world.records import LEVELS, Account, Rating, Rule, Truth, World
from demo.world.timeline import Timeline

RATED_SHARE = 0.46
RATED_TWICE_SHARE = 0.15
EXPERT_ERROR = 0.05
RATED_DAYS = 270
"""Ratings are spread over this many days before the last."""

ANCHORING = 0.5
"""How much of a rep's impression is the rating on the screen."""

IMPRESSION_NOISE = 0.65
"""Standard deviation of a rep's own impression around the latent level, in levels."""

NOTES = (
    None,
    "Spoke to their platform lead, plans for a second site are real.",
    "They \"don't need\" it <i>yet</i> & won't say when",
    '=HYPERLINK("http://prize.example","call me")',
    "O'Neil from procurement said: not this year; budget\\freeze",
    "👍 sounds right",
    "הלקוח מרוצה מאוד",
    "x" * 255,
)


@dataclass(frozen=True)
class ShownScore:
    """What a rep sees on an account: rating and upsell in the CRM's words, score 0 to 100 or None."""

    rating: str
    score: float | None
    upsell: str


@dataclass(frozen=True)
class Feedback:
    """A rep's feedback on an account; value in the CRM's words, rep is a username."""

    account_id: str
    value: str
    note: str | None
    rep: str


def ratings_of(
    seed: int, rule: Rule, accounts: tuple[Account, ...], truths: tuple[Truth, ...], timeline: Timeline
) -> tuple[Rating, ...]:
    """Ratings of nearly half of the accounts, some of them rated twice, by time.

    An expert sees the level of the month and errs by one level in a twentieth of the cases. Without
    signal each rating is drawn afresh, so that not even two ratings of one account agree.
    """
    rng = stream(seed, "ratings")
    span = min(RATED_DAYS, timeline.days - 60)
    oldest = timeline.moment(timeline.days - span - 30)
    known = [i for i, account in enumerate(accounts) if account.created_at < oldest]
    wanted = min(round(RATED_SHARE * len(accounts)), len(known))
    found = []
    for index in rng.choice(known, size=wanted, replace=False):
        days_ago = rng.uniform(1, span, 2 if happens(rng, RATED_TWICE_SHARE) else 1)
        by = pick(rng, REPS).username
        for ago in np.sort(days_ago)[::-1]:
            at = timeline.moment(timeline.days - 1 - int(ago), rng.uniform(7, 17))
            month = int(np.searchsorted(timeline.month_index, timeline.index(at.date()), side="right")) - 1
            seen = _seen(rng, rule, truths[index].levels[month])
            found.append(Rating(accounts[index].id, LEVELS[seen], by, at))
    return tuple(sorted(found, key=lambda rating: (rating.at, rating.account_id)))


def _seen(rng: np.random.Generator, rule: Rule, level: int) -> int:
    if rule == "no_signal":
        return int(rng.choice(len(LEVELS), p=SHARES))
    if happens(rng, EXPERT_ERROR):
        return pick(rng, {0: (1,), 1: (0, 2), 2: (1,)}[level])
    return level


def rep_feedback(world: World, shown: Mapping[str, ShownScore], seed: int, share: float) -> list[Feedback]:
    """What reps answer on a share of the accounts shown, by account Id.

    A rep has an impression of the account, the latent level of the last month with noise (pure noise in
    the world without signal), and moves half-way towards the rating on the screen. Only where the two
    still differ by over half a level does he contradict. Where an upsell is shown he calls the customer
    at times instead, and reports how the call ended, which tells of appetite and not of maturity.
    """
    levels = {truth.account_id: truth.levels[-1] for truth in world.truths}
    engagement = {truth.account_id: truth.drivers[-1][2] for truth in world.truths}
    owners = {account.id: account.owner for account in world.accounts}
    found = []
    for index, (account_id, score) in enumerate(sorted(shown.items())):
        rng = stream(seed, "feedback", index)
        if not happens(rng, share):
            continue
        if score.upsell in ("Medium", "High") and happens(rng, 0.4):
            value = _call(rng, engagement[account_id])
        elif score.rating in LEVELS:
            latent = int(rng.choice(len(LEVELS))) if world.rule == "no_signal" else levels[account_id]
            value = _opinion(rng, latent, LEVELS.index(score.rating))
        else:
            continue
        found.append(Feedback(account_id, value, pick(rng, NOTES), owners[account_id]))
    return found


def _opinion(rng: np.random.Generator, latent: int, shown: int) -> str:
    impression = latent + rng.normal(0, IMPRESSION_NOISE)
    perceived = ANCHORING * shown + (1 - ANCHORING) * impression
    if perceived < shown - 0.5 and shown > 0:
        return "Rating too high"
    if perceived > shown + 0.5 and shown < len(LEVELS) - 1:
        return "Rating too low"
    return "Rating right"


def _call(rng: np.random.Generator, engagement: float) -> str:
    """How an upsell call ends: an engaged customer buys more often."""
    appetite = engagement + rng.normal(0, 1)
    if appetite > 1.0:
        return "Won"
    if appetite > 0.0:
        return "Not now"
    return "Not interested" if happens(rng, 0.7) else "No fit"
