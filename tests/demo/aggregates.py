"""Hand-made aggregates of a world's observables, one row per account, in plain pandas."""

import warnings
from collections import Counter, defaultdict

import numpy as np
import pandas as pd

from demo.world import World
from demo.world.names import ROLES
from demo.world.records import TIERS, Activity, Mail, UsageSeries

DAYS = 90
WORDS = ("high avail", "multi", "disaster", "automat", "security", "migrat", "licence cost", "cancel")
DENIALS = ("do not need", "not needed", "no plans", "no need", "by hand")


def aggregates(world: World) -> pd.DataFrame:
    """What an analyst would try first, index: account Id."""
    tenants = {account.domain: account.tenant for account in world.accounts}
    usage: dict[str, list[UsageSeries]] = defaultdict(list)
    acts: dict[str, list[Activity]] = defaultdict(list)
    mails: dict[str, list[Mail]] = defaultdict(list)
    for series in world.usage:
        usage[series.tenant].append(series)
    for act in world.activity:
        acts[act.tenant or tenants[act.domain or ""]].append(act)
    for mail in world.mails:
        if mail.direction == "in" and not mail.automatic:
            mails[mail.sender.address.split("@")[1]].append(mail)
    crm = _crm(world)
    rows = [
        crm.loc[account.id].to_dict()
        | _usage(usage[account.tenant], world)
        | _activity(acts[account.tenant])
        | _mails(mails[account.domain])
        for account in world.accounts
    ]
    return pd.DataFrame(rows, index=crm.index)


def _usage(series: list[UsageSeries], world: World) -> dict[str, float]:
    if not series:
        return {}
    weekday = (np.arange(world.days) + series[0].first_day.weekday())[-DAYS:] % 7
    events = np.array([each.events[-DAYS:] for each in series])
    users = np.nanmax([np.nan_to_num(each.users[-DAYS:]) for each in series], axis=0)
    repositories = np.nansum([each.repositories[-DAYS:] for each in series], axis=0)
    total = np.where(np.isnan(events).all(axis=0), np.nan, np.nansum(events, axis=0))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Mean of empty slice|Degrees of freedom", RuntimeWarning)
        mean = np.nanmean(total)
        return {
            "usage": np.log1p(mean),
            "users": np.log1p(users.mean()),
            "events_per_user": np.log((np.nansum(total) + 1) / (users.sum() + 1)),
            "weekend_share": np.nanmean(total[weekday >= 5]) / (mean + 1e-9),
            "roughness": np.nanstd(total) / (mean + 1e-9),
            "technologies": float((np.nansum(events, axis=1) > 0).sum()),
            "repositories": np.log1p(repositories.mean()),
            "repositories_per_user": np.log((repositories.sum() + 1) / (users.sum() + 1)),
        }


def _activity(acts: list[Activity]) -> dict[str, float]:
    kinds = ("web_basic", "web_advanced", "webinar", "event", "training", "ticket", "survey")
    counts = Counter(act.kind for act in acts)
    answers = [act.amount for act in acts if act.kind == "survey"]
    return {
        **{kind: float(counts[kind]) for kind in kinds},
        "advanced_share": (counts["web_advanced"] + 1) / (counts["web_basic"] + 1),
        "satisfaction": float(np.mean(answers)) if answers else np.nan,
    }


def _mails(mails: list[Mail]) -> dict[str, float]:
    text = " ".join(mail.text.split("\n> ")[0].lower() for mail in mails)
    count = len(mails) + 2
    return {
        "mails": float(len(mails)),
        **{word: text.count(word) / count for word in WORDS},
        "denials": sum(map(text.count, DENIALS)) / count,
    }


def _crm(world: World) -> pd.DataFrame:
    tier = {change.account_id: TIERS.index(change.tier) for change in world.tiers}
    roles: dict[str, list[str | None]] = defaultdict(list)
    for contact in world.contacts:
        roles[contact.account_id].append(contact.role)
    websites = {row.website.lower().removeprefix("https://").strip("/"): row for row in world.firmographics}
    rows = {}
    for account in world.accounts:
        known = roles[account.id]
        row = websites.get(account.domain)
        rows[account.id] = {
            "tier": float(tier[account.id]),
            "segment": float(("Small", "Mid-Market", "Enterprise").index(account.segment)),
            "age": float((world.today - account.created_at.date()).days),
            "contacts": float(len(known)),
            "specialists": sum(role in ROLES[1:5] for role in known) / max(len(known), 1),
            "devops_engineers": float(row.devops_engineers or "nan") if row else np.nan,
        }
    return pd.DataFrame.from_dict(rows, orient="index")
