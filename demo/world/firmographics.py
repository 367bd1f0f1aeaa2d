"""What a data vendor says about companies, with gaps, several dates and a row that is broken."""

from dataclasses import replace
from datetime import timedelta

import numpy as np

from demo.world import names
from demo.world.accounts import developers
from demo.world.chance import happens, logistic, pick, stream
from demo.world.latent import ORGANISATION
from demo.world.records import Account, Array, Firmographic
from demo.world.timeline import Timeline

PUBLISHED_AFTER_DAYS = 1
"""A row is in the vendor's file from the midnight (UTC) that ends its `as_of` day."""


def firmographics_of(
    seed: int, index: int, account: Account, monthly: Array, timeline: Timeline
) -> list[Firmographic]:
    """The vendor's rows about an account's company; none for one company in four."""
    rng = stream(seed, "firmographics", index)
    if happens(rng, 0.25):
        return []
    devops = (
        0.12 * developers(account.employees) * np.exp(0.45 * monthly[:, ORGANISATION] + rng.normal(0, 0.45))
    )
    measures_devops = not happens(rng, 0.4)
    public = happens(rng, logistic(-3.2 + 0.45 * float(np.log(account.employees) - 5)))
    industry = pick(rng, names.INDUSTRIES) if happens(rng, 0.1) else account.industry
    row = Firmographic(
        website=account.domain if happens(rng, 0.7) else f"https://{account.domain.upper()}/",
        as_of=timeline.first,
        employees="",
        devops_engineers="",
        public="" if happens(rng, 0.2) else str(public).lower(),
        industry="" if happens(rng, 0.15) else industry,
    )
    rows = []
    for days_ago in np.sort(rng.uniform(1, timeline.days + 200, int(rng.integers(1, 5))))[::-1]:
        month = int(np.searchsorted(timeline.month_index, timeline.days - days_ago, side="right")) - 1
        employees = round(account.employees * np.exp(rng.normal(0, 0.15)))
        engineers = max(1, round(devops[max(month, 0)] * np.exp(rng.normal(0, 0.1))))
        rows.append(
            replace(
                row,
                as_of=timeline.today - timedelta(days=int(days_ago)),
                employees="" if happens(rng, 0.1) else str(employees),
                devops_engineers=str(engineers) if measures_devops else "",
            )
        )
    return list({row.as_of: row for row in rows}.values())


def vendor_file(rows: list[Firmographic]) -> tuple[Firmographic, ...]:
    """All rows in the order of the vendor's file, one of them with text where a number should be."""
    ordered = sorted(rows, key=lambda row: (row.as_of, row.website))
    middle = len(ordered) // 2
    ordered[middle] = replace(ordered[middle], employees="n/a (see =SUM(A1:A9))")
    return tuple(ordered)
