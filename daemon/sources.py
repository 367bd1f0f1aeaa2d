"""Builds each kind of source from its table of config.toml."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from sqlalchemy import make_url

from daemon.clock import Clock
from daemon.config import Config
from daemon.config.sources import (
    AnySource,
    CrmFeedbackTable,
    CrmRecordsTable,
    CsvTable,
    MaildirTable,
    RowsTable,
    SqlTable,
)
from daemon.salesforce import org_of
from integrations.interfaces import Source
from integrations.salesforce.mapping import OutputMapping
from integrations.sources.crm_feedback import CrmFeedback, FeedbackSettings
from integrations.sources.crm_records import CrmRecords, CrmSettings
from integrations.sources.csv_files import CsvSettings
from integrations.sources.csv_tables import CsvActivity, CsvUsage
from integrations.sources.fact_rows import Columns
from integrations.sources.firmographics import CsvFirmographics
from integrations.sources.maildir import MaildirEmail, MaildirSettings
from integrations.sources.sql import SqlActivity, SqlSettings, SqlUsage

SQL = {"sql_usage": SqlUsage, "sql_activity": SqlActivity}
CSV = {"csv_usage": CsvUsage, "csv_activity": CsvActivity, "csv_firmographics": CsvFirmographics}


@dataclass(frozen=True)
class Feed:
    """A configured source, built when its turn comes. lag: how late it usually shows an event."""

    name: str
    open: Callable[[], Source]
    lag: timedelta


def feeds(config: Config, clock: Clock) -> list[Feed]:
    """Every configured source in the order it is pulled: feedback, the CRM's records, then the others."""
    tables = sorted(config.sources.items(), key=lambda item: item[1].turn)
    return [
        Feed(name, partial(build, name, table, config, clock), timedelta(hours=table.lag_h))
        for name, table in tables
    ]


def build(name: str, table: AnySource, config: Config, clock: Clock) -> Source:
    """The source that a table describes.

    raises: ConfigError for a secret that is not there; SetupError, Retryable where building it connects.
    """
    match table:
        case SqlTable():
            return SQL[table.kind](_sql(name, table, config), clock.now)
        case CsvTable():
            return CSV[table.kind](_csv(name, table, config), clock.now)
        case MaildirTable():
            return MaildirEmail(_maildir(name, table, config), clock.now)
        case CrmRecordsTable():
            return CrmRecords(_records(name, table, config), org_of(config, clock).client)
        case CrmFeedbackTable():
            org = org_of(config, clock)
            return CrmFeedback(_feedback(name, table, org.mapping), org.client)


def _columns(table: RowsTable) -> Columns:
    return Columns({str(namespace): column for namespace, column in table.identity.items()}, table.columns)


def _sql(name: str, table: SqlTable, config: Config) -> SqlSettings:
    url = config.url(table.url, f"sources.{name}.url")
    if table.password is not None:
        url = make_url(url).set(password=config.secret(table.password)).render_as_string(hide_password=False)
    return SqlSettings(
        name=name,
        url=url,
        query=config.path(table.query),
        columns=_columns(table),
        loaded_at=table.loaded_at,
        overlap=timedelta(minutes=table.overlap_minutes),
        timezone=table.timezone,
        kinds=table.kinds,
    )


def _csv(name: str, table: CsvTable, config: Config) -> CsvSettings:
    return CsvSettings(
        name=name,
        path=config.path(table.path),
        columns=_columns(table),
        timezone=table.timezone,
        date_format=table.date_format,
        decimal=table.decimal,
        encoding=table.encoding,
        kinds=table.kinds,
    )


def _maildir(name: str, table: MaildirTable, config: Config) -> MaildirSettings:
    return MaildirSettings(
        name=name,
        path=config.path(table.path),
        own_domains=table.own_domains,
        topics=config.topics.root,
        key=_key(config),
        overlap=timedelta(minutes=table.overlap_minutes),
    )


def _records(name: str, table: CrmRecordsTable, config: Config) -> CrmSettings:
    return CrmSettings(
        name=name,
        key=_key(config),
        account=table.account,
        contact=table.contact,
        case=table.case,
        account_fields=table.account_fields,
        contact_fields=table.contact_fields,
        case_fields=table.case_fields,
        country_codes=table.country_codes,
        overlap=timedelta(minutes=table.overlap_minutes),
    )


def _feedback(name: str, table: CrmFeedbackTable, mapping: OutputMapping) -> FeedbackSettings:
    """Feedback is read from the fields that the mapping gives it, the shown rating in our words again."""
    rating, score = mapping.of("rating"), mapping.of("score")
    return FeedbackSettings(
        name=name,
        account=mapping.of("feedback").object,
        feedback_field=mapping.of("feedback").field,
        note_field=mapping.of("feedback_note").field,
        rating_field=rating.field if rating.push else "",
        score_field=score.field if score.push else "",
        ratings={theirs: ours for ours, theirs in rating.values.items()},
        expert_field=table.expert_field,
        lag=timedelta(minutes=table.lag_minutes),
        overlap=timedelta(minutes=table.overlap_minutes),
    )


def _key(config: Config) -> bytes:
    return config.secret(config.privacy.address_key).encode()
