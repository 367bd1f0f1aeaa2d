"""Every fact: its columns, grain and natural key; and the check that a batch fits.

All facts have `identity` (`account:`, `tenant:`, `domain:` or `contact:` and a value; whose row it is,
resolved when the lake is read), `fallback_identity` (tried where `identity` matches nothing), `event_at`
(when it happened) and `known_at` (when one could know it; null in a batch where the source cannot
say). Landing adds `source`, `landed_at` and `assumed` (whether `known_at` is an assumption).
Several rows with one key are versions of one row: the version known last counts.
"""

from dataclasses import dataclass

import pyarrow as pa

from daemon.errors import LakeError
from integrations.interfaces import Batch

INSTANT = pa.timestamp("us", tz="UTC")
_TEXT, _NUMBER, _COUNT, _TRUTH = pa.string(), pa.float64(), pa.int64(), pa.bool_()

COMMON = (
    pa.field("identity", _TEXT, nullable=False),
    pa.field("fallback_identity", _TEXT),
    pa.field("event_at", INSTANT, nullable=False),
    pa.field("known_at", INSTANT),
)
LANDED = (
    pa.field("source", _TEXT, nullable=False),
    pa.field("landed_at", INSTANT, nullable=False),
    pa.field("assumed", _TRUTH, nullable=False),
)


@dataclass(frozen=True)
class Fact:
    """A fact of the lake.

    key: its natural key. own: columns beside the common ones; those in `needed` are never null.
    """

    name: str
    about: str
    key: tuple[str, ...]
    own: tuple[tuple[str, pa.DataType], ...]
    needed: frozenset[str]

    @property
    def schema(self) -> pa.Schema:
        """The columns of a batch."""
        return pa.schema(
            [*COMMON, *(pa.field(name, kind, name not in self.needed) for name, kind in self.own)]
        )

    @property
    def landed_schema(self) -> pa.Schema:
        """The columns of a landed file."""
        return pa.schema([*self.schema, *LANDED])


def _fact(name: str, about: str, key: str, own: dict[str, pa.DataType], needed: str = "") -> Fact:
    return Fact(name, about, tuple(key.split()), tuple(own.items()), frozenset(needed.split()))


FACTS = {
    fact.name: fact
    for fact in (
        _fact(
            "usage_daily",
            "Use of one technology on one day; happened at the midnight (UTC) after it. Null = not measured.",
            key="identity day technology",
            needed="day technology",
            own={
                "day": pa.date32(), "technology": _TEXT,
                "events": _NUMBER, "users": _NUMBER, "repositories": _NUMBER,
            },
        ),
        _fact(
            "activity",
            "A visit, webinar, event, training, ticket or survey. value: visits, attendees, hours to the"
            " first response of a ticket, satisfaction 1..10 of a survey.",
            key="activity_id",
            needed="activity_id kind",
            own={"activity_id": _TEXT, "kind": _TEXT, "value": _NUMBER},
        ),
        _fact(
            "emails",
            "A mail from (`in`) or to (`out`) a customer. Keys are HMACs of Message-IDs; reply_to is the"
            " key of the mail answered.",
            key="message_key",
            needed="message_key direction",
            own={"message_key": _TEXT, "direction": _TEXT, "reply_to": _TEXT},
        ),
        _fact(
            "email_topics",
            "A topic that a mail's own text mentions; negated counts mentions such as \"we do not need\".",
            key="message_key topic",
            needed="message_key topic mentions negated",
            own={"message_key": _TEXT, "topic": _TEXT, "mentions": _COUNT, "negated": _COUNT},
        ),
        _fact(
            "firmographics",
            "A company as a vendor saw it; happened at the vendor's date.",
            key="identity event_at",
            own={"employees": _NUMBER, "devops_engineers": _NUMBER, "is_public": _TRUTH, "industry": _TEXT},
        ),
        _fact(
            "accounts",
            "An account as the CRM held it from event_at (SystemModstamp) on. merged_into: the account that"
            " took this one's place.",
            key="identity event_at",
            needed="account_id deleted",
            own={
                "account_id": _TEXT, "name": _TEXT, "country": _TEXT, "region": _TEXT, "segment": _TEXT,
                "industry": _TEXT, "tier": _TEXT, "owner_id": _TEXT, "tenant": _TEXT, "domain": _TEXT,
                "created_on": pa.date32(), "deleted": _TRUTH, "merged_into": _TEXT,
            },
        ),
        _fact(
            "tiers",
            "A change of an account's tier, from the CRM's field history. previous: the tier until then.",
            key="identity event_at",
            own={"tier": _TEXT, "previous": _TEXT},
        ),
        _fact(
            "contacts",
            "A person at an account; happened at its creation. address_hmac is the value of the person's"
            " `contact:` identity. A deleted contact has no account.",
            key="contact_id",
            needed="contact_id",
            own={"contact_id": _TEXT, "account_id": _TEXT, "address_hmac": _TEXT, "role": _TEXT},
        ),
        _fact(
            "cases",
            "A support case; happened when it was opened. closed_at: null while open.",
            key="case_id",
            needed="case_id",
            own={"case_id": _TEXT, "closed_at": INSTANT, "priority": _TEXT},
        ),
    )
}  # fmt: skip
"""The facts of the lake by name."""

EVENTS = {
    "feedback": pa.schema(
        [
            pa.field("event_id", _TEXT, nullable=False),
            pa.field("account_id", _TEXT, nullable=False),
            pa.field("value", _TEXT, nullable=False),
            pa.field("note", _TEXT),
            pa.field("by", _TEXT),
            pa.field("at", INSTANT, nullable=False),
            pa.field("shown_rating", _TEXT),
            pa.field("shown_score", _NUMBER),
        ]
    ),
    "expert_ratings": pa.schema(
        [
            pa.field("event_id", _TEXT, nullable=False),
            pa.field("account_id", _TEXT, nullable=False),
            pa.field("level", _TEXT, nullable=False),
            pa.field("by", _TEXT),
            pa.field("at", INSTANT, nullable=False),
        ]
    ),
}
"""Facts that are kept in the state: what people said, one row per event."""


def schema_of(fact: str) -> pa.Schema:
    """The columns of a batch of this fact. raises: LakeError where there is no such fact."""
    if fact in EVENTS:
        return EVENTS[fact]
    if fact in FACTS:
        return FACTS[fact].schema
    raise LakeError(f"there is no fact {fact!r}; there are {', '.join([*FACTS, *EVENTS])}")


def checked(batch: Batch, source: str) -> pa.Table:
    """The batch's rows in the fact's own order of columns.

    raises: LakeError where a column is missing, too many, of another type, or null where it must not be.
    """
    schema = schema_of(batch.fact)
    what = f"{source}: a batch of {batch.fact}"
    missing = [name for name in schema.names if name not in batch.rows.schema.names]
    extra = [name for name in batch.rows.schema.names if name not in schema.names]
    if missing or extra or len(batch.rows.schema.names) != len(schema.names):
        raise LakeError(f"{what} lacks {missing or 'nothing'} and has {extra or 'nothing'} too much")
    rows = batch.rows.select(schema.names)
    for expected in schema:
        column = rows.column(expected.name)
        if column.type != expected.type:
            raise LakeError(f"{what} has {expected.name} as {column.type}, not {expected.type}")
        if not expected.nullable and column.null_count:
            raise LakeError(f"{what} has {column.null_count} rows without {expected.name}")
    return rows.cast(schema)
