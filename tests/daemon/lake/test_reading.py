"""What a cut sees."""

from typing import Any

import ibis.expr.types as ir
import pytest

from daemon.errors import LakeError
from daemon.lake.facts import FACTS
from daemon.lake.reading import LakeReader, TierChange
from tests.daemon.lake.conftest import World, account, at, usage


def rows(table: ir.Table) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = table.to_pyarrow().to_pylist()
    return sorted(found, key=str)


def days(lake: LakeReader, cut: str) -> list[tuple[str, str, float]]:
    table = lake.as_of(at(cut)).usage_daily
    return [(row["account_id"].strip("0"), str(row["day"]), row["events"]) for row in rows(table)]


def test_an_empty_lake_gives_empty_tables_with_all_columns(world: World) -> None:
    with world.read() as lake:
        facts = lake.as_of(at("2026-03-01"))

        assert rows(facts.accounts) == rows(facts.tiers) == rows(facts.emails) == []
        assert set(facts.usage_daily.columns) == {
            "account_id", "day", "technology", "events", "users", "repositories",
        }  # fmt: skip


def test_a_cut_sees_only_what_had_happened_and_was_known(world: World) -> None:
    world.land("accounts", account("A", tenant="t"))
    world.land(
        "usage_daily",
        usage("t", "2026-02-01", 1.0, known_at=at("2026-02-02 06:00")),
        usage("t", "2026-02-02", 2.0, known_at=at("2026-02-05 06:00")),
        source="usage",
    )

    with world.read() as lake:
        assert days(lake, "2026-02-02 05:59") == []
        assert days(lake, "2026-02-04") == [("A", "2026-02-01", 1.0)]
        assert days(lake, "2026-02-06") == [("A", "2026-02-01", 1.0), ("A", "2026-02-02", 2.0)]


def test_a_restated_row_counts_from_when_it_was_known(world: World) -> None:
    world.land("accounts", account("A", tenant="t"))
    world.land("usage_daily", usage("t", "2026-02-01", 1.0, known_at=at("2026-02-02 06:00")))
    world.land("usage_daily", usage("t", "2026-02-01", 9.0, known_at=at("2026-02-10 06:00")))

    with world.read() as lake:
        assert days(lake, "2026-02-09") == [("A", "2026-02-01", 1.0)]
        assert days(lake, "2026-02-11") == [("A", "2026-02-01", 9.0)]


def test_a_tenant_id_filled_in_late_brings_its_whole_history(world: World) -> None:
    world.land("accounts", account("A", "2026-02-01"))
    world.land("usage_daily", usage("t", "2026-01-01", 1.0))
    world.land("accounts", account("A", "2026-02-20", tenant="t"))

    with world.read() as lake:
        assert days(lake, "2026-01-15") == [("A", "2026-01-01", 1.0)]


def test_an_identity_of_two_accounts_matches_none_and_the_fallback_is_tried(world: World) -> None:
    world.land("accounts", account("A", tenant="t"), account("B", tenant="t", domain="b.example"))
    world.land("usage_daily", usage("t", "2026-01-01", 1.0))
    world.land("usage_daily", usage("t", "2026-01-02", 2.0, fallback_identity="domain:b.example"))

    with world.read() as lake:
        assert days(lake, "2026-02-01") == [("B", "2026-01-02", 2.0)]


def test_a_merged_account_brings_its_facts_into_the_one_that_remains(world: World) -> None:
    merged = {"deleted": True, "merged_into": f"{'B':0<18}", "tenant": "ta"}
    world.land("accounts", account("A", tenant="ta"), account("B", tenant="tb"))
    world.land("accounts", account("A", "2026-02-20", **merged))
    world.land("usage_daily", usage("ta", "2026-01-01", 1.0), usage("tb", "2026-01-01", 2.0))

    with world.read() as lake:
        assert days(lake, "2026-02-25") == [("B", "2026-01-01", 1.0), ("B", "2026-01-01", 2.0)]
        assert [row["name"] for row in rows(lake.as_of(at("2026-02-25")).accounts)] == ["B"]


def test_a_deleted_account_is_gone_from_then_on_and_not_before(world: World) -> None:
    world.land("accounts", account("A", "2026-01-10"), now=at("2026-01-11"))
    world.land("accounts", account("A", "2026-02-10", deleted=True), now=at("2026-02-11"))

    with world.read() as lake:
        assert len(rows(lake.as_of(at("2026-02-01")).accounts)) == 1
        assert len(rows(lake.as_of(at("2026-02-12")).accounts)) == 0


def test_what_is_declared_static_is_carried_back_to_the_creation_and_no_further(world: World) -> None:
    world.land("accounts", account("A", "2026-02-20", country="DE", tier="Team"))

    with world.read("country", "tier") as lake:
        (then,) = rows(lake.as_of(at("2025-06-01")).accounts)
        assert (then["country"], then["tier"]) == ("DE", "Team")
        assert rows(lake.as_of(at("2023-12-31")).accounts) == []


def test_what_is_not_static_is_missing_before_the_record_is_from(world: World) -> None:
    values = {"country": "DE", "region": "EMEA", "segment": "SMB", "industry": "Retail", "tier": "Team"}
    world.land("accounts", account("A", "2026-02-20", **values))

    with world.read() as lake:
        (then,) = rows(lake.as_of(at("2026-02-19")).accounts)
        (since,) = rows(lake.as_of(at("2026-02-21")).accounts)

    assert {then[name] for name in values} == {None}
    assert then["name"] == "A"
    assert {name: since[name] for name in values} == values


def test_a_value_that_changed_is_the_one_of_the_cut(world: World) -> None:
    world.land("accounts", account("A", "2025-02-01", region="EMEA"))
    world.pulled()
    world.land("accounts", account("A", "2026-03-05", region="APAC"), now=at("2026-03-06"))

    with world.read() as lake:
        regions = [rows(lake.as_of(at(cut)).accounts)[0]["region"] for cut in ("2025-06-01", "2026-03-07")]

    assert regions == ["EMEA", "APAC"]


def test_roles_and_priorities_read_today_are_not_those_of_a_year_ago(world: World) -> None:
    of_a = {"identity": f"account:{'A':0<18}", "account_id": f"{'A':0<18}", "event_at": at("2025-01-01")}
    world.land("accounts", account("A"))
    world.land("contacts", of_a | {"contact_id": "p", "role": "Admin"})
    case = {"identity": of_a["identity"], "case_id": "c", "event_at": at("2025-01-01"), "priority": "High"}
    world.land("cases", case)

    seen = {}
    for static in ((), ("role", "priority")):
        with world.read(*static) as lake:
            for cut in ("2025-06-01", "2026-03-02"):
                facts = lake.as_of(at(cut))
                seen[static, cut] = (rows(facts.contacts)[0]["role"], rows(facts.cases)[0]["priority"])

    assert seen == {
        ((), "2025-06-01"): (None, None),
        ((), "2026-03-02"): ("Admin", "High"),
        (("role", "priority"), "2025-06-01"): ("Admin", "High"),
        (("role", "priority"), "2026-03-02"): ("Admin", "High"),
    }


def test_a_tier_without_a_change_is_known_as_far_back_as_changes_are_watched(world: World) -> None:
    world.land("accounts", account("A", tier="Team"), account("B", tier="Business"))
    change = {"identity": f"account:{'B':0<18}", "event_at": at("2025-05-01")}
    world.land("tiers", change | {"previous": "Free", "tier": "Business"})

    with world.read() as lake:
        seen = {
            cut: [
                sorted((row["account_id"][0], row["tier"]) for row in rows(table))
                for table in (lake.as_of(at(cut)).accounts, lake.as_of(at(cut)).tiers)
            ]
            for cut in ("2025-04-01", "2025-06-01")
        }

    assert seen == {
        "2025-04-01": [[("A", None), ("B", None)], []],
        "2025-06-01": [[("A", "Team"), ("B", "Business")], [("B", "Business")]],
    }


def test_the_tier_of_an_account_created_under_watch_is_dated_by_its_creation(world: World) -> None:
    world.land("accounts", account("A", tier="Team", created_on=at("2025-08-01").date()), account("B"))
    change = {"identity": f"account:{'B':0<18}", "event_at": at("2025-05-01")}
    world.land("tiers", change | {"previous": "Free", "tier": "Business"})

    with world.read() as lake:
        dated = {row["account_id"][0]: row["event_at"] for row in rows(lake.as_of(at("2025-09-01")).tiers)}

    assert dated == {"A": at("2025-08-01"), "B": at("2025-05-01")}


def test_the_digest_tells_what_is_carried_back(world: World) -> None:
    world.land("accounts", account("A", region="EMEA"))

    with world.read() as lake, world.read("region") as with_region:
        assert lake.digest(at("2026-02-15")) != with_region.digest(at("2026-02-15"))


def test_the_tier_is_the_one_of_the_cut(world: World) -> None:
    world.land("accounts", account("A", tier="Enterprise"))
    change = {"identity": f"account:{'A':0<18}", "fallback_identity": None}
    world.land(
        "tiers",
        change | {"event_at": at("2025-05-01"), "previous": "Free", "tier": "Team"},
        change | {"event_at": at("2025-09-01"), "previous": "Team", "tier": "Enterprise"},
    )

    with world.read("tier") as lake:
        seen = {}
        for cut in ("2025-01-01", "2025-06-01", "2026-01-01"):
            facts = lake.as_of(at(cut))
            seen[cut] = (rows(facts.accounts)[0]["tier"], [row["tier"] for row in rows(facts.tiers)])

    assert seen == {
        "2025-01-01": ("Free", ["Free"]),
        "2025-06-01": ("Team", ["Free", "Team"]),
        "2026-01-01": ("Enterprise", ["Enterprise", "Free", "Team"]),
    }


def test_changes_of_tier_are_told_with_what_was_before(world: World) -> None:
    world.land("accounts", account("A", tier="Enterprise"))
    change = {"identity": f"account:{'A':0<18}", "known_at": at("2026-01-01")}
    world.land(
        "tiers",
        change | {"event_at": at("2025-05-01"), "previous": "Free", "tier": "Team"},
        change | {"event_at": at("2025-09-01"), "previous": "Team", "tier": "Enterprise"},
    )

    with world.read() as lake:
        changes = lake.tier_changes(at("2026-02-02"))

    account_id = f"{'A':0<18}"
    assert changes == [
        TierChange(account_id, "Free", "Team", at("2025-05-01")),
        TierChange(account_id, "Team", "Enterprise", at("2025-09-01")),
    ]


def test_a_case_is_open_at_a_cut_before_it_was_closed(world: World) -> None:
    world.land("accounts", account("A"))
    case = {"identity": f"account:{'A':0<18}", "case_id": "c", "event_at": at("2026-01-01")}
    world.land("cases", case | {"closed_at": at("2026-01-20")})

    with world.read() as lake:
        assert rows(lake.as_of(at("2026-01-10")).cases)[0]["closed_at"] is None
        assert rows(lake.as_of(at("2026-01-21")).cases)[0]["closed_at"] == at("2026-01-20")


def test_a_mail_finds_its_account_by_contact_then_by_domain(world: World) -> None:
    world.land("accounts", account("A", domain="a.example"), account("B"))
    who = {"identity": f"account:{'B':0<18}", "account_id": f"{'B':0<18}", "event_at": at("2025-01-01")}
    world.land("contacts", who | {"contact_id": "p", "address_hmac": "known"})
    mail = {"event_at": at("2026-01-01"), "direction": "in", "fallback_identity": "domain:a.example"}
    world.land("emails", mail | {"identity": "contact:known", "message_key": "1"})
    world.land("emails", mail | {"identity": "contact:stranger", "message_key": "2"})

    with world.read() as lake:
        emails = rows(lake.as_of(at("2026-02-01")).emails)
        rates = {rate.fact: (rate.rows, rate.matched) for rate in lake.match_rates()}

    assert [(row["message_key"], row["account_id"][0]) for row in emails] == [("2", "A"), ("1", "B")]
    assert rates["emails"] == (2, 2)


def test_match_rates_name_what_was_not_matched(world: World) -> None:
    world.land("accounts", account("A", tenant="t"))
    world.land("usage_daily", usage("t", "2026-01-01", 1.0), usage("?", "2026-01-01", 1.0), source="usage")

    with world.read() as lake:
        (rate,) = [rate for rate in lake.match_rates() if rate.fact == "usage_daily"]

    assert (rate.source, rate.rows, rate.matched, rate.unmatched) == ("usage", 2, 1, ("tenant:?",))


def test_the_digest_of_a_cut_changes_only_with_what_it_can_see(world: World) -> None:
    world.land("accounts", account("A", tenant="t"), now=at("2026-02-01"))
    world.land("usage_daily", usage("t", "2026-01-01", 1.0), now=at("2026-02-01"))
    with world.read() as lake:
        early, late = lake.digest(at("2026-01-15")), lake.digest(at("2026-02-15"))
    world.pulled()
    world.land("usage_daily", usage("t", "2026-02-01", 1.0), now=at("2026-02-02"))
    world.land("accounts", account("A", "2026-02-02", tenant="t", region="EU"), now=at("2026-02-02"))

    with world.read() as lake:
        assert lake.digest(at("2026-01-15")) == early
        assert lake.digest(at("2026-02-15")) != late
    world.land("accounts", account("B", tenant="u"), now=at("2026-02-03"))

    with world.read() as lake:
        assert lake.digest(at("2026-01-15")) != early


def test_what_came_to_be_after_a_cut_leaves_its_digest(world: World) -> None:
    """Else each new customer, contact or first change of a tier would rebuild every snapshot of the past."""
    world.land("accounts", account("A", "2026-01-02", tenant="t", tier="Team"), now=at("2026-02-01"))
    world.land("usage_daily", usage("t", "2026-01-01", 1.0), now=at("2026-02-01"))
    with world.read() as lake:
        before = lake.digest(at("2026-01-15"))
    new = account("B", "2026-02-02", tenant="u", created_on=at("2026-02-02").date())
    world.pulled()
    world.land("accounts", new, now=at("2026-02-03"))
    change = {"identity": f"account:{'A':0<18}", "event_at": at("2026-02-02")}
    world.land("tiers", change | {"previous": "Team", "tier": "Business"}, now=at("2026-02-03"))

    with world.read() as lake:
        assert lake.digest(at("2026-01-15")) == before
        assert lake.digest(at("2026-02-15")) != before


def test_an_account_that_there_was_and_whose_rows_these_are_change_the_digest(world: World) -> None:
    world.land("accounts", account("A", "2026-01-02", tenant="t"), now=at("2026-02-01"))
    world.land("usage_daily", usage("u", "2026-01-01", 1.0), now=at("2026-02-01"))
    digests = []
    for row in (None, account("B", "2026-02-02"), account("C", "2026-02-02", tenant="u")):
        if row:
            world.land("accounts", row, now=at("2026-02-03"))
        with world.read() as lake:
            digests.append(lake.digest(at("2026-01-15")))

    assert len(set(digests)) == 3


def test_a_file_missing_from_the_lake_is_an_error_that_names_it(world: World) -> None:
    world.land("usage_daily", usage("t", "2026-01-01", 1.0))
    (file,) = (world.lake / "usage_daily").rglob("*.parquet")
    file.unlink()

    with pytest.raises(LakeError, match=file.name):
        world.read()


@pytest.mark.parametrize("fact", FACTS)
def test_every_fact_says_what_it_is_and_has_its_key_among_its_columns(fact: str) -> None:
    assert FACTS[fact].about.endswith(".")
    assert set(FACTS[fact].key) <= set(FACTS[fact].schema.names)


def test_however_long_a_query_takes_duckdb_draws_no_bar(world: World) -> None:
    """It would stand on stdout, where commands print JSON and nothing else."""
    with world.read() as lake:
        answer = lake._db.raw_sql("SELECT current_setting('enable_progress_bar')").fetchone()

    assert answer == (False,)
