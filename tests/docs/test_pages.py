"""What pages refer to is there: other pages, files of the project, commands, keys of config.toml."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.main import get_command

from daemon.cli import commands
from tests.docs.pages import DOCS

ROOT = DOCS.parent
PAGES = [path for path in (*sorted(DOCS.rglob("*.md")), *sorted(ROOT.glob("*.md"))) if path.is_file()]
FILE = re.compile(r"`((?:daemon|integrations|models|demo|tests|queries|scripts|docs)/[\w./]+)`")


def names(command: object, before: str = "") -> Iterator[str]:
    """`org plan` and its like."""
    below = getattr(command, "commands", {})
    if not below:
        yield before
    for name, each in below.items():
        yield from names(each, f"{before} {name}".strip())


COMMANDS = set(names(get_command(commands())))


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_and_files_are_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)[^)]*\)", text) if "://" not in link]
    files = [file for file in FILE.findall(text) if not file.endswith(".")]

    assert [link for link in links if not (page.parent / link).exists()] == []
    assert [file for file in files if not (ROOT / file).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_that_a_page_names_exist(page: Path) -> None:
    named = re.findall(r"`maturityd ([a-z]+(?: [a-z]+)?)", page.read_text(encoding="utf-8"))
    groups = {command.split()[0] for command in COMMANDS if " " in command}

    assert [name for name in named if name not in COMMANDS | groups and name.split()[0] not in COMMANDS] == []
