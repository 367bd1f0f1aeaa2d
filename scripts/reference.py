"""Writes docs/reference/ from the program itself: `make reference`. A test fails when a page is stale."""

import inspect
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from typer.main import get_command

from daemon import catalog, config, events
from daemon.cli import commands
from daemon.config.sources import AnySource
from daemon.config.table import Table
from daemon.events import FIELDS
from daemon.exits import Exit
from daemon.lake.facts import FACTS
from daemon.snapshots import features_of
from integrations import events as integration_events

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "reference"
MADE = "Made by `make reference` from the program itself; change the program, not this page.\n"

WIDTH = 100
"""Of the commands' help."""

LONGEST_DEFAULT = 70
"""Characters of a default that stands in a table."""


def table(heads: Sequence[str], rows: Iterator[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |\n" for line in lines)


def cli_page() -> str:
    """Every command as its own --help tells it."""
    parts = (
        f"## {context.command_path}\n\n```\n{context.get_help().rstrip()}\n```\n"
        for context in _contexts(get_command(commands()), "maturityd")
    )
    return "\n".join([f"# Commands\n\n{MADE}\nExit codes: {_exit_codes()}.\n", *parts])


def _exit_codes() -> str:
    return ", ".join(f"{code.value} {code.name.lower().replace('_', ' ')}" for code in Exit)


def _contexts(command: Any, name: str, parent: Any = None) -> Iterator[Any]:
    """The click context of a command and of all below it. (Typer brings its own click, without types.)"""
    command.rich_markup_mode = None  # plain text instead of boxes
    context = command.context_class(command, parent, info_name=name, terminal_width=WIDTH)
    yield context
    for below, each in getattr(command, "commands", {}).items():
        yield from _contexts(each, below, context)


def events_page() -> str:
    """Log events with their fields, and what the fields mean."""
    rows = (
        (f"`{event.value}`", event.says, ", ".join(event.fields))
        for event in (*events.Event, *integration_events.Event)
    )
    fields = ((f"`{name}`", meaning) for name, meaning in FIELDS.items())
    return (
        f"# Log events\n\n{MADE}\n"
        "One JSON line each on stderr, with `event`, `level` and `timestamp` (UTC) beside the fields below;\n"
        "what looks like a secret or an address is blotted out in all of them.\n\n"
        f"{table(('event', 'says', 'fields'), rows)}\n## Fields\n\n{table(('field', 'meaning'), fields)}"
    )


def features_page() -> str:
    """The catalogue for the topics and technologies of the shipped config.toml."""
    shipped = config.load(ROOT / "config.toml")
    catalogue = features_of(shipped)
    reads = {entry.feature.name: entry.reads for entry in catalog.features_entries(shipped)}
    arrows = {1: "▲", -1: "▼", 0: ""}
    parts = [
        f"# Features\n\n{MADE}\n{len(catalogue)} features, with the topics and technologies of config.toml.\n"
        "▲ a higher value is expected to speak for a higher maturity, ▼ against it; the model decides.\n"
        "Values that are not as expected are alerted; all are compared with their own history.\n"
        "What it is computed from is read off its expression; [catalog.md](catalog.md) says where columns "
        "come from,\nand `maturityd catalog` says both for your own config.toml.\n"
    ]
    for family, features in catalogue.families.items():
        rows = (
            (
                f"`{each.name}`",
                each.label,
                each.unit,
                each.meaning,
                str(each.expect or ""),
                ", ".join(f"{fact}.{column}" for fact, column in reads[each.name]),
                arrows[each.direction],
            )
            for each in features
        )
        heads = ("feature", "label", "unit", "meaning", "expected", "computed from", "")
        parts.append(f"## {family.capitalize()}\n\n{table(heads, rows)}")
    return "\n".join(parts)


def catalog_page() -> str:
    """Facts, sources and queries of the shipped config.toml."""
    shipped = config.load(ROOT / "config.toml")
    sources = (
        (
            each.name,
            f"`{each.kind}`",
            each.reads,
            ", ".join(each.facts),
            ", ".join(f"{namespace} by {column}" for namespace, column in each.identity.items()),
            f"{each.max_staleness_h:g} h",
        )
        for each in catalog.sources_of(shipped)
    )
    queries = [
        f"### {each.path}\n\nSource `{each.source}`, fact `{each.fact}`. Parameters: "
        f"{', '.join(f'`:{name}`' for name in each.parameters)}.\n\n```\n{each.documentation}\n```\n"
        for each in catalog.queries_of(shipped)
    ]
    origins = catalog.origins_of(shipped)
    facts = [
        f"### {fact.name}\n\n{fact.about}\n\n"
        + table(
            ("column", "source", "from"),
            ((each.column, each.source, each.place) for each in origins if each.fact == fact.name),
        )
        for fact in FACTS.values()
    ]
    return "\n".join(
        [
            f"# Sources, queries and facts\n\n{MADE}\nOf config.toml as shipped; `maturityd catalog` lists "
            "those of yours, and [features.md](features.md) what becomes of the facts.\n",
            "## Sources\n\n"
            + table(("source", "kind", "reads", "fills", "identity", "stale after"), sources),
            "## Queries\n",
            *queries,
            "## Facts\n",
            *facts,
        ]
    )


def config_page() -> str:
    """Every key of config.toml, from the models that read it."""
    parts = [
        f"# config.toml\n\n{MADE}\nA key without a default must be given. An unknown key is an error, and "
        "`maturityd check`\nnames the nearest known one.\n"
    ]
    for heading, model in _tables():
        schema = model.model_json_schema()
        if schema.get("type") == "object" and "properties" in schema:
            parts.append(f"## {heading}\n\n{_keys(model, schema)}")
        else:
            parts.append(f"## {heading}\n\n{inspect.getdoc(model)}\n")
    return "\n".join(parts)


def _tables() -> Iterator[tuple[str, type[BaseModel]]]:
    """Each table with its heading, in the order of config.toml."""
    for name, field in config.Config.model_fields.items():
        if name == "sources":
            for model in get_args(AnySource):
                yield f"[sources.<name>] of kind {' or '.join(_kinds(model))}", model
        elif name == "alerts":
            yield "[alerts.<name>]", get_args(field.annotation)[1]
        else:
            assert isinstance(field.annotation, type)  # noqa: S101 - a plain model, as all others are
            yield f"[{name}]", field.annotation
            yield from _tables_below(name, field.annotation)


def _tables_below(name: str, model: type[BaseModel]) -> Iterator[tuple[str, type[BaseModel]]]:
    for key, field in model.model_fields.items():
        headings: dict[object, str] = {tuple: f"[[{name}.{key}]]", dict: f"[{name}.{key}.<name>]"}
        heading = headings.get(get_origin(field.annotation), f"[{name}.{key}]")
        yield from ((heading, below) for below in _models_in(field.annotation))


def _models_in(annotation: object) -> list[type[Table]]:
    if isinstance(annotation, type) and issubclass(annotation, Table):
        return [annotation]
    return [found for argument in get_args(annotation) for found in _models_in(argument)]


def _kinds(model: type[BaseModel]) -> tuple[str, ...]:
    return get_args(model.model_fields["kind"].annotation)


def _keys(model: type[BaseModel], schema: Mapping[str, Any]) -> str:
    meanings = meanings_of(model)
    rows = (
        (f"`{name}`", _type(each, schema), _default(name, each, schema), meanings.get(name, ""))
        for name, each in schema["properties"].items()
        if name != "kind"
    )
    return table(("key", "type", "default", "meaning"), rows)


def meanings_of(model: type[BaseModel]) -> dict[str, str]:
    """Key to its meaning, from the `key: meaning` entries of the docstrings of a model and its bases."""
    names = "|".join(model.model_fields)
    entry = re.compile(rf"^({names}): (.*?)(?=^(?:{names}): |\Z)", re.MULTILINE | re.DOTALL)
    found: dict[str, str] = {}
    for each in reversed(model.__mro__):
        for name, meaning in entry.findall(inspect.cleandoc(each.__doc__ or "")):
            found[name] = " ".join(meaning.split())
    return found


def _type(each: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    if "$ref" in each:
        return "table"
    if "anyOf" in each:
        return ", ".join(
            dict.fromkeys(_type(one, schema) for one in each["anyOf"] if one.get("type") != "null")
        )
    if "enum" in each:
        return ", ".join(f"`{value}`" for value in each["enum"])
    if "const" in each:
        return f'`"{each["const"]}"`'
    kind = str(each["type"])
    if kind == "array":
        return f"list of {_type(each['items'], schema)}"
    words = {"object": "table", "string": "text", "integer": "whole number", "boolean": "true or false"}
    return words.get(kind, kind) + _range(each)


def _range(each: Mapping[str, Any]) -> str:
    """Bounds as words."""
    bounds = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
    said = [f"{sign} {each[name]:g}" for name, sign in bounds.items() if name in each]
    return f" {', '.join(said)}" if said else ""


def _default(name: str, each: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    if name in schema.get("required", ()):
        return ""
    value = each.get("default")
    if value is None:
        return "none"
    text = json.dumps(value).replace(':00"', '"') if name == "slots" else json.dumps(value)
    return f"`{text}`" if len(text) <= LONGEST_DEFAULT else "as in config.toml as shipped"


PAGES: Mapping[str, Callable[[], str]] = {
    "cli.md": cli_page,
    "events.md": events_page,
    "features.md": features_page,
    "catalog.md": catalog_page,
    "config.md": config_page,
}


def main() -> None:
    """Write all pages."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
