"""Account, day and value are found by name and content, or asked for."""

import pytest

from models.errors import TableError
from models.forecast.trial.columns import Found, Roles
from tests.models.forecast.trial.tables import found_in

DAYS = ("2026-03-01", "2026-03-02", "2026-03-03")


def table(head: str, *rows: str) -> str:
    """Rows once for each of three days, which stand where a row has a D."""
    return "\n".join([head, *(row.replace("D", day) for row in rows for day in DAYS)]) + "\n"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (table("date,count,package", "D,5,x", "D,6,y"), Found("package", "date", "count", ())),
        (table("Page,date,value", '"a,b",D,5', '"c,d",D,6'), Found("Page", "date", "value", ())),
        (table("ds,y", "D,5"), Found(None, "ds", "y", ())),
        (table("Date,Number of flights", "D,5.5"), Found(None, "Date", "Number of flights", ())),
        (table("when,a,b", "D,x,5", "D,y,7"), Found("a", "when", "b", ())),
        (table("shop,when,sold", "1,D,5", "2,D,9", "3,D,5"), Found("shop", "when", "sold", ())),
        (
            table("account,technology,day,events,users", "x,git,D,5,2", "x,ci,D,6,2"),
            Found("account", "day", "events", ("technology",)),
        ),
    ],
)
def test_columns_are_found(text: str, found: Found) -> None:
    assert found_in(text) == found


def test_neither_the_hour_nor_the_value_is_an_account() -> None:
    found = found_in(table("day,hour,value", "D,1,5", "D,2,6", "D,3,7"))

    assert (found.account, found.value) == (None, "value")


def test_a_row_number_is_no_value() -> None:
    assert found_in("n,day,sold\n1,2026-03-01,5\n2,2026-03-02,7\n3,2026-03-03,9\n").value == "sold"


def test_what_is_told_goes_before_what_would_be_found() -> None:
    text = table("account,group,day,value,users", "x,p,D,5,2", "y,q,D,6,2")

    found = found_in(text, Roles(account="group", value="users"))

    assert (found.account, found.value) == ("group", "users")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (table("a,b", "1,2"), "t.csv has no column of dates; name it with --date.* It has: a, b"),
        (table("born,died,v", "D,D,5"), r"several columns of dates \(born, died\); name it with --date"),
        (table("day,a,b", "D,5,6"), r"several columns of numbers \(a, b\) .* name the value with --value"),
        (table("day,a", "D,x"), "no column of numbers"),
        (
            table("day,p,q,v", "D,x,x,5", "D,y,x,6", "D,x,y,5", "D,x,x,5"),
            r"several columns could be the account \(p, q\); name it with --account",
        ),
    ],
)
def test_what_cannot_be_told_is_asked_for(text: str, said: str) -> None:
    with pytest.raises(TableError, match=said):
        found_in(text)


def test_a_column_that_is_not_there_is_refused_with_the_nearest() -> None:
    with pytest.raises(TableError, match='no column "packages"; did you mean "package"'):
        found_in(table("date,count,package", "D,5,x"), Roles(account="packages"))
