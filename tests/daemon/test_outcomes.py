"""What became of accounts rated a hundred days ago, told beside the hold-out, and re-counted in the CRM."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from daemon.config import Config, load
from daemon.errors import StateError
from daemon.outcomes import HELD_OUT, SHOWN, Outcomes, outcomes, recounts
from daemon.slots import Slot
from daemon.state import registry, runs
from daemon.state.engine import write
from daemon.state.predictions import replace_predictions
from integrations.localorg import LocalOrg, standard_org
from tests.conftest import NOW
from tests.daemon.lake.conftest import World, account
from tests.daemon.lake.conftest import world as world  # the fixture
from tests.daemon.steps.test_forecast import CONFIG

TIERS = CONFIG + '\n[tiers]\nleft = ["Churned"]\n'


@pytest.fixture
def config(tmp_path: Path) -> Config:
    (tmp_path / "config.toml").write_text(TIERS, encoding="utf-8")
    return load(tmp_path / "config.toml")


def id_of(name: str) -> str:
    return f"{name:0<18}"


def rated(world: World, days_ago: float, *accounts: tuple[str, str, str | None, str]) -> None:
    """A run of so many days ago. accounts: Id or name, rating, tier, status."""
    at = NOW - timedelta(days=days_ago)
    version = f"maturity-{at:%Y%m%dT%H%M}"
    rows = [
        {
            "account_id": f"{name:0<18}",
            "status": status,
            "status_reason": "",
            "data_as_of": at,
            "rating": rating,
            "tier": tier,
            "model_version": None if rating == "unknown" else version,
        }
        for name, rating, tier, status in accounts
    ]
    with write(world.engine) as connection:
        run = runs.claim(connection, Slot(f"{at:%Y-%m-%dT%H:%M}", at), 1, at)
        runs.set_cut(connection, run.id, at)
        registry.register(
            connection,
            registry.NewVersion(version, "maturity", run.id, f"{run.id:064}", b"", "", {}, None),
            at,
        )
        replace_predictions(connection, run.id, rows)


def now(world: World, **tiers: str | None) -> None:
    """What the CRM holds today, by account."""
    world.land("accounts", *(account(name, tier=tier) for name, tier in tiers.items()))


def followed(world: World, config: Config, days: int = 90) -> Outcomes:
    return outcomes(config, world.engine, NOW, days)


def ends(found: Outcomes) -> dict[str, str]:
    return {fate.account_id.rstrip("0"): fate.end for fate in found.fates}


def test_each_account_comes_to_one_end(world: World, config: Config) -> None:
    names = "ABCDEFGHI"
    rated(
        world, 100, *((name, "high", "Team", "scored") for name in names[:-1]), ("I", "high", None, "scored")
    )
    now(world, A="Business", B="Free", C="Team", D=None, E="Churned", F="Trial", I="Team")
    world.land(
        "accounts",
        account("G", deleted=True, tier="Team"),
        account("H", deleted=True, merged_into=id_of("A"), tier="Team"),
    )

    found = followed(world, config)

    assert ends(found) == {
        "A": "upgraded", "B": "shrank", "C": "unchanged", "D": "left", "E": "left", "F": "unknown",
        "G": "left", "H": "merged", "I": "unknown",
    }  # fmt: skip
    assert len(found.of(SHOWN, "high")) == 6


def test_the_newest_run_that_is_old_enough_counts(world: World, config: Config) -> None:
    for days_ago, rating in ((200, "low"), (91, "high"), (10, "medium")):
        rated(world, days_ago, ("A", rating, "Team", "scored"))
    now(world, A="Team")

    assert [fate.rating for fate in followed(world, config).fates] == ["high"]


def test_shown_accounts_stand_against_those_held_out(world: World, config: Config) -> None:
    shown = [(f"S{number:02}x", "high", "Team", "scored") for number in range(40)]
    hidden = [(f"H{number:02}x", "high", "Team", "excluded") for number in range(40)]
    rated(world, 100, *shown, *hidden)
    now(
        world,
        **{name: "Business" if int(name[1:3]) < 20 else "Team" for name, *_ in shown},
        **{name: "Business" if int(name[1:3]) < 4 else "Team" for name, *_ in hidden},
    )

    found = followed(world, config)
    effect = found.effect("upgraded", "high")

    assert (found.share("upgraded", SHOWN, "high").count, found.share("upgraded", HELD_OUT, None).count) == (
        20,
        4,
    )
    assert effect is not None
    assert effect.value == pytest.approx(0.4)
    assert 0.15 < effect.low < effect.high < 0.6


def test_a_rating_that_leans_on_what_we_lack_was_shown_too(world: World, config: Config) -> None:
    rated(world, 100, ("A", "high", "Team", "provisional"), ("B", "high", "Team", "scored"))
    now(world, A="Business", B="Team")

    assert followed(world, config).share("upgraded", SHOWN, "high").of == 2


def test_a_run_before_there_was_a_model_is_not_followed_up(world: World, config: Config) -> None:
    rated(world, 110, ("A", "high", "Team", "scored"))
    rated(world, 100, ("A", "unknown", "Team", "excluded"))
    now(world, A="Team")

    assert [fate.rating for fate in followed(world, config).fates] == ["high"]


def test_without_a_hold_out_no_effect_is_claimed(world: World, config: Config) -> None:
    rated(world, 100, ("A", "high", "Team", "scored"))
    now(world, A="Business")

    assert followed(world, config).effect("upgraded", None) is None


def test_accounts_that_had_no_rating_are_not_followed_up(world: World, config: Config) -> None:
    rated(world, 100, ("A", "unknown", "Team", "unmatched"), ("B", "low", "Team", "scored"))
    now(world, A="Business", B="Team")

    assert set(ends(followed(world, config))) == {"B"}


def test_too_early_a_question_says_what_can_be_asked(world: World, config: Config) -> None:
    rated(world, 12, ("A", "high", "Team", "scored"))

    with pytest.raises(StateError, match="12 days ago: wait, or ask with --days 12"):
        followed(world, config)


@pytest.mark.parametrize("end", ["upgraded", "shrank", "left", "unchanged"])
def test_the_crm_counts_the_same_by_the_query_given(
    world: World, config: Config, tmp_path: Path, end: str
) -> None:
    then = ["Team", "Team", "Business", "Enterprise", "Free", "Team", "Business"]
    later = ["Business", "Free", "Enterprise", "Team", "Free", "Team", None]
    org, ids = crm(tmp_path / "org", later)
    rated(world, 100, *((one, "high", tier, "scored") for one, tier in zip(ids, then, strict=True)))
    world.land(
        "accounts",
        *(
            account(one, tier=tier) | {"account_id": one, "identity": f"account:{one}"}
            for one, tier in zip(ids, later, strict=True)
        ),
    )
    found = followed(world, config)

    (query,) = recounts(found.of(SHOWN, None), end, config.tiers, "Account", "Tier__c")

    (counted,) = org.query(query.soql.replace("COUNT()", "COUNT(Id) n"))
    assert counted["n"] == query.count
    assert query.count == sum((fate.end == end) == (end != "left") for fate in found.fates)
    org.close()


def crm(folder: Path, tiers: Sequence[str | None]) -> tuple[LocalOrg, list[str]]:
    org = LocalOrg.create(folder, lambda: datetime.now(UTC))
    standard_org(org)
    ids = org.load("Account", [{"Name": f"N{n}", "Tier__c": tier} for n, tier in enumerate(tiers)])
    return org, ids
