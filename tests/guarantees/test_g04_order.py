"""G4 holds on an honest day, and its checker sees an old request that lands after a newer one."""

from tests.guarantees import g04_order
from tests.guarantees.conftest import Tampered
from tests.guarantees.evidence import GEN


def test_on_an_honest_day_generations_only_rise(tampered: Tampered) -> None:
    assert g04_order.check(tampered.evidence) == []


def test_an_older_generation_after_a_newer_one_is_found(tampered: Tampered) -> None:
    newest = [each for each in tampered.log if GEN["Account"] in each.after][-1]
    tampered.land(newest, Maturity_Gen__c=1)

    (back,) = g04_order.check(tampered.evidence)
    assert back.startswith(f"Account {newest.record_id} went back from generation")
