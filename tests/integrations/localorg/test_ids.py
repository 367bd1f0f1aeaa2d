"""Ids and their checksums."""

from hypothesis import given
from hypothesis import strategies as st

from integrations.localorg.ids import full_id, new_id, with_checksum

NUMBERS = st.integers(min_value=0, max_value=62**9 - 1)


def test_the_checksum_is_the_recorded_one() -> None:
    for recorded in ("a00B000000FSkcvIAD", "001B000001LntWlIAJ", "005B0000008UC2PIAW", "0017Q00000EZlbyQAD"):
        assert with_checksum(recorded[:15]) == recorded


@given(NUMBERS)
def test_the_short_form_and_the_long_form_are_one_id(number: int) -> None:
    made = new_id("001", number)
    assert full_id(made) == full_id(made[:15]) == made


@given(NUMBERS)
def test_an_id_that_lost_its_case_is_the_same_id(number: int) -> None:
    made = new_id("001", number)
    assert full_id(made.upper()) == full_id(made.lower()) == made


@given(NUMBERS, NUMBERS)
def test_two_records_never_share_an_id(left: int, right: int) -> None:
    assert (new_id("001", left) == new_id("001", right)) == (left == right)


def test_what_is_no_id_is_none() -> None:
    assert [full_id(text) for text in ("", "001", "001Lo000000000'", "001B000001LntWlIAK", "é" * 15)] == [
        None
    ] * 5
