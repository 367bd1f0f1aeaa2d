"""What there is to know from: the sources, their queries, and the features with what they come from."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from daemon.config import Config
from daemon.config.sources import (
    AnySource,
    CrmFeedbackTable,
    CrmRecordsTable,
    MaildirTable,
    RowsTable,
    SqlTable,
)
from daemon.errors import ConfigError
from daemon.lake.facts import FACTS
from daemon.lake.reading import unbound
from daemon.snapshots import features_of
from integrations.sources.crm_records import ACCOUNT_FIELDS, CASE_FIELDS, CONTACT_FIELDS, CrmSettings
from models.features.feature import Feature
from models.features.lineage import columns_read

FILLS = {
    "sql_usage": ("usage_daily",),
    "csv_usage": ("usage_daily",),
    "sql_activity": ("activity",),
    "csv_activity": ("activity",),
    "csv_firmographics": ("firmographics",),
    "maildir_email": ("emails", "email_topics"),
    "crm_records": ("accounts", "contacts", "cases", "tiers"),
    "crm_feedback": ("feedback", "expert_ratings"),
}
"""Kind of source -> the facts it fills."""

OF_MAILS = {
    "event_at": "Date",
    "direction": "From",
    "person": "From or To",
    "message_key": "Message-ID",
    "reply_to": "In-Reply-To",
    "topic": "text, by the phrases of [topics]",
    "mentions": "text, by the phrases of [topics]",
    "negated": "text, by the phrases of [topics]",
}
"""Column of `emails` and `email_topics` -> the part of a mail it is from."""


@dataclass(frozen=True)
class SourceEntry:
    """A configured source.

    reads: what it reads, without secrets. query: its SQL file, relative to config.toml.
    identity: namespace to the column that holds it, in the order tried.
    """

    name: str
    kind: str
    reads: str
    facts: tuple[str, ...]
    identity: Mapping[str, str]
    max_staleness_h: float
    lag_h: float
    query: str | None


@dataclass(frozen=True)
class QueryEntry:
    """A query file. about: the first paragraph of its head comment; documentation: all of it."""

    path: str
    source: str
    fact: str
    parameters: tuple[str, ...]
    about: str
    documentation: str


@dataclass(frozen=True)
class Origin:
    """A column of a fact, and where a source has it from.

    place: the foreign column, field or header; the source's own file or object before it.
    """

    fact: str
    column: str
    source: str
    place: str


@dataclass(frozen=True)
class FeatureEntry:
    """A feature and its lineage.

    reads: the columns of facts that decide its value. origins: where the configured sources have these from;
    empty where no source fills the fact, and the feature is missing then.
    """

    feature: Feature
    reads: tuple[tuple[str, str], ...]
    origins: tuple[Origin, ...]


def sources_of(config: Config) -> list[SourceEntry]:
    """The configured sources, in the order they are pulled."""
    tables = sorted(config.sources.items(), key=lambda item: item[1].turn)
    return [
        SourceEntry(
            name=name,
            kind=table.kind,
            reads=_reads(table),
            facts=FILLS[table.kind],
            identity=_identity(table),
            max_staleness_h=table.max_staleness_h,
            lag_h=table.lag_h,
            query=table.query if isinstance(table, SqlTable) else None,
        )
        for name, table in tables
    ]


def queries_of(config: Config) -> list[QueryEntry]:
    """The query files of the configured sources.

    raises: ConfigError where one cannot be read.
    """
    return [
        query_entry(config.path(table.query), table.query, name, FILLS[table.kind][0])
        for name, table in config.sources.items()
        if isinstance(table, SqlTable)
    ]


def query_entry(file: Path, path: str, source: str, fact: str) -> QueryEntry:
    """A query file as its head comment documents it. raises: ConfigError where it cannot be read."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"sources.{source}.query: {file} cannot be read ({error}); give the path of a SQL file, relative "
            "to config.toml"
        ) from error
    head = re.match(r"(?:[ \t]*--.*\n|[ \t]*\n)*", text)
    comment = (
        [line.strip().removeprefix("--").removeprefix(" ") for line in head[0].splitlines()] if head else []
    )
    documentation = "\n".join(comment).strip()
    statement = text[head.end() :] if head else text
    parameters = dict.fromkeys(re.findall(r"(?<![:\w]):([A-Za-z_]\w*)", statement))
    about = " ".join(documentation.split("\n\n")[0].split())
    return QueryEntry(path, source, fact, tuple(parameters), about, documentation)


def features_entries(config: Config) -> list[FeatureEntry]:
    """The catalogue for this configuration, each feature with what it comes from."""
    tables, origins = unbound(), origins_of(config)
    entries = []
    for feature in features_of(config):
        reads = columns_read(feature, tables)
        entries.append(
            FeatureEntry(feature, reads, tuple(each for each in origins if (each.fact, each.column) in reads))
        )
    return entries


def origins_of(config: Config) -> list[Origin]:
    """Every column of a fact that a configured source fills, with where it has it from."""
    return [
        Origin(fact, column, name, place)
        for name, table in config.sources.items()
        for fact in FILLS[table.kind]
        if fact in FACTS
        for column, place in _places(table, fact).items()
    ]


def _places(table: AnySource, fact: str) -> Mapping[str, str]:
    """Our column -> where the source has it from."""
    own = [name for name, _ in FACTS[fact].own]
    match table:
        case RowsTable():
            where = f"{table.query}: " if isinstance(table, SqlTable) else ""
            names = ["event_at", *own] if fact != "usage_daily" else own
            return {name: where + table.columns.get(name, name) for name in names}
        case MaildirTable():
            return {name: place for name, place in OF_MAILS.items() if name in (*own, "event_at", "person")}
        case CrmRecordsTable():
            return _crm_places(table, fact)
        case CrmFeedbackTable():
            return {}


def _crm_places(table: CrmRecordsTable, fact: str) -> Mapping[str, str]:
    """Our column -> the CRM's object and field."""
    match fact:
        case "accounts":
            return _fields(table.account, {**ACCOUNT_FIELDS, **table.account_fields})
        case "contacts":
            fields = {**CONTACT_FIELDS, **table.contact_fields, "contact_id": "Id", "event_at": "CreatedDate"}
            return _fields(table.contact, fields)
        case "cases":
            fields = {**CASE_FIELDS, **table.case_fields, "case_id": "Id", "event_at": "CreatedDate"}
            return _fields(table.case, fields)
    return _fields(CrmSettings.history, {"tier": "NewValue", "event_at": "CreatedDate"})


def _fields(entity: str, fields: Mapping[str, str]) -> Mapping[str, str]:
    return {name: f"{entity}.{field}" for name, field in fields.items() if field}


def _reads(table: AnySource) -> str:
    match table:
        case SqlTable():
            return table.query
        case CrmRecordsTable():
            return ", ".join((table.account, table.contact, table.case, CrmSettings.history))
        case CrmFeedbackTable():
            return "the reps' feedback" + (f", {table.expert_field}" if table.expert_field else "")
    return table.path


def _identity(table: AnySource) -> Mapping[str, str]:
    match table:
        case RowsTable():
            return {str(namespace): column for namespace, column in table.identity.items()}
        case MaildirTable():
            return {"contact": "address", "domain": "address"}
    return {"account": "Id"}
