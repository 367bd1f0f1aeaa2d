"""Reps at the record page: they log in, look at an account, and set their feedback, as a browser does."""

import re
from collections.abc import Iterable
from pathlib import Path

import requests

from demo.world import Feedback

TOKEN = re.compile(r'name="csrf" value="([^"]+)"')


class RepSession:
    """One rep, logged in."""

    def __init__(self, url: str, ca_file: Path, username: str, password: str) -> None:
        """raises: RuntimeError where the page does not let the rep in."""
        self._url = url
        self._http = requests.Session()
        self._http.verify = str(ca_file)
        self._http.trust_env = False  # REQUESTS_CA_BUNDLE would win over verify
        form = {"username": username, "password": password, "next": "/", "csrf": self._token("/login")}
        answer = self._http.post(f"{url}/login", data=form, timeout=30)
        if answer.status_code != 200 or "/login" in answer.url:
            raise RuntimeError(f"{username} cannot log in at {url}: {answer.status_code}")

    def page(self, account_id: str) -> str:
        """The record page as the rep sees it."""
        answer = self._http.get(self._url + record_path(account_id), timeout=30)
        answer.raise_for_status()
        return answer.text

    def give(self, feedback: Feedback) -> None:
        """Set the feedback on the record page."""
        path = record_path(feedback.account_id)
        form = {"value": feedback.value, "note": feedback.note or "", "csrf": self._token(path)}
        answer = self._http.post(self._url + path.replace("/view", "/feedback"), data=form, timeout=30)
        answer.raise_for_status()

    def _token(self, path: str) -> str:
        found = TOKEN.findall(self._http.get(self._url + path, timeout=30).text)
        if not found:
            raise RuntimeError(f"{self._url}{path} shows no form")
        return str(found[-1])


def record_path(account_id: str) -> str:
    """Where an account's record page is."""
    return f"/lightning/r/Account/{account_id}/view"


def give_all(sessions: dict[str, RepSession], feedback: Iterable[Feedback]) -> int:
    """Every rep sets the feedback on his own accounts; how many were set."""
    count = 0
    for each in feedback:
        sessions[each.rep].give(each)
        count += 1
    return count
