"""The tables of the state: grain, columns, units."""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """An aware UTC timestamp; SQLite, which has no such type, keeps it without its zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"an instant needs a time zone: {value!r}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Identifier = BigInteger().with_variant(Integer, "sqlite")
"""An automatic key; SQLite counts only in a column declared INTEGER."""

# --- the schedule -----------------------------------------------------------------------------------

runs = Table(
    "runs",
    metadata,
    Column(
        "id", Identifier, primary_key=True, autoincrement=True, comment="also the generation of its changes"
    ),
    Column("slot", String(32), nullable=False, unique=True, comment="local due time, 2026-11-23T06:30"),
    Column("due_at", Instant, nullable=False),
    Column("state", String(16), nullable=False, comment="claimed, done, failed or skipped"),
    Column("reason", Text, comment="why it failed or was skipped"),
    Column("epoch", BigInteger, comment="fencing token of the daemon that claimed it last"),
    Column("cut", Instant, comment="what the snapshot speaks for; set when the pull is complete"),
    Column("claimed_at", Instant),
    Column("finished_at", Instant),
    Column("report", JSON(none_as_null=True), comment="the ledger and the results, as status shows them"),
)

steps = Table(
    "steps",
    metadata,
    Column("run_id", ForeignKey("runs.id"), primary_key=True),
    Column("step", String(32), primary_key=True),
    Column("state", String(16), nullable=False, comment="running, done or failed"),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("attempts", Integer, nullable=False),
    Column("rows", BigInteger),
    Column("input_digest", String(64)),
    Column("output_digest", String(64)),
    Column("error", Text),
)

leases = Table(
    "leases",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("holder", String(128), nullable=False),
    Column("epoch", BigInteger, nullable=False, comment="rises with every change of holder"),
    Column("acquired_at", Instant, nullable=False),
)

# --- what was landed --------------------------------------------------------------------------------

watermarks = Table(
    "watermarks",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("value", Text, nullable=False),
    Column("rows", BigInteger, nullable=False, comment="landed since the beginning"),
    Column("updated_at", Instant, nullable=False),
)

pulls = Table(
    "pulls",
    metadata,
    Column("run_id", ForeignKey("runs.id"), primary_key=True),
    Column("source", String(64), primary_key=True),
    Column("state", String(16), nullable=False, comment="done or failed"),
    Column("rows", BigInteger, nullable=False),
    Column("rejected", BigInteger, nullable=False),
    Column("error", Text),
    Column("finished_at", Instant, nullable=False),
)

manifest = Table(
    "manifest",
    metadata,
    Column("id", Identifier, primary_key=True, autoincrement=True),
    Column("source", String(64), nullable=False),
    Column("fact", String(64), nullable=False),
    Column("path", String(512), nullable=False, unique=True, comment="relative to the lake"),
    Column(
        "digest", String(64), nullable=False, comment="SHA-256 of the rows, without when they were landed"
    ),
    Column("rows", BigInteger, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("min_event_at", Instant, nullable=False),
    Column("max_event_at", Instant, nullable=False),
    Column("min_known_at", Instant, nullable=False),
    Column("max_known_at", Instant, nullable=False),
    Column("landed_at", Instant, nullable=False),
    Column("run_id", ForeignKey("runs.id")),
    UniqueConstraint("source", "fact", "digest"),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("id", Identifier, primary_key=True, autoincrement=True),
    Column("source", String(64), nullable=False),
    Column("row", Text, nullable=False, comment="where to find it, in words"),
    Column("reason", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("times", Integer, nullable=False),
    Column("first_seen_at", Instant, nullable=False),
    Column("last_seen_at", Instant, nullable=False),
    Column("resolved_at", Instant),
    UniqueConstraint("source", "digest"),
)

feedback_events = Table(
    "feedback_events",
    metadata,
    Column("event_id", String(128), primary_key=True),
    Column("account_id", String(18), nullable=False),
    Column("value", String(255), nullable=False, comment="as in the CRM; config.toml says what it means"),
    Column("note", Text),
    Column("by_user", String(18)),
    Column("at", Instant, nullable=False),
    Column("shown_rating", String(255)),
    Column("shown_score", Float),
    Column("landed_at", Instant, nullable=False),
    Index(None, "account_id", "at"),
)

expert_ratings = Table(
    "expert_ratings",
    metadata,
    Column("event_id", String(128), primary_key=True),
    Column("account_id", String(18), nullable=False),
    Column("level", String(255), nullable=False, comment="as in the CRM"),
    Column("by_user", String(18)),
    Column("at", Instant, nullable=False),
    Column("landed_at", Instant, nullable=False),
    Index(None, "account_id", "at"),
)

tier_upgrades = Table(
    "tier_upgrades",
    metadata,
    Column("account_id", String(18), primary_key=True),
    Column("at", Instant, primary_key=True),
    Column("previous", String(255), nullable=False),
    Column("tier", String(255), nullable=False, comment="above the previous one in [tiers] order"),
)

merged_accounts = Table(
    "merged_accounts",
    metadata,
    Column("account_id", String(18), primary_key=True),
    Column("survivor", String(18), nullable=False),
)

# --- what was learned -------------------------------------------------------------------------------

snapshots = Table(
    "snapshots",
    metadata,
    Column("id", Identifier, primary_key=True, autoincrement=True),
    Column("as_of", Instant, nullable=False),
    Column(
        "source_digest", String(64), nullable=False, comment="of the catalogue and of the manifest rows read"
    ),
    Column("digest", String(64), nullable=False),
    Column("path", String(512), nullable=False, comment="Parquet, relative to the lake"),
    Column("accounts", Integer, nullable=False),
    Column("built_at", Instant, nullable=False),
    UniqueConstraint("as_of", "source_digest"),
)

artifacts = Table(
    "artifacts",
    metadata,
    Column("digest", String(64), primary_key=True, comment="SHA-256 of the content"),
    Column("content", LargeBinary, nullable=False),
)

model_versions = Table(
    "model_versions",
    metadata,
    Column("version", String(64), primary_key=True),
    Column("task", String(16), nullable=False, comment="maturity or forecast"),
    Column("run_id", ForeignKey("runs.id"), nullable=False),
    Column("artifact", ForeignKey("artifacts.digest"), nullable=False),
    Column("state", String(16), nullable=False, comment="challenger, champion, retired or rejected"),
    Column("reason", Text, comment="of the gate, in a sentence"),
    Column("training_digest", String(64), nullable=False),
    Column("evaluation", JSON, nullable=False, comment="held-out metrics of it and of its baselines"),
    Column("held_out", LargeBinary, comment="held-out predictions, for paired comparison and select"),
    Column("record", JSON(none_as_null=True), comment="what it was trained from, to train it again"),
    Column("decision", JSON(none_as_null=True), comment="the gate's checks with their figures"),
    Column("created_at", Instant, nullable=False),
    Column("live_from", Instant),
    Column("live_until", Instant),
    UniqueConstraint("task", "run_id"),
)

promotions = Table(
    "promotions",
    metadata,
    Column("id", Identifier, primary_key=True, autoincrement=True),
    Column("task", String(16), nullable=False),
    Column("version", ForeignKey("model_versions.version"), nullable=False),
    Column("pinned", Boolean, nullable=False, comment="stays until a challenger is better beyond noise"),
    Column("by", String(128), nullable=False, comment="gate, or who rolled back"),
    Column("reason", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Index(None, "task", "id"),
)

training_sets = Table(
    "training_sets",
    metadata,
    Column("digest", String(64), primary_key=True, comment="of everything the training saw"),
    Column("path", String(512), nullable=False, comment="Parquet, relative to the lake"),
    Column("rows", Integer, nullable=False),
    Column("bytes", BigInteger, nullable=False),
)

held_out_labels = Table(
    "held_out_labels",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("content", LargeBinary, nullable=False, comment="accounts, instants, levels: once for all cells"),
)

grid_cells = Table(
    "grid_cells",
    metadata,
    Column("key", String(64), primary_key=True, comment="of data, parameters, seed and library"),
    Column("cut", Instant, nullable=False),
    Column("training_digest", String(64), nullable=False),
    Column("parameters", JSON, nullable=False),
    Column("metrics", JSON, nullable=False, comment="on held-out labels"),
    Column("seconds", Float, nullable=False),
    Column("labels", ForeignKey("held_out_labels.digest"), nullable=False),
    Column("rating", LargeBinary, nullable=False, comment="int8 per label, by the level cut"),
    Column("probabilities", LargeBinary, nullable=False, comment="uint16 per label and level, p x 65535"),
    Column("finished_at", Instant, nullable=False),
)

forecast_cells = Table(
    "forecast_cells",
    metadata,
    Column("key", String(64), primary_key=True, comment="of data, parameters, seed and library"),
    Column("cut", Instant, nullable=False),
    Column("held_out_days", Integer, nullable=False),
    Column("training_digest", String(64), nullable=False),
    Column("parameters", JSON, nullable=False),
    Column("scores", JSON, nullable=False, comment="by model and class of account"),
    Column("decided", JSON, nullable=False, comment="by decision and kind, by the usual rule"),
    Column("seconds", Float, nullable=False),
    Column("errors", LargeBinary, nullable=False, comment="each account's MASE by each model"),
    Column("falling", LargeBinary, nullable=False, comment="scores, and what came true"),
    Column("anomaly", LargeBinary, nullable=False, comment="scores, and what came true"),
    Column("finished_at", Instant, nullable=False),
    Column("release", String(32), comment="that computed it; null: one of before it was kept"),
)

operating_points = Table(
    "operating_points",
    metadata,
    Column("id", Identifier, primary_key=True, autoincrement=True),
    Column("task", String(16), nullable=False),
    Column("goal", JSON(none_as_null=True), comment="null: back to the level cut"),
    Column("parameters", JSON, nullable=False, comment="that training uses instead of config.toml's"),
    Column("found", JSON(none_as_null=True), comment="the figures it was chosen by"),
    Column("by", String(128), nullable=False),
    Column("reason", Text, nullable=False),
    Column("chosen_at", Instant, nullable=False),
)

profiles = Table(
    "profiles",
    metadata,
    Column("run_id", ForeignKey("runs.id"), primary_key=True),
    Column(
        "kind",
        String(32),
        primary_key=True,
        comment="inputs at an hour, importance, metric, drift, held or release",
    ),
    Column("data", JSON, nullable=False),
)

# --- what was decided -------------------------------------------------------------------------------

predictions = Table(
    "predictions",
    metadata,
    Column("run_id", ForeignKey("runs.id"), primary_key=True),
    Column("account_id", String(18), primary_key=True),
    Column("status", String(20), nullable=False),
    Column("status_reason", Text, nullable=False),
    Column("data_as_of", Instant, nullable=False),
    Column("model_version", ForeignKey("model_versions.version"), comment="null where nothing is scored"),
    Column("rating", String(16), nullable=False, comment="low, medium, high or unknown"),
    Column("close_to", String(16), comment="the level next to it that the evidence also allows"),
    Column("score", Float, comment="0..100"),
    Column("p_low", Float),
    Column("p_medium", Float),
    Column("p_high", Float),
    Column("attributions", LargeBinary, comment="float32, in the model's order of features, score points"),
    Column("start", Float, comment="score points that the attributions start from"),
    Column("reasons", JSON(none_as_null=True), comment="list of reasons, strongest first"),
    Column("reasons_rich", Text, comment="the reasons as rich text"),
    Column("reasons_plain", Text, comment="the reasons as plain text"),
    Column("summary", Text, comment="rating, score and the strongest reasons in a line"),
    Column("shift", Text, comment="what changed since the last score, in a sentence"),
    Column("tier", String(255), comment="the subscription as of the cut"),
    Column("upsell", String(16), comment="none, low, medium or high; set by the plan"),
    Column("upsell_reason", Text),
    Column("suggested_tier", String(255)),
)

forecasts = Table(
    "forecasts",
    metadata,
    Column("run_id", ForeignKey("runs.id"), primary_key=True),
    Column("account_id", String(18), primary_key=True),
    Column("served_by", String(32), nullable=False),
    Column("model_version", ForeignKey("model_versions.version")),
    Column("start", Date, nullable=False, comment="first day of the forecast"),
    Column("total_30d", Float),
    Column("total_60d", Float),
    Column("total_90d", Float),
    Column("health", String(16), nullable=False),
    Column("sentence", Text, nullable=False),
    Column("anomalies", JSON, nullable=False),
    Column("series", JSON, nullable=False, comment="actual, median, low80, high80, low95, high95 per day"),
    Column("fall_score", Float, comment="null: the forecast tells no trend"),
    Column("anomaly_score", Float, comment="of the rarest suspect; null: there is none"),
)

anomalies = Table(
    "anomalies",
    metadata,
    Column("id", Identifier, primary_key=True, autoincrement=True),
    Column("account_id", String(18), nullable=False),
    Column(
        "kind",
        String(32),
        nullable=False,
        comment="spike, drop, sustained change, stop or suspected misuse",
    ),
    Column("day", Date, nullable=False, comment="its first; may move a little"),
    Column("days", Integer, nullable=False),
    Column("size", Float, nullable=False, comment="actual / expected - 1"),
    Column("chance", Float, nullable=False, comment="on a day like any other; 0 = not judged by chance"),
    Column("value", Float, nullable=False, comment="events of its first day: corrections show in it"),
    Column("borne_out", Boolean, nullable=False, comment="by change points, or by three silent days"),
    Column("status", String(16), nullable=False, comment="open, confirmed or recovered"),
    Column("back", Date, comment="first day of usual usage again"),
    Column("withdrawn", Boolean, nullable=False, comment="the data were corrected; recovered, then"),
    Column("sentence", Text, nullable=False),
    Column("run_id", ForeignKey("runs.id"), nullable=False, comment="that found it"),
    Column("opened_at", Instant, nullable=False),
    Column("confirmed_at", Instant),
    Column("recovered_at", Instant),
    Column("notice", String(16), comment="of the customer: due, queued or lapsed; null: none is wanted"),
    Column("notice_key", String(80), comment="of its task, once it is queued"),
    Column(
        "letter", JSON(none_as_null=True), comment="to the customer: subject, text; null: nothing to tell"
    ),
    Index(None, "account_id", "day"),
    Index(None, "status"),
)

# --- what was sent ----------------------------------------------------------------------------------

outbox = Table(
    "outbox",
    metadata,
    Column("id", Identifier, primary_key=True, autoincrement=True),
    Column("object", String(80), nullable=False),
    Column("record", String(255), nullable=False, comment="Id, or the external id's value"),
    Column("external_id_field", String(80)),
    Column("account_id", String(18), nullable=False),
    Column("gen", BigInteger, nullable=False),
    Column("values", JSON, nullable=False, comment="field to value, as sent"),
    Column(
        "state",
        String(16),
        nullable=False,
        comment="pending, in_flight, acked, retry, unknown, parked, superseded",
    ),
    Column("attempts", Integer, nullable=False),
    Column("next_try_at", Instant),
    Column("code", String(80), comment="Salesforce's own error code"),
    Column("reason", Text, comment="Salesforce's own words"),
    Column("epoch", BigInteger),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    UniqueConstraint("object", "record", "gen"),
    Index(None, "state"),
)

acked = Table(
    "acked",
    metadata,
    Column("object", String(80), primary_key=True),
    Column("record", String(255), primary_key=True),
    Column("gen", BigInteger, nullable=False),
    Column("values", JSON, nullable=False, comment="every field value last acknowledged"),
    Column("at", Instant, nullable=False),
)

# --- what was said ----------------------------------------------------------------------------------

alerts = Table(
    "alerts",
    metadata,
    Column("id", Identifier, primary_key=True, autoincrement=True),
    Column("scope", String(32), nullable=False, comment="the check that found it, and that may resolve it"),
    Column("fingerprint", String(64), nullable=False),
    Column("status", String(16), nullable=False, comment="open or resolved"),
    Column("severity", String(16), nullable=False),
    Column("title", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("held_back", Text, nullable=False),
    Column("to_do", Text, nullable=False),
    Column("run_id", ForeignKey("runs.id")),
    Column("times", Integer, nullable=False),
    Column("since", Instant, nullable=False),
    Column("last_seen_at", Instant, nullable=False),
    Column("resolved_at", Instant),
    Index(None, "fingerprint", "status"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("alert_id", ForeignKey("alerts.id"), primary_key=True),
    Column("channel", String(64), primary_key=True),
    Column(
        "status", String(16), primary_key=True, comment="the alert's status that is told: open or resolved"
    ),
    Column("sent", Boolean, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("error", Text),
    Column("updated_at", Instant, nullable=False),
)
