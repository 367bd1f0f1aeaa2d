"""What reps and experts said in the CRM: feedback on ratings, and expert ratings, with who and when."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

import pyarrow as pa

from integrations.interfaces import Batch, JsonScalar, Watermark
from integrations.sources.fact_rows import INSTANT, Row, fact_table
from integrations.sources.identity import record_id
from integrations.sources.overlap import Overlap, read_cursors, write_cursors
from integrations.sources.soql import Record, SoqlClient, instant, literal, refusals_as_setup, select
from integrations.sources.values import LONGEST_TEXT, clean

_TEXT = pa.string()
_EVENT = [
    pa.field("event_id", _TEXT, nullable=False),
    pa.field("account_id", _TEXT, nullable=False),
]
FEEDBACK = pa.schema(
    [
        *_EVENT,
        pa.field("value", _TEXT, nullable=False),
        pa.field("note", _TEXT),
        pa.field("by", _TEXT),
        pa.field("at", INSTANT, nullable=False),
        pa.field("shown_rating", _TEXT),
        pa.field("shown_score", pa.float64()),
    ]
)
EXPERT_RATINGS = pa.schema(
    [
        *_EVENT,
        pa.field("level", _TEXT, nullable=False),
        pa.field("by", _TEXT),
        pa.field("at", INSTANT, nullable=False),
    ]
)


@dataclass(frozen=True)
class FeedbackSettings:
    """Which fields of the account hold what; an empty name for what there is not.

    ratings: the org's word for a rating to ours; one that is not named is ours already.
    lag: a record may show so late after its SystemModstamp (long transactions); newer ones wait.
    overlap: how far before the last one fetched is looked again.
    """

    name: str
    account: str = "Account"
    feedback_field: str = "Maturity_Feedback__c"
    note_field: str = "Maturity_Feedback_Note__c"
    rating_field: str = "Maturity_Rating__c"
    score_field: str = "Maturity_Score__c"
    expert_field: str = "Expert_Maturity__c"
    ratings: Mapping[str, str] = field(default_factory=dict)
    history: str = "AccountHistory"
    history_parent: str = "AccountId"
    lag: timedelta = timedelta(minutes=10)
    overlap: timedelta = timedelta(minutes=10)
    batch_rows: int = 200


@dataclass(frozen=True)
class _Said:
    """A value that somebody gave a field."""

    event_id: str
    value: str
    by: str | None
    at: datetime


class CrmFeedback:
    """`feedback` and `expert_ratings`: one event per account, value and instant; clearing is none.

    Who and when come from the field's history. Where that holds nothing of the value (not tracked, or too
    long ago), the record's last change stands in, and the value counts once, however often it is set.
    """

    def __init__(self, settings: FeedbackSettings, client: SoqlClient) -> None:
        """raises: SetupError for a name that is none of Salesforce's."""
        self.name = settings.name
        self._settings, self._client = settings, client
        self._fields = [name for name in (settings.feedback_field, settings.expert_field) if name]
        self._soql(None, None)

    def __repr__(self) -> str:
        return f"CrmFeedback({self.name})"

    def pull(self, since: Watermark) -> Iterator[Batch]:
        """Events on accounts that changed since the watermark, up to the org's own now less the lag."""
        until = self._client.server_now() - self._settings.lag
        overlap: Overlap[Record] = Overlap(
            self._settings.overlap, read_cursors(self.name, since).get("changed")
        )
        with refusals_as_setup(self.name, self._settings.account):
            unseen = overlap.unseen(self._accounts(overlap.start, until))
            while accounts := list(islice(unseen, self._settings.batch_rows)):
                history = self._history([str(account["Id"]) for account in accounts])
                mark = write_cursors({"changed": overlap.cursor()})
                feedback = [row for account in accounts for row in self._feedback(account, history)]
                if feedback:
                    yield Batch("feedback", fact_table(feedback, FEEDBACK), since)
                experts = [row for account in accounts for row in self._experts(account, history)]
                yield Batch("expert_ratings", fact_table(experts, EXPERT_RATINGS), mark)
                since = mark

    def check(self) -> str:
        """Ask for accounts changed from now on, with all fields, and for their history."""
        now = self._client.server_now()
        with refusals_as_setup(self.name, self._settings.account):
            list(self._accounts(now, now))
            self._history(["001000000000000AAA"])
        return f"{', '.join(self._fields)} readable"

    def _accounts(self, start: datetime | None, until: datetime) -> Iterator[tuple[datetime, object, Record]]:
        for account in self._client.query(self._soql(start, until)):
            # An Id would not do: an account may change again within the second in which it was read.
            yield instant(account["SystemModstamp"]), account, account

    def _soql(self, start: datetime | None, until: datetime | None) -> str:
        settings = self._settings
        wanted = (*self._fields, settings.note_field, settings.rating_field, settings.score_field)
        fields = ("Id", "SystemModstamp", "LastModifiedDate", "LastModifiedById", *filter(None, wanted))
        # Empty fields are read too: what was said and taken back since is in the history only.
        where = [f"SystemModstamp >= {literal(start)}"] if start else []
        where += [f"SystemModstamp <= {literal(until)}"] if until else []
        return select(settings.account, fields, where, "SystemModstamp")

    def _history(self, accounts: Sequence[str]) -> Mapping[tuple[str, str], list[Record]]:
        """Changes of the fields, oldest first, by account and field."""
        settings = self._settings
        parent = settings.history_parent
        fields = [literal(name) for name in (*self._fields, settings.rating_field) if name]
        soql = select(
            settings.history,
            ("Id", parent, "Field", "OldValue", "NewValue", "CreatedById", "CreatedDate"),
            (f"{parent} IN ({', '.join(map(literal, accounts))})", f"Field IN ({', '.join(fields)})"),
            "CreatedDate",
        )
        found: dict[tuple[str, str], list[Record]] = {}
        for change in self._client.query(soql):
            found.setdefault((str(change[parent]), str(change["Field"])), []).append(change)
        return found

    def _feedback(self, account: Record, history: Mapping[tuple[str, str], list[Record]]) -> Iterator[Row]:
        settings = self._settings
        ratings = history.get((str(account["Id"]), settings.rating_field), [])
        said = self._said(account, settings.feedback_field, history)
        for each in said:
            later = next((change for change in ratings if instant(change["CreatedDate"]) > each.at), None)
            note = account.get(settings.note_field)
            score = account.get(settings.score_field)
            shown = _text(later["OldValue"] if later else account.get(settings.rating_field))
            yield {
                "event_id": each.event_id,
                "account_id": record_id(str(account["Id"])),
                "value": each.value,
                "note": clean(str(note))[:LONGEST_TEXT] if note and each is said[-1] else None,
                "by": each.by,
                "at": each.at,
                "shown_rating": settings.ratings.get(shown, shown) if shown else None,
                "shown_score": float(score) if score is not None and later is None else None,
            }

    def _experts(self, account: Record, history: Mapping[tuple[str, str], list[Record]]) -> Iterator[Row]:
        for each in self._said(account, self._settings.expert_field, history):
            yield {
                "event_id": each.event_id,
                "account_id": record_id(str(account["Id"])),
                "level": each.value,
                "by": each.by,
                "at": each.at,
            }

    def _said(
        self, account: Record, field: str, history: Mapping[tuple[str, str], list[Record]]
    ) -> list[_Said]:
        """What the field was set to, oldest first."""
        account_id, now = str(account["Id"]), _text(account.get(field))
        found = []
        for change in history.get((account_id, field), []):
            value, at = _text(change["NewValue"]), instant(change["CreatedDate"])
            if value is not None:
                event_id = _event_id(field, account_id, value, at)
                found.append(_Said(event_id, value, _text(change["CreatedById"]), at))
        if now is not None and now not in {each.value for each in found}:
            at = instant(account["LastModifiedDate"])
            by = _text(account["LastModifiedById"])
            found.append(_Said(_event_id(field, account_id, now, None), now, by, at))
        return found


def _event_id(field: str, account: str, value: str, at: datetime | None) -> str:
    said = f"{field}\n{account}\n{value}\n{at.isoformat() if at else 'untracked'}"
    return hashlib.sha256(said.encode()).hexdigest()


def _text(value: JsonScalar) -> str | None:
    return clean(str(value))[:LONGEST_TEXT] or None if value is not None else None
