"""SOQL: what is understood means what Salesforce means; the rest is refused."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.localorg import LocalOrg
from integrations.localorg.refusals import Refusal
from tests.integrations.localorg.conftest import Clock

NAMES = ["Acme", "acme gmbh", "100% Foods", "O'Neill", "back\\slash", None]


@pytest.fixture
def filled(org: LocalOrg, clock: Clock) -> LocalOrg:
    rows = [
        {
            "Name": name or "x",
            "Industry": name and "Banking",
            "NumberOfEmployees": number,
            "AnnualRevenue": None,
        }
        for number, name in enumerate(NAMES)
    ]
    org.load(
        "Account", rows, created_at=lambda row: clock() - timedelta(days=int(str(row["NumberOfEmployees"])))
    )
    return org


def names(org: LocalOrg, rest: str) -> list[object]:
    return [each["Name"] for each in org.query(" ".join(("SELECT Name FROM Account", rest)))]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("Name = 'ACME'", ["Acme"]),
        ("Name LIKE 'acme%'", ["Acme", "acme gmbh"]),
        ("Name LIKE '%\\%%'", ["100% Foods"]),
        ("Name LIKE '%\\\\%'", ["back\\slash"]),
        ("Name LIKE 'a_me'", ["Acme"]),
        ("Name = 'O\\'Neill'", ["O'Neill"]),
        ("Name = 'back\\\\slash'", ["back\\slash"]),
        ("Industry = null", ["x"]),
        ("Industry != 'Energy'", ["Acme", "acme gmbh", "100% Foods", "O'Neill", "back\\slash", "x"]),
        ("Industry NOT IN ('Banking')", ["x"]),
        ("NOT Industry = 'Banking'", ["x"]),
        ("NOT AnnualRevenue > 5", ["Acme", "acme gmbh", "100% Foods", "O'Neill", "back\\slash", "x"]),
        ("NumberOfEmployees IN (0, 2)", ["Acme", "100% Foods"]),
        ("(NumberOfEmployees < 1 OR NumberOfEmployees >= 5) AND IsDeleted = false", ["Acme", "x"]),
        ("CreatedDate = LAST_N_DAYS:2", ["Acme", "acme gmbh", "100% Foods"]),
        ("CreatedDate = TODAY", ["Acme"]),
        ("CreatedDate < YESTERDAY", ["100% Foods", "O'Neill", "back\\slash", "x"]),
        ("CreatedDate >= 2026-03-01T09:00:00Z", ["Acme", "acme gmbh"]),
        ("CreatedDate >= 2026-03-01T10:00:00+01:00", ["Acme", "acme gmbh"]),
        ("Owner.Name LIKE 'Org%' AND NumberOfEmployees = 0", ["Acme"]),
        ("Id IN (SELECT AccountId FROM Contact)", []),
    ],
)
def test_a_filter_finds(filled: LocalOrg, where: str, found: list[str]) -> None:
    assert names(filled, f"WHERE {where} ORDER BY NumberOfEmployees") == found


@pytest.mark.parametrize(
    ("soql", "code"),
    [
        ("SELECT Id FROM Account WHERE Name = 'a' AND Name = 'b' OR Name = 'c'", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE Name = 'a' OR 1 = 1", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account; DROP TABLE Account", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE Name = 'a\\q'", "MALFORMED_QUERY"),
        ("SELECT * FROM Account", "MALFORMED_QUERY"),
        ("SELECT Id, Id FROM Account", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account LIMIT x", "MALFORMED_QUERY"),
        ("SELECT Name, COUNT(Id) FROM Account", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE Name = 5", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE CreatedDate > '2026-01-01'", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE CreatedDate > 2026-01-01", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE Description = 'x'", "INVALID_FIELD"),
        ("SELECT Id FROM Account ORDER BY Description", "INVALID_FIELD"),
        ("SELECT Nobody.Name FROM Account", "INVALID_FIELD"),
        ("SELECT Id FROM sqlite_master", "INVALID_TYPE"),
        ("SELECT Id FROM write_log", "INVALID_TYPE"),
        ("SELECT Id FROM Account WHERE OwnerId = 'nonsense'", "INVALID_QUERY_FILTER_OPERATOR"),
        ("SELECT Id FROM Account OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE"),
    ],
)
def test_what_is_not_understood_is_refused(org: LocalOrg, soql: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        org.query(soql)
    assert refused.value.code == code


LITERALS = st.sampled_from(["'Acme'", "'acme gmbh'", "'zzz'", "null"])
SIMPLE = st.one_of(
    st.builds("Name {} {}".format, st.sampled_from(["=", "!=", "<", ">="]), LITERALS),
    st.builds("Industry {} ('Banking', null)".format, st.sampled_from(["IN", "NOT IN"])),
    st.builds("NumberOfEmployees {} {}".format, st.sampled_from(["=", "!=", "<=", ">"]), st.integers(-1, 6)),
    st.builds("AnnualRevenue {} 5".format, st.sampled_from(["<", ">", "=", "!="])),
    st.just("CreatedDate = LAST_N_DAYS:3"),
    st.just("Name LIKE '%m%'"),
)
CONDITIONS = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(
        st.builds("({} AND {})".format, inner, inner),
        st.builds("({} OR {})".format, inner, inner),
        st.builds("(NOT {})".format, inner),
    ),
    max_leaves=6,
)


@given(condition=CONDITIONS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_condition_and_its_negation_split_the_records(filled: LocalOrg, condition: str) -> None:
    """SOQL has two truth values: no record falls between."""
    inside, outside = names(filled, f"WHERE {condition}"), names(filled, f"WHERE NOT ({condition})")
    assert sorted(map(str, inside + outside)) == sorted(str(name or "x") for name in NAMES)


def test_nulls_sort_first_unless_told_otherwise(filled: LocalOrg) -> None:
    assert names(filled, "ORDER BY Industry, Name")[0] == "x"
    assert names(filled, "ORDER BY Industry DESC, Name")[0] == "x"
    assert names(filled, "ORDER BY Industry NULLS LAST, Name")[-1] == "x"


def test_groups_are_counted(filled: LocalOrg) -> None:
    found = filled.query(
        "SELECT Industry, COUNT(Id), MAX(NumberOfEmployees) most FROM Account GROUP BY Industry"
    )
    plain = [{name: value for name, value in each.items() if name != "attributes"} for each in found]
    assert plain == [
        {"Industry": None, "expr0": 1, "most": 5},
        {"Industry": "Banking", "expr0": 5, "most": 4},
    ]


def test_keyset_paging_meets_every_record_once(filled: LocalOrg) -> None:
    seen: list[object] = []
    after = "SystemModstamp > 2000-01-01T00:00:00Z"
    query = "SELECT Id, SystemModstamp FROM Account WHERE {} ORDER BY SystemModstamp, Id LIMIT 2"
    while page := filled.query(query.format(after)):
        seen += [each["Id"] for each in page]
        at, last = page[-1]["SystemModstamp"], page[-1]["Id"]
        after = f"(SystemModstamp > {at} OR (SystemModstamp = {at} AND Id > '{last}'))"
    assert len(seen) == len(set(seen)) == len(NAMES)
