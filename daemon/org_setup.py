"""What the org is to have for this config.toml: fields, rule, permission sets, and who gets them."""

from collections.abc import Iterable, Mapping, Sequence

from daemon.config import Config
from daemon.config.sources import CrmFeedbackTable, CrmRecordsTable
from daemon.salesforce import mapping_of
from integrations.salesforce.notices import with_notices
from integrations.salesforce.schema import SYNC, USER, OrgSpec, org_spec
from integrations.sources.crm_records import ACCOUNT_FIELDS, CASE_FIELDS, CONTACT_FIELDS


def wanted_org(config: Config) -> OrgSpec:
    """Our own fields under the admin's names, and sight of the customer's fields that sources read."""
    spec = org_spec(mapping_of(config).specs(), _custom_fields_read(config))
    return with_notices(spec, config.notices.approved_field) if config.notices.enabled else spec


def assignments(config: Config) -> Mapping[str, Sequence[str]]:
    """Permission set to the usernames that are to have it."""
    table = config.salesforce
    return {
        SYNC: [table.sync_username] if table.sync_username else [],
        USER: list(table.rep_usernames),
    }


def _custom_fields_read(config: Config) -> Mapping[str, Iterable[str]]:
    """Object to the customer's own fields on it that sources read."""
    read: dict[str, set[str]] = {}
    for table in config.sources.values():
        match table:
            case CrmRecordsTable():
                for name, defaults, chosen in (
                    (table.account, ACCOUNT_FIELDS, table.account_fields),
                    (table.contact, CONTACT_FIELDS, table.contact_fields),
                    (table.case, CASE_FIELDS, table.case_fields),
                ):
                    read.setdefault(name, set()).update({**defaults, **chosen}.values())
            case CrmFeedbackTable():
                read.setdefault(mapping_of(config).of("feedback").object, set()).add(table.expert_field)
    return {name: sorted(field for field in fields if field.endswith("__c")) for name, fields in read.items()}
