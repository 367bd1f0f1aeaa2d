"""What the account page shows, read as the user who is logged in: fields that they may not see are absent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from markupsafe import Markup

from integrations.localorg import query
from integrations.localorg.instants import parse_datetime
from integrations.localorg.pages.svg import Forecast, forecast_plot, read_forecast, trend_plot
from integrations.localorg.pages.words import age, coloured, moment
from integrations.localorg.permissions import Access
from integrations.localorg.query import Asker, Record
from integrations.localorg.schema import FieldDef
from integrations.localorg.store import Store

HISTORY_ROWS = 8
LIST_ROWS = 50

_LISTED = (
    "Maturity_Rating__c",
    "Maturity_Score__c",
    "Upsell_Rating__c",
    "Usage_Health__c",
    "Maturity_Status__c",
    "Tier__c",
)


@dataclass(frozen=True)
class Viewer:
    """Who looks, and when."""

    store: Store
    access: Access
    now: datetime

    def query(self, soql: str) -> list[Record]:
        """Records as this user sees them."""
        return query.run(self.store, soql, Asker(self.access, self.now, "62.0")).records

    def sees(self, object_name: str, field_name: str) -> bool:
        """Whether the field is there for this user."""
        target = self.store.objects.get(object_name)
        field = target.fields.get(field_name) if target else None
        return target is not None and field is not None and self.access.sees(target, field)

    def field(self, object_name: str, field_name: str) -> FieldDef:
        """The field's definition."""
        return self.store.objects[object_name].fields[field_name]


@dataclass(frozen=True)
class Change:
    """A line of the field history."""

    field: str
    old: str
    new: str
    by: str
    when: str
    age: str


@dataclass(frozen=True)
class Feedback:
    """What reps may say, and what was said last."""

    values: tuple[str, ...]
    value: str
    note: str
    editable: bool
    last: Change | None


@dataclass(frozen=True)
class AccountPage:
    """Everything on the page. values: plain field values by name, empty text where there is none."""

    record_id: str
    values: Mapping[str, str]
    owner: str
    reasons: Markup
    forecast: Forecast | None
    plot: Markup | None
    trend: Markup | None
    history: tuple[Change, ...]
    feedback: Feedback | None
    as_of: str
    age: str


def listed(viewer: Viewer, search: str) -> list[Record]:
    """Accounts whose name holds the words, the most promising first."""
    fields = [name for name in _LISTED if viewer.sees("Account", name)]
    pattern = search.replace("\\", "\\\\").replace("'", "\\'").replace("%", "\\%").replace("_", "\\_")
    where = f"WHERE Name LIKE '%{pattern}%'" if search else ""
    order = "Maturity_Score__c DESC NULLS LAST, Name" if "Maturity_Score__c" in fields else "Name"
    columns = ", ".join(("Id", "Name", "Owner.Name", "BillingCountry", *fields))
    return viewer.query(f"SELECT {columns} FROM Account {where} ORDER BY {order} LIMIT {LIST_ROWS}")  # noqa: S608 escaped above


def account_page(viewer: Viewer, record_id: str) -> AccountPage | None:
    """The page of an account; None where the user sees no such account."""
    names = [
        field.name
        for field in viewer.store.objects["Account"].fields.values()
        if viewer.access.sees(viewer.store.objects["Account"], field)
    ]
    found = viewer.query(f"SELECT {', '.join(names)}, Owner.Name FROM Account WHERE Id = '{record_id}'")  # noqa: S608 a checked id
    if not found:
        return None
    record = found[0]
    history = _history(viewer, record_id)
    forecast = read_forecast(record.get("Usage_Forecast_Data__c"))
    as_of = record.get("Maturity_Data_As_Of__c")
    return AccountPage(
        record_id=record_id,
        values={name: _plain(record.get(name)) for name in names},
        owner=_name(record.get("Owner")),
        reasons=coloured(record.get("Maturity_Reasons__c")),
        forecast=forecast,
        plot=forecast_plot(forecast) if forecast else None,
        trend=_trend(viewer, record_id),
        history=tuple(history[:HISTORY_ROWS]),
        feedback=_feedback(viewer, record, history),
        as_of=moment(as_of),
        age=age(as_of, viewer.now),
    )


def _plain(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"
    return "" if value is None else str(value)


def _name(related: object) -> str:
    return str(related["Name"]) if isinstance(related, dict) else ""


def _history(viewer: Viewer, record_id: str) -> list[Change]:
    if "AccountHistory" not in viewer.store.objects:
        return []
    rows = viewer.query(
        "SELECT Field, OldValue, NewValue, DataType, CreatedDate, CreatedBy.Name FROM AccountHistory "  # noqa: S608 a checked id
        f"WHERE AccountId = '{record_id}' AND Field != 'created' AND DataType != 'EntityId' "
        "ORDER BY CreatedDate DESC, Id DESC LIMIT 200"
    )
    shown = [row for row in rows if _known(viewer, str(row["Field"]))]
    return [
        Change(
            _label(viewer, str(row["Field"])),
            _plain(row["OldValue"]),
            _plain(row["NewValue"]),
            _name(row["CreatedBy"]),
            moment(row["CreatedDate"]),
            age(row["CreatedDate"], viewer.now),
        )
        for row in shown
    ]


def _known(viewer: Viewer, field_name: str) -> bool:
    return (
        viewer.sees("Account", field_name) or viewer.store.objects["Account"].parent(field_name) is not None
    )


def _label(viewer: Viewer, field_name: str) -> str:
    target = viewer.store.objects["Account"]
    field = target.fields.get(field_name)
    return field.label if field else field_name


def _feedback(viewer: Viewer, record: Record, history: list[Change]) -> Feedback | None:
    if not viewer.sees("Account", "Maturity_Feedback__c"):
        return None
    field = viewer.field("Account", "Maturity_Feedback__c")
    target = viewer.store.objects["Account"]
    return Feedback(
        field.values,
        _plain(record.get("Maturity_Feedback__c")),
        _plain(record.get("Maturity_Feedback_Note__c")),
        viewer.access.writes(target, field) and viewer.access.may("Edit", target),
        next((each for each in history if each.field == field.label), None),
    )


def _trend(viewer: Viewer, record_id: str) -> Markup | None:
    needed = ("Score__c", "As_Of__c", "Account__c")
    target = viewer.store.objects.get("Maturity_Score__c")
    if target is None or not viewer.access.may("Read", target):
        return None
    if not all(viewer.sees("Maturity_Score__c", name) for name in needed):
        return None
    rows = viewer.query(
        f"SELECT Score__c, As_Of__c FROM Maturity_Score__c WHERE Account__c = '{record_id}' "  # noqa: S608 a checked id
        "AND Score__c != null AND As_Of__c != null ORDER BY As_Of__c"
    )
    points: list[tuple[date, float]] = [
        (parse_datetime(str(row["As_Of__c"])).date(), float(str(row["Score__c"]))) for row in rows
    ]
    return trend_plot(points) if points else None
