"""plan: upsell ratings, then the changes worth sending, queued with their generation in one transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping

from daemon.alerts import book
from daemon.brake import brake
from daemon.config import Config
from daemon.context import Context, Done
from daemon.errors import StepFailed
from daemon.labels import heard_until, newest_outcomes
from daemon.materiality import Materiality
from daemon.notices import notices
from daemon.outputs import KEPT, Output, outputs, top_reasons
from daemon.salesforce import org_of
from daemon.snapshots import open_snapshots
from daemon.state import outbox, runs
from daemon.state.engine import read, write
from daemon.state.outbox import Queued, Standing
from daemon.state.predictions import (
    amend_predictions,
    forecasts_of,
    health_of,
    predictions_of,
    reasons_of,
)
from integrations.errors import Permanent
from integrations.interfaces import JsonScalar, OutgoingChange
from integrations.salesforce.describe import ObjectShape
from integrations.salesforce.history import score_change
from integrations.salesforce.mapping import FieldMapping, MappingProblem, OutputMapping
from integrations.salesforce.quantise import Kind
from integrations.salesforce.schema import ACCOUNT, SCORE
from models.maturity.upsell import OutcomeRule, Rule, Situation, UpsellOutcome, UpsellSettings, rate_upsell

SCORE_RECORD_EVERY = timedelta(days=30)
"""At least so often a score record is written, so that the trend has points where nothing changes."""

RECORDED = ("rating", "upsell", "health")
"""A change of these is worth a score record of its own."""


@dataclass(frozen=True)
class _Before:
    """What was shown before, by account: its fields, its newest score record, and the reasons behind."""

    accounts: Mapping[str, Standing]
    scores: Mapping[str, Standing]
    reasons: Mapping[str, RowMapping]


def run(context: Context) -> Done:
    """Fields and values that the org cannot take are left out and told; the others are pushed."""
    brake(context)
    _rate_upsells(context)
    context.report(0.2, "reading the org's fields")
    mapping, shape = _usable_mapping(context)
    _check_generation(context, mapping, shape)
    with read(context.engine) as connection:
        predictions = predictions_of(connection, context.run.id)
        forecasts = forecasts_of(connection, context.run.id)
        before = _before(connection, predictions)
    planner = _Planner(context, mapping, shape, before)
    queued: list[Queued] = []
    for number, (account, prediction) in enumerate(predictions.items()):
        if number % 200 == 0:
            context.report(0.3 + 0.6 * number / len(predictions), f"{number:,} accounts")
        queued += planner.changes(account, prediction, forecasts.get(account))
    told = notices(context, org_of(context.config, context.clock).client, predictions)
    with write(context.engine) as connection:
        outbox.close_gone(connection, context.run.id, context.clock.now())
        outbox.enqueue(connection, queued, context.clock.now())
        told.keep(connection, context.run.id, context.clock.now())
        book.settle(connection, "values", planner.alerts(), context.run.id, context.clock.now())
    return Done(len(queued) + len(told.queued))


class _Planner:
    """Decides account by account."""

    def __init__(self, context: Context, mapping: OutputMapping, shape: ObjectShape, before: _Before) -> None:
        self._run = context.run
        self._now = context.clock.now()
        self._mapping = mapping
        self._shape = shape
        self._before = before
        self._refused: dict[str, list[str]] = {}
        settings = context.config.maturity
        self._materiality = Materiality(
            {each.output: each.field for each in mapping.fields if each.push},
            settings.material_score_points,
            timedelta(days=settings.refresh_days),
        )

    def changes(self, account: str, prediction: RowMapping, forecast: RowMapping | None) -> list[Queued]:
        """The account's change and its score record, where they are worth it."""
        shown = outputs(prediction, forecast, self._run.id)
        found = []
        values = self._values(account, shown)
        standing = self._before.accounts.get(account)
        reasons_changed = self._reasons_changed(account, prediction)
        if self._materiality.why(values, standing, reasons_changed=reasons_changed, now=self._now):
            # A change carries all that is known of the record, so that a newer one may replace it whole.
            whole = {**(standing.values if standing else {}), **values}
            found.append(Queued(OutgoingChange(ACCOUNT, account, self._run.id, whole), account))
        if prediction["status"] not in KEPT and self._score_record_due(account, shown):
            shown = {**shown, "model_version": prediction["model_version"]}
            found.append(Queued(score_change(account, self._run.slot, self._run.id, shown), account))
        return found

    def alerts(self) -> list[book.Alert]:
        """One for each output of which a field could not hold every value."""
        return [
            _refusal_alert(self._mapping.of(output), refused) for output, refused in self._refused.items()
        ]

    def _values(self, account: str, shown: Mapping[str, Output]) -> dict[str, JsonScalar]:
        """What the fields will hold; a field that cannot hold its value is left as it is."""
        try:
            return self._mapping.convert(shown, self._shape)
        except Permanent:
            values: dict[str, JsonScalar] = {}
        for output, value in shown.items():
            try:
                values |= self._mapping.convert({output: value}, self._shape)
            except Permanent as error:
                self._refused.setdefault(output, []).append(f"{account}: {error}")
        return values

    def _reasons_changed(self, account: str, prediction: RowMapping) -> bool:
        before = self._before.reasons.get(account)
        return before is None or top_reasons(before) != top_reasons(prediction)

    def _score_record_due(self, account: str, shown: Mapping[str, Any]) -> bool:
        last = self._before.scores.get(account)
        if last is None or self._now - last.at >= SCORE_RECORD_EVERY:
            return True
        record = score_change(account, self._run.slot, self._run.id, shown)
        return any(record.values[field] != last.values.get(field) for field in _recorded_fields())


def _recorded_fields() -> Sequence[str]:
    return [f"{output.capitalize()}__c" for output in RECORDED]


def _before(connection: Connection, predictions: Mapping[str, RowMapping]) -> _Before:
    accounts = {
        record: standing
        for record, standing in outbox.standing(connection, ACCOUNT).items()
        if record in predictions
    }
    reasons = reasons_of(connection, {account: standing.gen for account, standing in accounts.items()})
    return _Before(accounts, outbox.newest_children(connection, SCORE), reasons)


def _rate_upsells(context: Context) -> None:
    settings = _upsell_settings(context.config)
    with read(context.engine) as connection:
        predictions = predictions_of(connection, context.run.id)
        health = health_of(connection, context.run.id)
        outcomes = newest_outcomes(heard_until(connection, context.config.feedback, context.cut).outcomes)
    features = _figures(context, {rule.feature for rule in settings.rules if rule.feature})
    rows = []
    for account, prediction in predictions.items():
        outcome = outcomes.get(account)
        situation = Situation(
            rating=_sellable(prediction),
            tier=prediction["tier"],
            health=health.get(account, "unknown"),
            outcome=UpsellOutcome(outcome.value, outcome.at) if outcome else None,
            features={name: values[account] for name, values in features.items()},
        )
        upsell = rate_upsell(situation, context.cut, settings)
        rows.append(
            {
                "account_id": account,
                "upsell": upsell.rating,
                "upsell_reason": upsell.reason,
                "suggested_tier": upsell.tier,
            }
        )
    with write(context.engine) as connection:
        amend_predictions(connection, context.run.id, rows)


def _figures(context: Context, named: Collection[str]) -> dict[str, dict[str, float]]:
    """Features of all accounts, by name and account; the snapshot is opened only where any is asked for."""
    if not named:
        return {}
    with open_snapshots(context) as snapshots:
        frame = snapshots.at(context.cut).frame
    return {name: dict(zip(frame.index, frame[name].to_numpy(float), strict=True)) for name in sorted(named)}


def _sellable(prediction: RowMapping) -> str | None:
    """The rating that an upsell may rest on; a first guess is none."""
    guessed = prediction["status"] == "provisional" or prediction["rating"] == "unknown"
    return None if guessed else str(prediction["rating"])


def _check_generation(context: Context, mapping: OutputMapping, shape: ObjectShape) -> None:
    """The org refuses every generation below the one it holds: a run with such a number sends nothing.

    raises: StepFailed where the run's number is not above; the run has one then that is, and goes on with it.
    """
    if mapping.of("gen").field not in shape.fields:
        return  # told as a problem of the mapping
    ours = context.run.id
    held = org_of(context.config, context.clock).pusher.newest_generation(ACCOUNT)
    if held < ours:
        return
    said = (
        f"the org holds generation {held}, and this run has number {ours}: another state wrote to this org. "
        f"The run goes on as number {held + 1}, later ones count from there, and every account is sent anew. "
        "After a state was moved, restored or lost nothing is to be done; if another maturityd writes to "
        "this org, stop one of the two"
    )
    with write(context.engine) as connection:
        runs.renumber(connection, ours, held, f"plan: {said}", context.clock.now())
        outbox.forget_acked(connection, ACCOUNT)
    raise StepFailed(said)


def _usable_mapping(context: Context) -> tuple[OutputMapping, ObjectShape]:
    org = org_of(context.config, context.clock)
    mapping = org.mapping
    shape = org.client.describe(ACCOUNT)
    problems = mapping.problems(shape)
    unusable = {problem.field for problem in problems}
    with write(context.engine) as connection:
        alerts = [_alert(problem) for problem in problems]
        book.settle(connection, "mapping", alerts, context.run.id, context.clock.now())
    return OutputMapping(tuple(each for each in mapping.fields if each.field not in unusable)), shape


def _alert(problem: MappingProblem) -> book.Alert:
    return book.Alert(
        key=f"{problem.object}.{problem.field}",
        severity="warning",
        title=f"{problem.object}.{problem.field} cannot be written",
        what=str(problem),
        cause="the org's fields or permissions are not what the mapping needs",
        held_back=f"{problem.output} of every account; the other fields are pushed",
        to_do=problem.way_out,
    )


def _refusal_alert(mapped: FieldMapping, refused: Sequence[str]) -> book.Alert:
    picklist = mapped.kind is Kind.PICKLIST
    way_out = "name it in values of that field" if picklist else "raise the field's length in the org"
    return book.Alert(
        key=mapped.output,
        severity="warning",
        title=f"{mapped.object}.{mapped.field} cannot hold every {mapped.output}",
        what=f"{len(refused):,} account(s), such as {refused[0]}",
        cause="the field has room for less than there is to show",
        held_back=f"{mapped.output} of these accounts, the last value stays; their other fields are pushed",
        to_do=f"{way_out}, or map {mapped.output} to another field in [[salesforce.fields]]",
    )


def _upsell_settings(config: Config) -> UpsellSettings:
    """Tiers, which rating fits which, what stands in the way, and what outcomes do."""
    outcomes = {
        str(name): OutcomeRule(table.cool_down_days, table.raise_days)
        for name, table in config.feedback.outcomes.items()
    }
    rules = [
        Rule(each.then, each.because, each.health or "", each.feature or "", each.at_least, each.at_most)
        for each in config.upsell.rules
    ]
    strength = {str(rating): {**row} for rating, row in config.upsell.strength.items()}
    return UpsellSettings(config.tiers.order, config.tiers.upsell, strength, rules, outcomes)
