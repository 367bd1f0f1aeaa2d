"""[sources.<name>]: what facts are pulled from, and how their rows find their account."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from daemon.config.salesforce import ApiName
from daemon.config.table import SecretReference, Table, TimeZone

Namespace = Literal["tenant", "domain", "account"]


StaticValue = Literal["country", "region", "segment", "industry", "tier", "role", "priority"]


class SourceTable(Table):
    """max_staleness_h: how old it may get before ratings are marked stale.

    lag_h: how late it usually shows an event; dates the first load, whose rows say nothing of it.
    """

    turn: ClassVar[int] = 2
    """Sources of a lower turn are pulled first: feedback, then the CRM's records, then the others."""

    max_staleness_h: float = Field(default=48.0, gt=0)
    lag_h: float = Field(default=0.0, ge=0)


class RowsTable(SourceTable):
    """identity: namespace to the column that holds it, at most two, tried in this order.

    columns: our column to the source's; one that is not mapped has our name.
    kinds: the source's kinds of activity to ours.
    timezone: of times that name none.
    """

    identity: dict[Namespace, str] = Field(min_length=1, max_length=2)
    columns: dict[str, str] = Field(default={})
    kinds: dict[str, str] = Field(default={})
    timezone: TimeZone = "UTC"


class SqlTable(RowsTable):
    """url: of the database, as SQLAlchemy writes it.

    password: put into the URL.
    query: SQL file with the bind :since, in the source's timezone where loaded_at names none.
    loaded_at: the query's column that says when a row was written; reading resumes there.
    overlap_minutes: how late a row may show behind rows written after it.
    """

    kind: Literal["sql_usage", "sql_activity"]
    url: str
    password: SecretReference | None = None
    query: str
    loaded_at: str = "loaded_at"
    overlap_minutes: float = Field(default=30.0, ge=0)


class CsvTable(RowsTable):
    """path: a file, or a folder whose *.csv are read in the order of their names.

    date_format: as for strptime, such as "%d.%m.%Y"; without it, ISO 8601.
    decimal: mark of the numbers; the other one may group thousands.
    encoding: without it, a byte order mark, then UTF-8, else Windows-1252.
    """

    kind: Literal["csv_usage", "csv_activity", "csv_firmographics"]
    path: str
    date_format: str | None = None
    decimal: Literal[".", ","] = "."
    encoding: str | None = None


class MaildirTable(SourceTable):
    """path: of the maildir, with the folders cur and new.

    own_domains: mail from there is ours.
    overlap_minutes: how late a file may show behind files that came after it.
    """

    kind: Literal["maildir_email"]
    path: str
    own_domains: tuple[str, ...] = Field(min_length=1)
    overlap_minutes: float = Field(default=10.0, ge=0)


class CrmRecordsTable(SourceTable):
    """The CRM's records, by SOQL.

    account: the object that is an account.
    contact: the object that is a contact.
    case: the object that is a case.
    account_fields: our column to the org's field, over the usual names; "" leaves a column empty. Map
        `created_on` where customers are older than their records, as in a migrated CRM.
    contact_fields: the same for contacts.
    case_fields: the same for cases.
    country_codes: the org's country to its ISO 3166 alpha-2 code, where it holds something else.
    static: what may be taken to have always been as it is now; `role` is of contacts, `priority` of cases.
        The rest is missing in a snapshot of a time before its record was last changed, or first seen.
    overlap_minutes: how late a record may show behind records changed after it.
    """

    turn: ClassVar[int] = 1

    kind: Literal["crm_records"]
    account: ApiName = "Account"
    contact: ApiName = "Contact"
    case: ApiName = "Case"
    account_fields: dict[str, str] = Field(default={})
    contact_fields: dict[str, str] = Field(default={})
    case_fields: dict[str, str] = Field(default={})
    country_codes: dict[str, str] = Field(default={})
    static: tuple[StaticValue, ...] = ()
    overlap_minutes: float = Field(default=10.0, ge=0)


class CrmFeedbackTable(SourceTable):
    """expert_field: where experts rate accounts; "" where there is none.

    lag_minutes: rows of long transactions show late; what is younger waits for the next pull.
    overlap_minutes: how late a record may show behind records changed after it.
    """

    turn: ClassVar[int] = 0

    kind: Literal["crm_feedback"]
    expert_field: ApiName | Literal[""] = "Expert_Maturity__c"
    lag_minutes: float = Field(default=10.0, ge=0)
    overlap_minutes: float = Field(default=10.0, ge=0)


AnySource = SqlTable | CsvTable | MaildirTable | CrmRecordsTable | CrmFeedbackTable

SourceTables = dict[str, Annotated[AnySource, Field(discriminator="kind")]]
