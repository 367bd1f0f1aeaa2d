"""The CRM sources against a real HTTPS org, by an unchanged simple-salesforce."""

import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from integrations.interfaces import Batch, Watermark
from integrations.localorg import LocalOrg, serving
from integrations.localorg.instants import wire
from integrations.localorg.permissions import access_of
from integrations.localorg.records import Writer, delete, update
from integrations.sources.crm_feedback import CrmFeedback, FeedbackSettings
from integrations.sources.crm_records import CrmRecords, CrmSettings
from integrations.sources.identity import Pseudonyms
from tests.integrations.sources.orgs import Clock, OverHttps, admin_of

KEY = b"secret"
CREATED = datetime(2025, 6, 1, tzinfo=UTC)


class Org:
    """An org that is served, and what people do in it."""

    def __init__(self, org: LocalOrg, client: OverHttps, clock: Clock) -> None:
        self.org, self.client, self.clock = org, client, clock
        self.rep = org.user_id("rosa@northwind-tools.example")

    def load(self, name: str, **values: object) -> str:
        (record,) = self.org.load(name, [values], created_at=lambda _: CREATED)
        return record

    def set(self, account: str, by: str | None = None, **values: object) -> None:
        """Change an account as a user would, now."""
        user = by or self.rep
        writer = Writer(self.org.store, access_of(self.org.store, user), wire(self.clock()), "test")
        with self.org.store.transaction():
            update(writer, self.org.store.objects["Account"], account, values)

    def records(self, since: Watermark = Watermark(), **settings: Any) -> list[Batch]:  # noqa: B008 - frozen
        self.client.log_in()
        return list(CrmRecords(CrmSettings("crm", KEY, **settings), self.client).pull(since))

    def said(self, since: Watermark = Watermark(), **settings: Any) -> list[Batch]:  # noqa: B008 - frozen
        self.client.log_in()
        source = FeedbackSettings("feedback", **{"lag": timedelta(0)} | settings)
        return list(CrmFeedback(source, self.client).pull(since))


@pytest.fixture
def org(org_template: Path, tmp_path: Path) -> Iterator[Org]:
    shutil.copytree(org_template, tmp_path / "org")
    clock = Clock()
    opened = LocalOrg.open(tmp_path / "org", now=clock)
    with serving(opened) as address:
        client = OverHttps(address, admin_of(opened))
        yield Org(opened, client, clock)
        client.session.close()
    opened.close()


def rows(batches: list[Batch], fact: str) -> list[dict[str, Any]]:
    return [row for batch in batches if batch.fact == fact for row in batch.rows.to_pylist()]


def test_an_account_with_all_it_has(org: Org) -> None:
    account = org.load(
        "Account", Name="O'Neil & <b>Søns</b> 🚀", BillingCountry="de", Region__c="EMEA", Tenant_Id__c="t-1",
        Segment__c="Enterprise", Industry="Banking", Tier__c="Team", Website="https://www.oneil.example/x",
    )  # fmt: skip

    (row,) = rows(org.records(), "accounts")

    assert row == {
        "identity": f"account:{account}", "fallback_identity": None, "event_at": CREATED, "known_at": None,
        "account_id": account, "name": "O'Neil & <b>Søns</b> 🚀", "country": "DE", "region": "EMEA",
        "segment": "Enterprise", "industry": "Banking", "tier": "Team", "owner_id": row["owner_id"],
        "tenant": "t-1", "domain": "oneil.example", "created_on": CREATED.date(), "deleted": False,
        "merged_into": None,
    }  # fmt: skip
    assert row["owner_id"].startswith("005")


def test_a_customer_may_be_older_than_its_record(org: Org) -> None:
    """A migrated CRM says that every account was created on the day of the migration."""
    known = org.load("Account", Name="Old", Customer_Since__c="2019-04-01")
    unknown = org.load("Account", Name="New")

    found = rows(org.records(account_fields={"created_on": "Customer_Since__c"}), "accounts")

    assert {row["account_id"]: row["created_on"] for row in found} == {
        known: date(2019, 4, 1),
        unknown: CREATED.date(),
    }


def test_a_country_that_is_no_code_is_mapped_or_null(org: Org) -> None:
    org.load("Account", Name="A", BillingCountry="Deutschland")

    assert rows(org.records(), "accounts")[0]["country"] is None
    assert rows(org.records(country_codes={"Deutschland": "DE"}), "accounts")[0]["country"] == "DE"


def test_contacts_carry_the_name_of_their_address_and_cases_their_end(org: Org) -> None:
    account = org.load("Account", Name="A")
    contact = org.load("Contact", LastName="Pat", Email="Pat@Acme.example", Title="CTO", AccountId=account)
    closed = CREATED + timedelta(days=2)
    org.load("Case", AccountId=account, Priority="High", Status="Closed", ClosedDate=closed)

    batches = org.records()

    (person,) = rows(batches, "contacts")
    assert person["identity"] == f"account:{account}"
    assert (person["contact_id"], person["role"]) == (contact, "CTO")
    assert person["address_hmac"] == Pseudonyms(KEY).address("pat@acme.example")
    assert [(row["priority"], row["closed_at"]) for row in rows(batches, "cases")] == [("High", closed)]


def test_a_merge_is_seen_as_a_deletion_that_names_the_one_that_remains(org: Org) -> None:
    winner, loser = org.load("Account", Name="Winner"), org.load("Account", Name="Loser")
    contact = org.load("Contact", LastName="Pat", AccountId=loser)
    before = org.records()
    org.clock.move(hours=1)
    org.org.merge("Account", winner, loser)

    after = org.records(before[-1].watermark)

    gone = {row["account_id"]: (row["deleted"], row["merged_into"]) for row in rows(after, "accounts")}
    assert gone[loser] == (True, winner)
    assert gone.get(winner, (False, None)) == (False, None)
    assert [(row["contact_id"], row["account_id"]) for row in rows(after, "contacts")] == [(contact, winner)]


def test_a_deleted_contact_belongs_to_nobody(org: Org) -> None:
    contact = org.load(
        "Contact", LastName="Pat", Email="p@a.example", AccountId=org.load("Account", Name="A")
    )
    before = org.records()
    org.clock.move(hours=1)
    with org.org.store.transaction():
        delete(org.org.writer(), org.org.store.objects["Contact"], contact)

    (row,) = rows(org.records(before[-1].watermark), "contacts")

    assert (row["identity"], row["account_id"]) == (f"nobody:{contact}", None)


def test_changes_of_the_tier_come_from_its_history(org: Org) -> None:
    account = org.load("Account", Name="A", Tier__c="Free")
    for tier in ("Team", "Business"):
        org.clock.move(days=1)
        org.set(account, Tier__c=tier, Region__c="EMEA")
    start = Clock()().replace(microsecond=0)

    assert [(row["event_at"], row["previous"], row["tier"]) for row in rows(org.records(), "tiers")] == [
        (start + timedelta(days=1), "Free", "Team"),
        (start + timedelta(days=2), "Team", "Business"),
    ]


def test_only_what_changed_is_asked_for_again(org: Org) -> None:
    first = org.load("Account", Name="A")
    org.set(org.load("Account", Name="B"), Region__c="EMEA")
    before = org.records()
    org.clock.move(hours=1)
    org.set(first, Region__c="EMEA")

    after = org.records(before[-1].watermark)

    assert [row["account_id"] for row in rows(after, "accounts")] == [first]
    assert org.records(after[-1].watermark) == []


def test_the_rating_that_was_shown_is_told_in_our_words(org: Org) -> None:
    """Else feedback on a rating would be lost wherever an admin has words of their own."""
    account = org.load("Account", Name="A", Maturity_Rating__c="High")
    org.set(account, Maturity_Feedback__c="Rating right")
    org.clock.move(minutes=1)

    (row,) = rows(org.said(ratings={"High": "medium"}), "feedback")

    assert row["shown_rating"] == "medium"


def test_feedback_says_who_when_and_what_was_shown(org: Org) -> None:
    account = org.load("Account", Name="A", Maturity_Rating__c="Low", Maturity_Score__c=31.5)
    org.set(account, Maturity_Feedback__c="Rating too low", Maturity_Feedback_Note__c="they run 3 sites")
    at = org.clock()
    org.clock.move(minutes=1)

    (row,) = rows(org.said(), "feedback")

    assert row == {
        "event_id": row["event_id"], "account_id": account, "value": "Rating too low",
        "note": "they run 3 sites", "by": org.rep, "at": at, "shown_rating": "Low", "shown_score": 31.5,
    }  # fmt: skip


def test_a_rating_pushed_after_the_feedback_is_not_what_was_shown(org: Org) -> None:
    account = org.load("Account", Name="A", Maturity_Rating__c="Low", Maturity_Score__c=31.5)
    org.set(account, Maturity_Feedback__c="Rating too low")
    first = rows(org.said(), "feedback")
    org.clock.move(minutes=30)
    org.set(account, by=org.org.admin_id, Maturity_Rating__c="Medium", Maturity_Score__c=50.0)

    (row,) = rows(org.said(), "feedback")

    assert (row["shown_rating"], row["shown_score"], row["by"]) == ("Low", None, org.rep)
    assert row["event_id"] == first[0]["event_id"]


def test_every_value_is_an_event_and_clearing_is_none(org: Org) -> None:
    account = org.load("Account", Name="A")
    for value in ("Not now", None, "Won"):
        org.clock.move(minutes=1)
        org.set(account, Maturity_Feedback__c=value)

    found = rows(org.said(), "feedback")

    assert [row["value"] for row in found] == ["Not now", "Won"]
    assert len({row["event_id"] for row in found}) == 2


def test_what_is_cleared_before_it_was_ever_read_is_heard_all_the_same(org: Org) -> None:
    account = org.load("Account", Name="A", Maturity_Feedback__c="Won")
    before = org.said()
    org.clock.move(hours=1)
    org.set(account, Maturity_Feedback__c="Not now", Expert_Maturity__c="High")
    said_at = org.clock()
    org.clock.move(hours=2)
    org.set(account, by=org.org.admin_id, Maturity_Feedback__c=None, Expert_Maturity__c=None)
    org.clock.move(hours=1)

    after = org.said(before[-1].watermark)

    ((value, by, at),) = ((row["value"], row["by"], row["at"]) for row in rows(after, "feedback"))
    assert (value, by, at) == ("Not now", org.rep, said_at)
    assert [(row["level"], row["by"]) for row in rows(after, "expert_ratings")] == [("High", org.rep)]


def test_the_same_value_again_is_a_new_event(org: Org) -> None:
    account = org.load("Account", Name="A")
    for value in ("Not now", None, "Not now"):
        org.clock.move(minutes=1)
        org.set(account, Maturity_Feedback__c=value)

    assert len({row["event_id"] for row in rows(org.said(), "feedback")}) == 2


def test_without_history_the_value_counts_once_whatever_is_pushed(org: Org) -> None:
    account = org.load("Account", Name="A", Maturity_Feedback__c="Won")
    (first,) = rows(org.said(), "feedback")
    org.clock.move(hours=1)
    org.set(account, by=org.org.admin_id, Maturity_Score__c=50.0)

    (again,) = rows(org.said(), "feedback")

    assert again["event_id"] == first["event_id"]
    assert (first["value"], first["at"]) == ("Won", CREATED)


def test_expert_ratings_come_with_their_history(org: Org) -> None:
    account = org.load("Account", Name="A", Expert_Maturity__c="Low")
    org.set(account, Expert_Maturity__c="High")

    (row,) = rows(org.said(), "expert_ratings")

    assert (row["level"], row["by"], row["at"]) == ("High", org.rep, org.clock())


def test_what_is_younger_than_the_lag_waits_and_is_not_lost(org: Org) -> None:
    org.set(org.load("Account", Name="Old"), Maturity_Feedback__c="Won")
    org.clock.move(minutes=30)
    org.set(org.load("Account", Name="Young"), Maturity_Feedback__c="Not now")
    first = org.said(lag=timedelta(minutes=10))
    org.clock.move(minutes=30)

    assert [row["value"] for row in rows(first, "feedback")] == ["Won"]
    rest = org.said(first[-1].watermark, lag=timedelta(minutes=10))
    assert [row["value"] for row in rows(rest, "feedback")] == ["Not now"]
