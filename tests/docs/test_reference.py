"""The reference pages are what the program says of itself, and the program says all of it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from daemon import events
from daemon.config import Config
from daemon.config.table import Table
from integrations import events as integration_events
from integrations.events import LogEvent
from scripts.reference import FOLDER, PAGES, meanings_of
from tests.docs.pages import DOCS

ROOT = DOCS.parent
EVENTS = {each.name: each for each in (*events.Event, *integration_events.Event)}
LEVELS = {"debug", "info", "warning", "error", "critical"}


def logged(package: str) -> Iterator[tuple[str, ast.Call]]:
    """Every call that logs, with its place."""
    for path in sorted((ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in LEVELS
            ):
                logger = ast.unparse(node.func.value)
                if logger == "log" or "get_logger" in logger:
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", node


CALLS = [*logged("daemon"), *logged("integrations")]


def event_of(call: ast.Call) -> LogEvent | None:
    said = call.args[0]
    return EVENTS.get(said.attr) if isinstance(said, ast.Attribute) else None


def models(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for each in model.__subclasses__():
        yield each
        yield from models(each)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_as_the_program_would_write_it_now(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == PAGES[name](), "stale: run `make reference`"


def test_no_other_page_stands_between_them() -> None:
    assert {path.name for path in Path(FOLDER).iterdir()} == set(PAGES)


@pytest.mark.parametrize(("place", "call"), CALLS, ids=[place for place, _ in CALLS])
def test_what_is_logged_is_documented_with_its_fields(place: str, call: ast.Call) -> None:
    event = event_of(call)
    given = {keyword.arg for keyword in call.keywords} - {"exc_info"}

    assert event is not None, f"{place} logs an event that is in no Event enum"
    assert given <= set(event.fields)


def test_every_documented_event_is_logged() -> None:
    assert {event_of(call) for _, call in CALLS} == set(EVENTS.values())


def test_every_field_of_an_event_has_a_meaning_and_every_meaning_a_field() -> None:
    assert {field for event in EVENTS.values() for field in event.fields} == set(events.FIELDS)


@pytest.mark.parametrize("model", sorted(set(models(Table)) - {Config}, key=str))
def test_every_key_of_a_table_has_a_meaning(model: type[BaseModel]) -> None:
    undocumented = set(model.model_fields) - set(meanings_of(model)) - {"kind"}

    assert not undocumented
