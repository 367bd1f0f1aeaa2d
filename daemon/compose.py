"""Builds from config.toml what the daemon works with: the state, sources, the org, alert channels."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from sqlalchemy import Engine

from daemon.alerts.deliver import Receiver
from daemon.clock import Clock
from daemon.config import Config
from daemon.config.salesforce import ClientTable, FieldTable
from daemon.state.engine import connect
from daemon.state.schema import migrate
from integrations.interfaces import Source
from integrations.notify.webhook import Webhook
from integrations.salesforce.client import SalesforceClient
from integrations.salesforce.client import connect as connect_salesforce
from integrations.salesforce.login import ConnectionSettings
from integrations.salesforce.mapping import FieldMapping, OutputMapping, default_mapping
from integrations.salesforce.pusher import CollectionsPusher, account_pusher
from models.maturity.upsell import OutcomeRule, UpsellSettings


def open_state(config: Config) -> Engine:
    """The state, its tables brought to this program's version."""
    engine = connect(config.url(config.state.url))
    migrate(engine)
    return engine


@dataclass(frozen=True)
class Feed:
    """A configured source, built when its turn comes. lag: how late it usually shows an event."""

    name: str
    open: Callable[[], Source]
    lag: timedelta


def feeds(config: Config, clock: Clock) -> list[Feed]:
    """Every configured source in the order it is pulled: what the CRM says first, feedback before all."""
    tables = sorted(config.sources.items(), key=lambda item: item[1].turn)
    return [
        Feed(
            name,
            lambda name=name, table=table: table.build(name, config, clock),
            timedelta(hours=table.lag_h),
        )
        for name, table in tables
    ]


@dataclass(frozen=True)
class Org:
    """The Salesforce org as the sync user sees it."""

    client: SalesforceClient
    mapping: OutputMapping

    @property
    def pusher(self) -> CollectionsPusher:
        """The sink of this org's changes."""
        return account_pusher(self.client, self.mapping.of("gen").field)


def salesforce(config: Config, clock: Clock) -> Org:
    """The org, as the sync user. Logs in.

    raises: SetupError, Retryable.
    """
    return Org(_connected(config, clock, config.salesforce), output_mapping(config))


def salesforce_admin(config: Config, clock: Clock) -> SalesforceClient:
    """The org, as its admin: for `org` commands only.

    raises: SetupError, Retryable.
    """
    return _connected(config, clock, config.salesforce.admin or config.salesforce)


def output_mapping(config: Config) -> OutputMapping:
    """Which output goes to which field: the defaults, overlaid with [[salesforce.fields]]."""
    ours = {table.output: table for table in config.salesforce.fields}
    return OutputMapping(
        tuple(_mapped(default, ours.get(default.output)) for default in default_mapping().fields)
    )


def receivers(config: Config) -> list[Receiver]:
    """The configured alert channels."""
    return [
        Receiver(Webhook(name, config.secret(table.url), table.hosts, table.timeout_s), table.min_severity)
        for name, table in config.alerts.items()
    ]


def upsell_settings(config: Config) -> UpsellSettings:
    """Tiers, which rating fits which, and what outcomes do."""
    rules = {
        name: OutcomeRule(table.cool_down_days, table.raise_days)
        for name, table in config.feedback.outcomes.items()
    }
    return UpsellSettings(config.tiers.order, config.tiers.upsell, rules)


def _mapped(default: FieldMapping, table: FieldTable | None) -> FieldMapping:
    if table is None:
        return default
    values = {**default.values, **table.values}
    return FieldMapping(
        default.output,
        table.object,
        table.field,
        default.kind,
        values,
        default.empty,
        table.push and default.push,
    )


@lru_cache(maxsize=4)
def _connection(settings: ConnectionSettings, clock: Clock) -> SalesforceClient:
    return connect_salesforce(settings, clock.now, clock.wait)


def _connected(config: Config, clock: Clock, login: ClientTable) -> SalesforceClient:
    """One connection per process and user: a log-in is a call, and too many lock the user."""
    table = config.salesforce
    settings = ConnectionSettings(
        login_url=str(table.login_url or table.instance_url).rstrip("/"),
        client_id=login.client_id,
        client_secret=config.secret(login.client_secret),
        instance_url=str(table.instance_url).rstrip("/"),
        api_version=table.api_version,
        ca_bundle=str(config.path(table.ca_file)) if table.ca_file else None,
        org_id=table.org_id,
        api_share=table.api_share,
    )
    return _connection(settings, clock)
