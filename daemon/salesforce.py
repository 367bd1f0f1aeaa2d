"""The org that config.toml names: connected once per process and user, with its mapping of outputs."""

from dataclasses import dataclass
from functools import lru_cache

from daemon.clock import Clock
from daemon.config import Config
from daemon.config.salesforce import ClientTable
from integrations.salesforce.client import SalesforceClient
from integrations.salesforce.client import connect as connect_salesforce
from integrations.salesforce.login import ConnectionSettings
from integrations.salesforce.mapping import OutputMapping, field_mapping, output_mapping
from integrations.salesforce.pusher import CollectionsPusher, account_pusher


@dataclass(frozen=True)
class Org:
    """The Salesforce org as the sync user sees it."""

    client: SalesforceClient
    mapping: OutputMapping

    @property
    def pusher(self) -> CollectionsPusher:
        """The sink of this org's changes."""
        return account_pusher(self.client, self.mapping.of("gen").field)


def org_of(config: Config, clock: Clock) -> Org:
    """The org, as the sync user. Logs in.

    raises: SetupError, Retryable.
    """
    return Org(_connected(config, clock, config.salesforce), mapping_of(config))


def admin_of(config: Config, clock: Clock) -> SalesforceClient:
    """The org, as its admin: for `org` commands only.

    raises: SetupError, Retryable.
    """
    return _connected(config, clock, config.salesforce.admin or config.salesforce)


def mapping_of(config: Config) -> OutputMapping:
    """Which output goes to which field: the defaults, overlaid with [[salesforce.fields]].

    raises: SetupError for an output that does not exist.
    """
    return output_mapping(
        field_mapping(each.output, each.field, each.object, each.values, each.empty, each.push)
        for each in config.salesforce.fields
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
        client_secret=config.secret(login.client_secret) if login.client_secret else "",
        username=login.username or "",
        private_key=config.secret(login.private_key) if login.private_key else "",
        instance_url=str(table.instance_url).rstrip("/"),
        api_version=table.api_version,
        ca_bundle=str(config.path(table.ca_file)) if table.ca_file else None,
        org_id=table.org_id,
        api_share=table.api_share,
        timeout_s=table.timeout_s,
    )
    return _connection(settings, clock)
