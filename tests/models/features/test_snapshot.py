"""Every feature against hand-made customers: its value, and that nothing is known too early."""

import math
from collections.abc import Callable
from dataclasses import fields
from datetime import date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import TableError
from models.features.catalogue import Catalogue
from models.features.snapshot import build, queries
from models.tables import Facts, Snapshot
from tests.models.features.examples import CATALOGUE, FACTS, LATER, VALUES, Value
from tests.models.features.facts import CUT, Rows, account, ago, both, make_facts

MONTH_LATER = CUT + timedelta(days=28)
OF_THE_RECORD = {"account_age_days", "region", "segment"}
"""Features of the account's one row, to which later facts cannot add a second."""

every_feature = pytest.mark.parametrize("name", CATALOGUE.names)


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    return build(make_facts(FACTS), CUT, CATALOGUE)


@pytest.fixture(scope="module")
def snapshot_with_later_facts() -> Snapshot:
    return build(make_facts(both(FACTS, LATER)), CUT, CATALOGUE)


@pytest.fixture(scope="module")
def a_month_later() -> tuple[Snapshot, Snapshot]:
    """Without and with the later facts."""
    quiet, full = make_facts(FACTS), make_facts(both(FACTS, LATER))
    return build(quiet, MONTH_LATER, CATALOGUE), build(full, MONTH_LATER, CATALOGUE)


def same(one: object, other: object) -> bool:
    return one == other or (_missing(one) and _missing(other))


def _missing(value: object) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def test_every_feature_has_an_example() -> None:
    assert set(VALUES) == set(CATALOGUE.names)


@every_feature
def test_feature_has_its_value(snapshot: Snapshot, name: str) -> None:
    """Missing stays missing (B), a measured zero is zero (C)."""
    for account_id, expected in zip("ABC", VALUES[name], strict=True):
        value = snapshot.frame.loc[account_id, name]
        assert _agrees(value, expected), f"{account_id}: {value}, not {expected}"


def _agrees(value: object, expected: Value) -> bool:
    if isinstance(expected, str) or expected is None:
        return same(value, expected)
    return value == pytest.approx(expected, rel=1e-5)


@every_feature
def test_facts_after_the_cut_change_nothing(
    snapshot: Snapshot, snapshot_with_later_facts: Snapshot, name: str
) -> None:
    before, after = snapshot.frame[name], snapshot_with_later_facts.frame[name]

    assert list(before.index) == list(after.index)
    assert all(map(same, before, after))


@every_feature
def test_the_same_facts_count_once_the_cut_is_behind_them(
    a_month_later: tuple[Snapshot, Snapshot], name: str
) -> None:
    """So the later facts would be seen if they leaked."""
    without, with_them = (s.frame.loc[["A", "B", "C"], name] for s in a_month_later)

    assert all(map(same, without, with_them)) == (name in OF_THE_RECORD)


def test_facts_after_the_cut_leave_the_digest(
    snapshot: Snapshot, snapshot_with_later_facts: Snapshot
) -> None:
    assert snapshot.digest == snapshot_with_later_facts.digest


def test_an_account_created_after_the_cut_is_not_in_the_snapshot(
    a_month_later: tuple[Snapshot, Snapshot], snapshot_with_later_facts: Snapshot
) -> None:
    assert list(snapshot_with_later_facts.frame.index) == ["A", "B", "C"]
    assert list(a_month_later[1].frame.index) == ["A", "B", "C", "D"]


@pytest.mark.parametrize(
    ("at", "counted"),
    [
        (CUT, 0),
        (CUT - timedelta(seconds=1), 1),
        (CUT - timedelta(days=28), 1),
        (CUT - timedelta(days=28, seconds=1), 0),
    ],
)
def test_a_window_holds_its_start_but_not_the_cut(at: datetime, counted: int) -> None:
    mail = {"account_id": "A", "message_key": "k", "direction": "in", "event_at": at}
    old = {**mail, "message_key": "old", "event_at": ago(900)}
    facts = make_facts({"accounts": [account("A")], "emails": [mail, old]})

    email = Catalogue(CATALOGUE.families["email"])

    assert build(facts, CUT, email).frame.loc["A", "emails_in_28d"] == counted


@pytest.mark.parametrize(("hours", "known"), [(1.5, 1.5), (100.0, None)])
def test_an_answer_of_ours_that_came_after_the_cut_is_not_known_yet(
    hours: float, known: float | None
) -> None:
    ticket = {"activity_id": "t", "event_at": CUT - timedelta(hours=2), "kind": "ticket", "value": hours}
    facts = make_facts({"accounts": [account("A")], "activity": [{"account_id": "A", **ticket}]})

    row = build(facts, CUT, Catalogue(CATALOGUE.families["experience"])).frame.loc["A"]

    for name in ("ticket_first_response_hours_90d", "ticket_slowest_response_hours_90d"):
        assert same(row[name], known)


def test_tables_without_rows_give_missing_values_only() -> None:
    """A source that is not there was not asked; none of its features is zero."""
    frame = build(make_facts({"accounts": [account("A")]}), CUT, CATALOGUE).frame

    assert list(frame.columns[frame.notna().all()]) == ["account_age_days"]


def test_no_accounts_give_an_empty_snapshot() -> None:
    frame = build(make_facts({}), CUT, CATALOGUE).frame

    assert frame.shape == (0, len(CATALOGUE))


def test_rows_of_unknown_accounts_are_left_out(snapshot: Snapshot) -> None:
    strangers = {
        name: [{**row, "account_id": "Z"} for row in rows]
        for name, rows in FACTS.items()
        if name != "accounts"
    }

    assert build(make_facts(both(FACTS, strangers)), CUT, CATALOGUE).digest == snapshot.digest


def test_two_rows_of_one_account_are_refused() -> None:
    facts = make_facts({"accounts": [account("A"), account("A")]})

    with pytest.raises(TableError, match="two rows for A"):
        build(facts, CUT, CATALOGUE)


def test_columns_have_the_order_and_the_types_of_the_catalogue(snapshot: Snapshot) -> None:
    assert tuple(snapshot.frame.columns) == CATALOGUE.names
    for feature in CATALOGUE:
        expected = object if feature.kind == "category" else np.float64
        assert snapshot.frame[feature.name].dtype == expected


def test_the_digest_does_not_depend_on_the_order_of_rows(snapshot: Snapshot) -> None:
    backwards: Rows = {name: list(reversed(rows)) for name, rows in FACTS.items()}

    assert build(make_facts(backwards), CUT, CATALOGUE).digest == snapshot.digest


def test_the_digest_depends_on_values_and_on_the_instant(snapshot: Snapshot) -> None:
    changed = {**FACTS, "contacts": FACTS["contacts"][:-1]}

    assert build(make_facts(changed), CUT, CATALOGUE).digest != snapshot.digest
    assert build(make_facts(FACTS), CUT + timedelta(seconds=1), CATALOGUE).digest != snapshot.digest


@pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning")  # Ibis's own call to DuckDB
def test_files_read_by_an_engine_of_their_own_give_the_same_snapshot(
    snapshot: Snapshot, tmp_path: Path
) -> None:
    memory, engine, tables = make_facts(FACTS), ibis.duckdb.connect(), {}
    for field in fields(Facts):
        path = tmp_path / f"{field.name}.parquet"
        pq.write_table(getattr(memory, field.name).to_pyarrow(), path)
        tables[field.name] = engine.read_parquet(path)

    assert build(Facts(**tables), CUT, CATALOGUE).digest == snapshot.digest


def test_expectations_hold_from_one_day_to_the_next(snapshot: Snapshot) -> None:
    tomorrow = build(make_facts(FACTS), CUT + timedelta(days=1), CATALOGUE)

    for feature in CATALOGUE:
        if feature.expect:
            pair = pd.DataFrame({"before": snapshot.frame[feature.name], "now": tomorrow.frame[feature.name]})
            known = pair.dropna()
            assert feature.expect.holds(known["before"].to_numpy(), known["now"].to_numpy(), 1.0).all(), (
                feature
            )


NOT_PORTABLE = (ops.First, ops.Last, ops.Mode, ops.Sample, ops.ScalarUDF, ops.AggUDF)


def not_portable(query: ir.Table) -> list[str]:
    """The operations that Spark lacks through Ibis, and functions of our own."""
    joins = [link for link in query.op().find(ops.JoinLink) if link.how == "asof"]
    return [type(found).__name__ for found in (*query.op().find(NOT_PORTABLE), *joins)]


def test_expressions_keep_to_what_every_engine_has() -> None:
    for query in queries(make_facts(FACTS), CUT, CATALOGUE):
        assert not not_portable(query)


@pytest.mark.parametrize(
    ("lacking", "operation"),
    [
        (lambda t: t.asof_join(t.view(), "event_at", "account_id"), "JoinLink"),
        (lambda t: t.group_by("account_id").agg(x=t.tier.first(order_by="event_at")), "First"),
        (lambda t: t.group_by("account_id").agg(x=t.tier.mode()), "Mode"),
        (lambda t: t.sample(0.5, seed=1), "Sample"),
    ],
)
def test_what_spark_lacks_would_be_found(lacking: Callable[[ir.Table], ir.Table], operation: str) -> None:
    assert operation in not_portable(lacking(make_facts(FACTS).tiers))


def test_expressions_compile_for_spark(monkeypatch: pytest.MonkeyPatch) -> None:
    options = SimpleNamespace(
        pyspark=SimpleNamespace(treat_nan_as_null=False)
    )  # made by pyspark if installed
    monkeypatch.setattr("ibis.backends.sql.compilers.pyspark.options", options)

    for query in queries(make_facts(FACTS), CUT, CATALOGUE):
        assert "SELECT" in ibis.to_sql(query, dialect="pyspark")


@settings(max_examples=4, deadline=None)
@given(
    later=st.lists(
        st.tuples(st.floats(0, 400), st.floats(-1e6, 1e6), st.sampled_from("ABC")), min_size=1, max_size=5
    )
)
def test_whatever_happens_later_the_past_stays(
    snapshot: Snapshot, later: list[tuple[float, float, str]]
) -> None:
    happened = {
        "usage_daily": [
            {"account_id": who, "day": _day(days), "technology": "docker", "events": value, "users": value}
            for days, value, who in later
        ],
        "activity": [
            {"account_id": who, "event_at": CUT + timedelta(days=days), "kind": "ticket", "value": value}
            for days, value, who in later
        ],
        "firmographics": [
            {"account_id": who, "event_at": CUT + timedelta(days=days), "employees": value}
            for days, value, who in later
        ],
    }

    assert build(make_facts(both(FACTS, happened)), CUT, CATALOGUE).digest == snapshot.digest


def _day(days: float) -> date:
    return CUT.date() + timedelta(days=int(days))


def test_the_order_in_which_numbers_are_added_leaves_no_trace() -> None:
    """The last bits of a sum are not data: what is kept is what the trees read."""
    thirds = [{**row, "events": row["events"] / 3} for row in FACTS["usage_daily"]]
    usage = Catalogue(CATALOGUE.families["usage trend"])

    one = build(make_facts({**FACTS, "usage_daily": thirds}), CUT, usage)
    other = build(make_facts({**FACTS, "usage_daily": thirds[::-1]}), CUT, usage)

    assert one.digest == other.digest
