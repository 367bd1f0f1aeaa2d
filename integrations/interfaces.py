"""What a source and a sink promise; the types that cross between systems and the daemon."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import pyarrow as pa  # takes longer to load than most commands to run

JsonScalar = str | int | float | bool | None


@dataclass(frozen=True)
class Watermark:
    """How far a source has been landed, in the source's own words.

    value: opaque to everyone but the source that wrote it (JSON text, at most 4,000 characters);
        None before the first batch.
    """

    value: str | None = None


@dataclass(frozen=True)
class Rejected:
    """One row that could not be read, and why. It costs itself and nothing else.

    row: where to find it, in words an admin knows ("line 17 of usage.csv", "Account 001...").
    reason: what is wrong with it, without personal data.
    digest: SHA-256 of the raw row, so that the same bad row is quarantined once.
    """

    row: str
    reason: str
    digest: str


@dataclass(frozen=True)
class Batch:
    """Rows of one fact, landed together with the watermark that covers them.

    fact: name of the fact table (`usage_daily`, `emails`, ...).
    rows: the fact's own columns and, on every fact, `identity`, `fallback_identity` (nullable),
        `event_at` and `known_at` (timestamps in UTC; `known_at` is null where the source has no
        publish time of its own: the lake then decides it).
    rejected: rows left out of `rows`.
    watermark: how far the source is landed once this batch is. Batches of one pull come in an
        order in which every prefix may be kept: a watermark never covers rows of a later batch.
    """

    fact: str
    rows: "pa.Table"
    watermark: Watermark
    rejected: tuple[Rejected, ...] = ()


class Source(Protocol):
    """Something that facts are pulled from.

    name: the source's name in config.toml, logs and the state.
    """

    name: str

    def pull(self, since: Watermark) -> Iterator[Batch]:
        """Yield what is new since the watermark, oldest first, in batches of bounded size.

        Pulling twice from one watermark yields the same rows (or newer versions of them), pulling
        from a batch's watermark yields what came after it. Nothing is written anywhere.

        raises: Retryable when the system may answer later; SetupError when an admin must act. A bad
            row raises nothing: it is `rejected`.
        """
        ...

    def check(self) -> str:
        """Look, change nothing, and say in a line what was found ("3 columns, 812 rows").

        raises: Retryable, SetupError as `pull`.
        """
        ...


@dataclass(frozen=True)
class OutgoingChange:
    """Field values for one CRM record, as the outbox holds them.

    record: 18-character Id, or the external id's value where `external_id_field` is set (upsert).
    gen: generation; a record takes changes in the order of their generations only.
    """

    object: str
    record: str
    gen: int
    values: Mapping[str, JsonScalar]
    external_id_field: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of one change.

    result: `acked` (the CRM said so for this very record, or a read-back shows the values),
        `retry` (refused for now), `parked` (refused until somebody acts), `superseded` (the CRM
        holds a newer generation) or `unknown` (the answer was lost: read back before anything else).
    code, reason: the CRM's own error code and words; empty when acked.
    """

    change: OutgoingChange
    result: str
    code: str = ""
    reason: str = ""


class Sink(Protocol):
    """Something that changes are pushed to."""

    def push(self, changes: list[OutgoingChange]) -> Iterator[list[Outcome]]:
        """Send, and yield one list of outcomes per request as soon as its answer is known.

        Every change gets exactly one outcome, a lost answer included (`unknown`).

        raises: Retryable, SetupError where nothing more can be sent; what was yielded stands.
        """
        ...

    def read_back(self, changes: list[OutgoingChange]) -> list[Outcome]:
        """Compare with what the CRM holds: `acked` where equal, `superseded` where newer, else `retry`."""
        ...


class AlertChannel(Protocol):
    """Somewhere that alerts are sent to.

    name: the channel's name in config.toml.
    """

    name: str

    def send(self, alert: "AlertMessage") -> None:
        """Deliver one alert.

        raises: Retryable when it may be accepted later; SetupError when it never will.
        """
        ...


@dataclass(frozen=True)
class AlertMessage:
    """An alert in words, as it leaves the program.

    fingerprint: same cause, same fingerprint; receivers use it to group and resolve.
    severity: `info`, `warning` or `critical`. status: `open` or `resolved`.
    """

    fingerprint: str
    status: str
    severity: str
    title: str
    what: str
    cause: str
    held_back: str
    to_do: str
    since: datetime
