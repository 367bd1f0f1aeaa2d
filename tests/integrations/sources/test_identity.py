"""Identities come out alike, however they were written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from simple_salesforce.format import quote_soql_value

from integrations.errors import SetupError
from integrations.sources.identity import Pseudonyms, domain_of, identities_of, record_id
from integrations.sources.soql import literal, name
from integrations.sources.values import BadValue, clean, truth_of


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("acme.example", "acme.example"),
        (" https://www.ACME.example:8443/shop?x=1#y ", "acme.example"),
        ("acme.example./about", "acme.example"),
        ("http://user:pass@www.acme.example/", "acme.example"),
        ("pat@acme.example", "acme.example"),
        ("www.Müller.example", "xn--mller-kva.example"),
        ("xn--mller-kva.example", "xn--mller-kva.example"),
        ("localhost", None),
        ("", None),
        ("10.0.0.1", None),
        ("http://[::1", None),
        ("not a domain.example", None),
        ("a..example", None),
        ("-a.example", None),
    ],
)
def test_domains_are_written_alike(text: str, domain: str | None) -> None:
    assert domain_of(text) == domain


@given(st.text(max_size=40))
def test_any_text_gives_a_domain_or_none_and_the_same_again(text: str) -> None:
    domain = domain_of(text)

    assert domain is None or domain_of(domain) == domain


def test_record_ids_get_their_three_letters() -> None:
    assert record_id("0015g00000abcDE") == "0015g00000abcDEAAY"
    assert record_id("0015g00000abcDEAAY") == "0015g00000abcDEAAY"
    with pytest.raises(BadValue):
        record_id("0015g'00000abcDE")


def test_the_second_identity_is_the_fallback_and_stands_in() -> None:
    assert identities_of([("tenant", "t"), ("domain", "a.example")]) == ("tenant:t", "domain:a.example")
    assert identities_of([("tenant", None), ("domain", "a.example")]) == ("domain:a.example", None)
    assert identities_of([("domain", "?"), ("tenant", 7)]) == ("tenant:7", None)
    with pytest.raises(BadValue, match="domain is not a domain"):
        identities_of([("tenant", " "), ("domain", "?")])


def test_addresses_are_one_name_whatever_their_case_and_another_under_another_key() -> None:
    ours, theirs = Pseudonyms(b"a"), Pseudonyms(b"b")

    assert ours.address(" Pat@Acme.Example") == ours.address("pat@acme.example")
    assert ours.address("pat@acme.example") != theirs.address("pat@acme.example")
    assert ours.message("<1@x>") == ours.message("1@x") != ours.address("1@x")
    assert repr(ours) == "Pseudonyms()"


@given(st.text(max_size=40))
def test_texts_in_soql_are_quoted_as_simple_salesforce_quotes_them(text: str) -> None:
    """An independent formatter; ours escapes the characters that it does."""
    assert literal(text) == quote_soql_value(text)


@pytest.mark.parametrize("text", ["Name", "Owner.Name", "Tier__c", "Parent__r.Tier__c"])
def test_names_of_fields_are_taken(text: str) -> None:
    assert name(text) == text


@pytest.mark.parametrize("text", ["", "Name FROM User", "Name--", "1st", "a.", "x'y", "(SELECT Id"])
def test_what_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(SetupError):
        name(text)


@pytest.mark.parametrize("text", ["true", "Yes", "1", " JA ", "x", "listed"])
def test_yes_in_several_spellings(text: str) -> None:
    assert truth_of(text) is True


@pytest.mark.parametrize("text", ["false", "No", "0", "nein", "Private"])
def test_no_in_several_spellings(text: str) -> None:
    assert truth_of(text) is False


def test_a_gap_is_neither() -> None:
    assert truth_of("") is truth_of(None) is truth_of("n/a") is None
    with pytest.raises(BadValue):
        truth_of("maybe")


@given(st.text())
def test_cleaned_text_stays_as_it_is(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert "\x00" not in clean(text)
