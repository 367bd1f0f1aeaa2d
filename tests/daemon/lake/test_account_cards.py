"""What the CRM held last of an account."""

from daemon.lake.account_cards import account_cards
from tests.daemon.lake.conftest import World, account, at


def test_the_newest_version_of_an_account_counts_in_whatever_order_it_landed(world: World) -> None:
    world.land("accounts", account("A", "2026-02-02", tier="Team", owner_id="U2"))
    world.land("accounts", account("A", "2026-02-01", tier="Free", owner_id="U1"))

    (card,) = account_cards(world.engine, world.lake).values()

    assert (card.name, card.tier, card.owner_id) == ("A", "Team", "U2")


def test_an_account_that_is_gone_says_where_it_went(world: World) -> None:
    gone = {"deleted": True, "merged_into": f"{'B':0<18}", "known_at": at("2026-02-03")}
    world.land("accounts", account("A", "2026-02-03", **gone), account("B"))

    cards = account_cards(world.engine, world.lake)

    assert cards[f"{'A':0<18}"].merged_into == f"{'B':0<18}"
    assert not cards[f"{'B':0<18}"].deleted


def test_before_the_first_pull_there_is_none(world: World) -> None:
    assert account_cards(world.engine, world.lake) == {}
