"""A fleet that is worked on in pieces: what each account gets is what it would get at once."""

from dataclasses import replace

import numpy as np
import pytest

from models.forecast import (
    Backtest,
    ForecastModel,
    Forecasts,
    ForecastSettings,
    UsagePanel,
    backtest,
    contest,
    fit,
    forecast,
)
from models.forecast.pieces import by_row, pieces, sample_first, sampled
from tests.models.forecast.worlds import of, steady

ACCOUNTS, DAYS = 60, 200


@pytest.fixture(scope="module")
def fleet() -> UsagePanel:
    """Of every kind: not measured, stopped, odd, young, used in bursts; and a day that is mostly missing."""
    values = steady(ACCOUNTS, DAYS, seed=4).values
    values[::9] = np.nan
    values[1, -20:] = 0
    values[2, -9] *= 6
    values[3, -14:] *= 3
    values[4, :-40] = np.nan
    values[5] *= np.arange(DAYS) % 9 == 0
    values[:, -6] *= 0.2
    return of(values)


@pytest.fixture(scope="module")
def breadths(fleet: UsagePanel) -> dict[str, UsagePanel]:
    """Users who stay as many, whatever happens."""
    return {"users": replace(fleet, values=np.full_like(fleet.values, 9))}


@pytest.fixture
def budget(settings: ForecastSettings) -> ForecastSettings:
    return settings.without_slow()


def cut(monkeypatch: pytest.MonkeyPatch, piece: int, sample: int) -> None:
    monkeypatch.setattr("models.forecast.pieces.PIECE", piece)
    monkeypatch.setattr("models.forecast.pieces.SAMPLE", sample)


@pytest.mark.parametrize("sample", [ACCOUNTS, 30])
def test_the_size_of_the_pieces_changes_nothing(
    fleet: UsagePanel,
    breadths: dict[str, UsagePanel],
    budget: ForecastSettings,
    monkeypatch: pytest.MonkeyPatch,
    sample: int,
) -> None:
    def said(piece: int) -> tuple[Backtest, Forecasts]:
        cut(monkeypatch, piece, sample)
        model = fit(fleet, budget, seed=1)
        lessons = backtest(model, fleet, budget, seed=1, timer=lambda: 0.0)
        return lessons, forecast(model, fleet, lessons, budget, breadths)

    lessons, found = said(7)
    lessons_at_once, at_once = said(ACCOUNTS)

    assert lessons.chosen == lessons_at_once.chosen
    assert lessons.evaluation == lessons_at_once.evaluation
    np.testing.assert_allclose(lessons.widths, lessons_at_once.widths, rtol=1e-5)
    assert found.incidents == at_once.incidents != ()
    assert {each.kind for one in found.accounts for each in one.anomalies} == {
        "suspected misuse",
        "stop",
        "sustained change",
    }
    for one, other in zip(found.accounts, at_once.accounts, strict=True):
        assert (one.account_id, one.served_by) == (other.account_id, other.served_by)
        assert one.health.sentence == other.health.sentence
        assert [(each.kind, each.day, each.days) for each in one.suspects] == [
            (each.kind, each.day, each.days) for each in other.suspects
        ]
        for name in ("median", "low80", "high80", "low95", "high95"):
            np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-5, atol=1e-4)


def test_a_sample_teaches_what_holds_for_all_and_each_account_keeps_its_own(
    fleet: UsagePanel, budget: ForecastSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut(monkeypatch, piece=7, sample=30)
    rows = sampled(fleet, seed=1)
    model = fit(fleet, budget, seed=1)

    lessons = backtest(model, fleet, budget, seed=1, timer=lambda: 0.0)
    of_sample = backtest(model, fleet.take(rows), budget, seed=1, timer=lambda: 0.0)

    assert len(rows) == 30
    assert model.to_artifact().digest == fit(fleet.take(rows), budget, seed=1).to_artifact().digest
    assert lessons.totals.factors == of_sample.totals.factors
    assert lessons.changes == of_sample.changes
    assert lessons.evaluation == of_sample.evaluation
    np.testing.assert_array_equal(lessons.bands.factors, of_sample.bands.factors)
    np.testing.assert_array_equal(lessons.widths[rows], of_sample.widths)
    assert len(np.unique(lessons.widths)) > 40


def test_a_contest_asks_no_more_than_the_sample(
    fleet: UsagePanel, budget: ForecastSettings, model: ForecastModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut(monkeypatch, piece=7, sample=30)
    other = fit(fleet, budget, seed=2)

    found = contest(model, other, fleet, budget, seed=1)

    assert found == contest(model, other, fleet.take(sampled(fleet, seed=1)), budget, seed=1)
    assert found != contest(model, other, fleet, budget, seed=2)


def test_of_many_accounts_some_that_were_measured_are_drawn_by_the_seed(
    fleet: UsagePanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut(monkeypatch, piece=7, sample=30)
    measured = np.isfinite(fleet.values).any(axis=1)

    rows = sampled(fleet, seed=1)

    assert len(np.unique(rows)) == 30
    assert measured[rows].all()
    assert rows.tolist() == sampled(fleet, seed=1).tolist() != sampled(fleet, seed=2).tolist()
    cut(monkeypatch, piece=7, sample=55)
    assert sampled(fleet, seed=1).tolist() == np.flatnonzero(measured).tolist()
    cut(monkeypatch, piece=7, sample=ACCOUNTS)
    assert sampled(fleet, seed=1).tolist() == list(range(ACCOUNTS))


def test_accounts_that_come_change_the_draw_of_no_other(
    fleet: UsagePanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut(monkeypatch, piece=7, sample=30)
    newcomers = fleet.account_ids[10:18]
    known = fleet.take(np.delete(np.arange(ACCOUNTS), slice(10, 18)))

    before, after = ({panel.account_ids[row] for row in sampled(panel, seed=1)} for panel in (known, fleet))

    assert 0 < len(after & set(newcomers)) < len(newcomers)
    assert after - set(newcomers) < before


def test_every_account_is_in_one_piece(fleet: UsagePanel, monkeypatch: pytest.MonkeyPatch) -> None:
    cut(monkeypatch, piece=7, sample=30)

    parts = sample_first(fleet, seed=1)

    assert [len(part) for part in parts] == [30, 7, 7, 7, 7, 2]
    assert sorted(np.concatenate(parts)) == list(range(ACCOUNTS))
    assert np.concatenate(pieces(ACCOUNTS)).tolist() == list(range(ACCOUNTS))


def test_a_function_of_rows_takes_none_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    cut(monkeypatch, piece=7, sample=30)
    values = np.arange(20, dtype=np.float32).reshape(10, 2)

    assert by_row(lambda rows: rows.sum(axis=1), values).tolist() == values.sum(axis=1).tolist()
    assert by_row(lambda rows: rows.sum(axis=1), values[:0]).tolist() == []
