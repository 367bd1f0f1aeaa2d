"""Record pages: only for those who log in, nothing from data becomes markup, feedback has an author."""

import json
import re
from collections.abc import Iterator

import pytest
import requests

from integrations.localorg import Address, FieldDef, LocalOrg, Login, StandardOrg
from integrations.localorg.pages.svg import forecast_plot, read_forecast
from integrations.localorg.pages.words import coloured
from integrations.localorg.standard import text

HOSTILE = '<script>alert("1")</script>'
DATA = {
    "start": "2026-01-01",
    "actual": [100.0, None, 120.0, *[110.0] * 40],
    "median": [111] * 90,
    "low": [90] * 90,
    "high": [130] * 90,
    "anomalies": [{"day": "2026-01-03", "kind": HOSTILE, "size": 2}],
}


@pytest.fixture
def record_id(org: LocalOrg, people: StandardOrg) -> str:
    values = ("Rating right", "Rating too low")
    for field in (
        FieldDef("Maturity_Feedback__c", "Picklist", "Maturity Feedback", length=255, values=values,
                 restricted=True,
                 tracked=True),
        text("Maturity_Feedback_Note__c", "Note", 255),
        text("Maturity_Summary__c", "Summary", 255),
        FieldDef("Maturity_Reasons__c", "Html", "Reasons", length=32768),
        FieldDef("Usage_Forecast_Data__c", "LongTextArea", "Data", length=32768),
        FieldDef("Maturity_Data_As_Of__c", "DateTime", "As of"),
    ):  # fmt: skip
        org.define_field("Account", field)
    row = {
        "Name": HOSTILE, "Maturity_Summary__c": HOSTILE, "Usage_Forecast_Data__c": json.dumps(DATA),
        "Maturity_Reasons__c": f'<p><span style="color: rgb(0, 128, 0);">▲ {HOSTILE} good</span></p>',
        "Maturity_Data_As_Of__c": "2026-03-02T06:00:00Z",
    }  # fmt: skip
    return org.load("Account", [row])[0]


class Browser:
    """A rep's browser, in so far as it keeps cookies and forms."""

    def __init__(self, address: Address) -> None:
        self.url = address.url
        self.session = requests.Session()
        self.session.verify = str(address.ca_file)
        self.session.trust_env = False

    def get(self, path: str) -> requests.Response:
        return self.session.get(self.url + path, timeout=10)

    def send(self, path: str, **form: str) -> requests.Response:
        return self.session.post(self.url + path, data=form, timeout=10)

    def log_in(self, login: Login, password: str | None = None) -> requests.Response:
        csrf = token(self.get("/login"))
        return self.send("/login", csrf=csrf, username=login.username, password=password or login.secret)


def token(page: requests.Response) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert found
    return found[1]


@pytest.fixture
def browser(address: Address) -> Iterator[Browser]:
    made = Browser(address)
    yield made
    made.session.close()


def view(record_id: str) -> str:
    return f"/lightning/r/Account/{record_id}/view"


def test_without_a_log_in_there_is_only_the_log_in(browser: Browser, record_id: str) -> None:
    for path in ("/", "/lightning/o/Account/list", view(record_id)):
        assert browser.get(path).url.startswith(f"{browser.url}/login?next=")


def test_a_wrong_password_is_refused(browser: Browser, people: StandardOrg) -> None:
    assert browser.log_in(people.reps[0], "wrong").status_code == 401
    assert "/login" in browser.get("/").url


def test_the_page_shows_the_account_and_escapes_all_of_it(
    browser: Browser, people: StandardOrg, record_id: str
) -> None:
    browser.log_in(people.reps[0])
    page = browser.get(view(record_id))
    assert page.status_code == 200
    assert "<script" not in page.text
    assert "&lt;script&gt;alert(&#34;1&#34;)&lt;/script&gt;" in page.text
    assert '<span class="up">▲  good</span>' in page.text
    assert "as of 3 hours ago" in page.text
    assert "<svg" in page.text
    assert " style=" not in page.text
    assert page.headers["Content-Security-Policy"].startswith("default-src 'self'")


def test_feedback_is_saved_in_the_name_of_the_rep(
    org: LocalOrg, browser: Browser, people: StandardOrg, record_id: str
) -> None:
    browser.log_in(people.reps[1])
    csrf = token(browser.get(view(record_id)))
    path = f"/lightning/r/Account/{record_id}/feedback"
    saved = browser.send(path, csrf=csrf, value="Rating too low", note="=cmd|'/c calc'!A1")

    assert "Your feedback is saved" in saved.text
    (row,) = org.query(
        "SELECT Maturity_Feedback__c, Maturity_Feedback_Note__c, LastModifiedBy.Name FROM Account"
    )
    assert (row["Maturity_Feedback__c"], row["LastModifiedBy"]["Name"]) == ("Rating too low", "Tomas Novak")  # type: ignore[index]
    assert row["Maturity_Feedback_Note__c"] == "=cmd|'/c calc'!A1"
    (change,) = org.query(
        "SELECT NewValue, CreatedById FROM AccountHistory WHERE Field = 'Maturity_Feedback__c'"
    )
    assert change["CreatedById"] == people.reps[1].user_id


@pytest.mark.parametrize("csrf", ["", "guessed"])
def test_a_form_that_is_not_from_the_page_changes_nothing(
    org: LocalOrg, browser: Browser, people: StandardOrg, record_id: str, csrf: str
) -> None:
    browser.log_in(people.reps[0])
    answer = browser.send(f"/lightning/r/Account/{record_id}/feedback", csrf=csrf, value="Rating right")
    assert answer.status_code == 403
    assert org.query("SELECT Maturity_Feedback__c FROM Account")[0]["Maturity_Feedback__c"] is None


def test_a_value_outside_the_picklist_is_refused_with_the_reason(
    browser: Browser, people: StandardOrg, record_id: str
) -> None:
    browser.log_in(people.reps[0])
    csrf = token(browser.get(view(record_id)))
    answer = browser.send(f"/lightning/r/Account/{record_id}/feedback", csrf=csrf, value="Superb")
    assert answer.status_code == 400
    assert "bad value for restricted picklist field: Superb" in answer.text


def test_the_session_cookie_is_for_this_host_and_for_https_only(
    browser: Browser, people: StandardOrg
) -> None:
    answer = browser.log_in(people.reps[0])
    cookie = answer.history[0].headers["Set-Cookie"]
    assert cookie.startswith("__Host-sid=")
    assert all(word in cookie for word in ("HttpOnly", "Secure", "SameSite=strict", "Path=/"))


def test_the_log_in_leads_nowhere_else(browser: Browser, people: StandardOrg) -> None:
    csrf = token(browser.get("/login"))
    login = people.reps[0]
    answer = browser.send(
        "/login", csrf=csrf, username=login.username, password=login.secret, next="//evil.example"
    )
    assert answer.url.startswith(browser.url)


def test_logging_out_ends_the_session(browser: Browser, people: StandardOrg) -> None:
    browser.log_in(people.reps[0])
    csrf = token(browser.get("/"))
    browser.send("/logout", csrf=csrf)
    assert "/login" in browser.get("/").url


def test_the_search_finds_by_part_of_the_name_and_takes_quotes(
    org: LocalOrg, browser: Browser, people: StandardOrg
) -> None:
    org.load("Account", [{"Name": "O'Neill 100%"}, {"Name": "Acme"}])
    browser.log_in(people.reps[0])
    for search in ("o'n", "100%", "%"):
        page = browser.session.get(
            f"{browser.url}/lightning/o/Account/list", params={"q": search}, timeout=10
        )
        assert "O&#39;Neill" in page.text
        assert "Acme" not in page.text


@pytest.mark.parametrize("text", [None, "", "{", "[]", '{"start": "x"}', json.dumps({**DATA, "low": []})])
def test_a_forecast_that_cannot_be_read_is_none(text: str | None) -> None:
    assert read_forecast(text) is None


def test_the_plot_leaves_a_gap_where_no_day_was_observed() -> None:
    forecast = read_forecast(json.dumps(DATA))
    assert forecast is not None
    drawn = forecast_plot(forecast)
    daily = re.search(r'class="daily" d="([^"]+)"', drawn)
    assert daily is not None
    assert daily[1].count("M") == 2
    assert "<script" not in drawn


def test_rich_text_keeps_green_and_red_as_classes_only() -> None:
    html = '<span style="color: rgb(192, 0, 0);">a</span><font color="#008000">b</font>'
    html += '<i style="font-size: 9px">c</i>'
    assert coloured(html) == '<span class="down">a</span><font class="up">b</font><i>c</i>'
